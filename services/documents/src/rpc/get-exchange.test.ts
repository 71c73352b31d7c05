import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Call } from '@unefois/chassis/rpc'
import { AccessOutcome, type Evidence } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { members, person, purposes, startMs, startSeconds } from '../federation.fixture.js'
import { callOf, type MemberParts, openMember } from '../member.fixture.js'
import { record } from '../record.fixture.js'
import { getExchange } from './get-exchange.js'

let requester: MemberParts
beforeAll(async () => {
  requester = await openMember(members.requester)
})
afterAll(() => requester.close())

const evidence: Evidence = {
  valueJson: '{"amount":700}',
  version: 3,
  asOfMs: startMs,
  predicates: [],
  keepUntilMs: startMs + 3_600_000,
}

/** An exchange of this member that brought evidence. */
const exchanged = async (name: string): Promise<string> => {
  const exchangeId = randomUUID()
  const half = { subject: person(name), exchange_id: exchangeId, member: members.requester } as const
  const { exchangeLog, received } = requester
  await exchangeLog.commit({ record: record({ ...half, kind: 'request', outcome: 'sent' }) })
  await exchangeLog.commit({
    record: record({ ...half, kind: 'receipt' }),
    received: await received.seal(exchangeId, person(name), evidence),
  })
  return exchangeId
}

const system: Call['caller'] = { kind: 'system', clientId: 'town-hall', scopes: ['evidence:request'] }
const personCalling = (name: string): Call['caller'] => ({
  kind: 'person',
  clientId: 'town-portal',
  subject: person(name),
  acr: 'eidas1',
  authTimeSeconds: startSeconds,
  loginHandle: 'a-login',
})
const read = (exchangeId: string, caller: Call['caller'] = system) =>
  getExchange(requester).handle({ exchangeId }, callOf(caller, requester.clock))

describe('GetExchange', () => {
  it('refuses an exchange that is none, and another person’s as if it were none', async () => {
    const exchangeId = await exchanged('hers')
    for (const asked of [read(randomUUID()), read(exchangeId, personCalling('eve'))])
      await expect(asked).rejects.toMatchObject({ reason: 'EXCHANGE_UNKNOWN' })
  })

  it('refuses an exchange that another member asked for, though this member recorded its release', async () => {
    const released = record({ subject: person('held') })
    await requester.exchangeLog.commit({ record: released })
    await expect(read(released.exchange_id)).rejects.toMatchObject({ reason: 'EXCHANGE_UNKNOWN' })
  })

  it('refuses an id that is none as it reads the request', () => {
    expect(getExchange(requester).request.safeParse({ exchangeId: "' OR 1=1" }).success).toBe(false)
  })

  it('answers without the evidence once its subject is forgotten', async () => {
    const exchangeId = await exchanged('forgotten')
    expect((await read(exchangeId)).evidence).toEqual(evidence)
    await requester.subjectKeys.forget(person('forgotten'))
    expect((await read(exchangeId)).evidence).toBeUndefined()
  })

  it('answers the person and the agency’s systems, with the evidence until its retention ends', async () => {
    const exchangeId = await exchanged('reader')
    for (const caller of [system, personCalling('reader')]) {
      const { access, evidence: kept } = await read(exchangeId, caller)
      expect(access).toMatchObject({ exchangeId, outcome: AccessOutcome.ACCESS_OUTCOME_RELEASED, reason: '' })
      expect(kept).toEqual(evidence)
    }
    requester.clock.advance(3_600_000)
    const { access, evidence: kept } = await read(exchangeId)
    expect(access?.outcome).toBe(AccessOutcome.ACCESS_OUTCOME_RELEASED)
    expect(kept).toBeUndefined()
  })

  it('refuses to read for another purpose than the one that was asked for', async () => {
    const exchangeId = await exchanged('other-purpose')
    const asked = (purpose: string) =>
      getExchange(requester).handle({ exchangeId, purpose }, callOf(system, requester.clock))
    await expect(asked('control')).rejects.toMatchObject({ reason: 'PURPOSE_LOCKED' })
    expect((await asked(purposes.card)).access).toBeDefined()
  })

  it('is the only way to evidence that was received', () => {
    const here = fileURLToPath(new URL('..', import.meta.url))
    const readers = readdirSync(here, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/(test|fixture)\.ts$/.test(path))
      .filter((path) =>
        /received\.read(All)?\(|FROM received_evidence\s+(LEFT |JOIN|WHERE .*content)/.test(
          readFileSync(join(here, path), 'utf8'),
        ),
      )
    // The third is what a person reads of themselves, through the portal: no system's way.
    expect(readers.sort()).toEqual(['rpc/get-exchange.ts', 'store/received-evidence.ts', 'store/received-holdings.ts'])
  })
})
