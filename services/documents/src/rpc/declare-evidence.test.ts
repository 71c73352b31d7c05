import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { members, person, startMs, types } from '../federation.fixture.js'
import { callOf, type MemberParts, openMember } from '../member.fixture.js'
import { declareEvidence } from './declare-evidence.js'

let member: MemberParts
beforeAll(async () => {
  member = await openMember(members.provider)
})
afterAll(() => member.close())

const declaration = (name: string, given: object = {}) => ({
  subject: person(name),
  evidenceType: types.income as string,
  valueJson: '{"amount":700}',
  asOfMs: startMs,
  related: [{ relation: 'children', subject: person('bob') }],
  supersedesVersion: 0,
  ...given,
})
const declare = (request: ReturnType<typeof declaration>) => {
  const call = callOf({ kind: 'system', clientId: 'back-office', scopes: [] }, member.clock)
  return member.runtime.postgres.transaction((tx) => declareEvidence(member).effect(request, call, tx))
}

describe('DeclareEvidence', () => {
  it.each([
    ['a subject that is no pseudonym', { subject: '1 85 05 78 006 084 36' }],
    ['a related subject that is none', { related: [{ relation: 'children', subject: 'Bob' }] }],
    ['a type in another form', { evidenceType: '../income' }],
    ['a negative version', { supersedesVersion: -1 }],
    ['too large a value', { valueJson: `"${'x'.repeat(100_000)}"` }],
  ])('refuses %s as it reads the request', (_, given) => {
    expect(declareEvidence(member).request.safeParse(declaration('shape', given)).success).toBe(false)
  })

  it('refuses evidence from the future', async () => {
    await expect(declare(declaration('future', { asOfMs: startMs + 1 }))).rejects.toMatchObject({
      reason: 'REQUEST_INVALID',
      facts: { field: 'asOfMs' },
    })
  })

  it('refuses an unknown evidence type', async () => {
    await expect(declare(declaration('type', { evidenceType: 'horoscope' }))).rejects.toMatchObject({
      reason: 'EVIDENCE_TYPE_UNKNOWN',
    })
  })

  it.each([
    ['is not JSON', '{"amount":70', ''],
    ['has a value of the wrong kind', '{"amount":"seven hundred"}', '/amount'],
    ['has a field that the schema does not know', '{"income":700}', ''],
    ['is no object', '[1]', ''],
  ])('refuses a value that %s, and quotes none of it', async (_, valueJson, field) => {
    const thrown = await declare(declaration('value', { valueJson })).catch((error) => error)
    expect(thrown).toMatchObject({ reason: 'EVIDENCE_INVALID' })
    expect(thrown.facts.field ?? '').toBe(field)
    expect(`${thrown.message} ${thrown.cause ?? ''}`).not.toMatch(/70|seven|income/)
  })

  it('refuses a version that is not newer than the newest', async () => {
    await declare(declaration('twice'))
    await expect(declare(declaration('twice'))).rejects.toMatchObject({ reason: 'EVIDENCE_SUPERSEDED' })
  })

  it('lets one of two concurrent corrections win', async () => {
    await declare(declaration('raced'))
    const correct = (amount: number) =>
      declare(declaration('raced', { valueJson: JSON.stringify({ amount }), supersedesVersion: 1 }))
    const outcomes = await Promise.allSettled([correct(1), correct(2)])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([
      { status: 'fulfilled', value: { version: 2 } },
    ])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { reason: 'EVIDENCE_SUPERSEDED' },
    })
  })

  it('answers the version, under which the evidence is then held', async () => {
    expect(await declare(declaration('held'))).toEqual({ version: 1 })
    expect(await declare(declaration('held', { valueJson: '{"amount":701}', supersedesVersion: 1 }))).toEqual({
      version: 2,
    })
    expect(await member.evidence.newest(person('held'), types.income)).toEqual({
      value: { amount: 701 },
      version: 2,
      asOfMs: startMs,
      related: [{ relation: 'children', subject: person('bob') }],
    })
  })
})
