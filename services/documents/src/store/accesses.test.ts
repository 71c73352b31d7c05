import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { members, person } from '../federation.fixture.js'
import { type MemberParts, openMember } from '../member.fixture.js'
import { record } from '../record.fixture.js'

let member: MemberParts
beforeAll(async () => {
  member = await openMember(members.provider)
})
afterAll(() => member.close())

const add = async (given: Parameters<typeof record>[0]) => {
  const made = record(given)
  await member.exchangeLog.commit({ record: made })
  return made
}

describe('AccessStore', () => {
  it('answers no record of another person', async () => {
    const { record_id, exchange_id } = await add({ subject: person('private') })
    expect(await member.accesses.record(person('other'), record_id)).toBeUndefined()
    expect(await member.accesses.list(person('other'), undefined, 10)).toEqual([])
    expect((await member.accesses.record(person('private'), record_id))?.record.exchange_id).toBe(exchange_id)
  })

  it('answers no exchange that this member did not ask for', async () => {
    const { exchange_id } = await add({ kind: 'release' })
    expect(await member.accesses.exchange(exchange_id)).toBeUndefined()
    expect(await member.accesses.exchange(randomUUID())).toBeUndefined()
  })

  it('throws for a record whose content was moved to another row', async () => {
    const [one, other] = [await add({ subject: person('swapped') }), await add({ subject: person('swapped') })]
    await member.runtime.postgres.query(
      `UPDATE exchange_record SET content = (SELECT content FROM exchange_record WHERE record_id = $1)
       WHERE record_id = $2`,
      [one.record_id, other.record_id],
    )
    await expect(member.accesses.record(person('swapped'), other.record_id)).rejects.toThrow()
  })

  it('joins a request with its receipt, and leaves one without as it is', async () => {
    const subject = person('asking')
    const confirmed = await add({ subject, kind: 'request', outcome: 'sent' })
    const receipt = await add({ subject, kind: 'receipt', exchange_id: confirmed.exchange_id })
    const unconfirmed = await add({ subject, kind: 'request', outcome: 'sent' })
    const [newest, older, ...more] = await member.accesses.list(subject, undefined, 10)
    expect(more).toEqual([])
    expect(newest).toMatchObject({ opening: { record: unconfirmed } })
    expect(newest?.receipt).toBeUndefined()
    expect(older).toMatchObject({ opening: { record: confirmed }, receipt: { record: receipt } })
    expect((await member.accesses.exchange(confirmed.exchange_id))?.receipt?.record).toEqual(receipt)
  })

  it('gives no receipt of ours to a release for which another member chose the same exchange id', async () => {
    const subject = person('same-id')
    const { exchange_id } = await add({ subject, kind: 'request', outcome: 'sent' })
    await add({ subject, kind: 'receipt', exchange_id })
    await add({ subject, kind: 'refusal', exchange_id, outcome: 'refused', counterparty: members.stranger })
    const [refusal, request] = await member.accesses.list(subject, undefined, 10)
    expect(refusal?.opening.record.kind).toBe('refusal')
    expect(refusal?.receipt).toBeUndefined()
    expect(request?.receipt).toBeDefined()
    expect((await member.accesses.exchange(exchange_id))?.opening.record.kind).toBe('request')
  })

  it('pages through all records once while newer ones arrive', async () => {
    const subject = person('paged')
    const made = []
    for (let at = 0; at < 7; at++) made.unshift((await add({ subject })).record_id)
    const seen: string[] = []
    let before: number | undefined
    for (;;) {
      const page = await member.accesses.list(subject, before, 3)
      if (page.length === 0) break
      seen.push(...page.map(({ opening }) => opening.record.record_id))
      before = page.at(-1)?.opening.sequence
      await add({ subject })
    }
    expect(seen).toEqual(made)
  })
})
