import { randomUUID } from 'node:crypto'
import type { Call, EffectRpc, PlainRpc } from '@unefois/chassis/rpc'
import { openCheckpoint } from '@unefois/proto/checkpoint'
import { type DeclarationKind, saidSha256 } from '@unefois/proto/declaration-kind'
import { saidInStep } from '@unefois/proto/declaration-said'
import { leafHash } from '@unefois/proto/exchange-log'
import { ownDeclarationPurpose } from '@unefois/proto/federation-list'
import {
  type Declaration,
  type DeclarationAnswer,
  DeclarationState,
  type ReceiveDeclarationRequest,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { ListAccessesRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { registerPublicKey } from '@unefois/proto/keys'
import { verifyInclusion } from '@unefois/proto/merkle-proof'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeclarationNeeds } from '../declaration-needs.js'
import { declarationKeptUntilMs, mostAskedForMore, mostDeclarationsPerDay } from '../domain/declaration.js'
import { recordRetentionMonths } from '../domain/exchange-record.js'
import { basis, keyOf, members, person, portalTicket, publicOf, signedList, ticket } from '../federation.fixture.js'
import { callFrom, callOf, type MemberParts, openMember } from '../member.fixture.js'
import { AccessStore } from '../store/accesses.js'
import { AgencyEvents } from '../store/agency-events.js'
import { Declarations } from '../store/declarations.js'
import { answerDeclaration } from './answer-declaration.js'
import { getAccessProof } from './get-access-proof.js'
import { listAccesses } from './list-accesses.js'
import { listDeclarations } from './list-declarations.js'
import { listOwnDeclarations } from './list-own-declarations.js'
import { receiveDeclaration } from './receive-declaration.js'
import { supplementDeclaration } from './supplement-declaration.js'

const both = (text: string) => ({ fr: text, en: text })
const kindOf = (
  id: string,
  member: DeclarationKind['receivers'][number]['member'],
  minimumAcr: 'eidas1' | 'eidas2',
) => ({
  id,
  title: both(id),
  textVersion: '1',
  text: both('What you tell.'),
  minimumAcr,
  groups: [
    {
      id: 'home',
      title: both('Home'),
      fields: [
        { id: 'street', title: both('Street'), kind: 'text' as const, mostCharacters: 40 },
        { id: 'since', title: both('Since'), kind: 'date' as const, isOptional: true },
      ],
    },
  ],
  receivers: [
    {
      member,
      use: both('It writes to you there.'),
      legalReference: 'article 1',
      service: both('Office'),
      address: '1 Market Square',
      telephone: '01 99 00 00 99',
    },
  ],
})
const kinds = [
  kindOf('move', members.provider, 'eidas1'),
  kindOf('name', members.provider, 'eidas2'),
  kindOf('elsewhere', members.requester, 'eidas1'),
]

const recordKey = Buffer.alloc(32, 7)
let member: MemberParts
let needs: DeclarationNeeds
let serial = 2
beforeAll(async () => {
  member = await openMember(members.provider)
  await member.publish(signedList({ serial, declarations: kinds }))
  const { runtime, subjectKeys, tickets } = member
  needs = {
    runtime,
    tickets,
    declarations: new Declarations({ postgres: runtime.postgres, subjectKeys, recordKey }),
    afterReceipt: () => undefined,
  }
})
afterAll(() => member.close())

const street = '4 MARKER LANE'
/** The portal's ticket of this moment. */
const fresh = (given: Parameters<typeof portalTicket>[0]): string => {
  const iat = member.clock.nowMs() / 1000
  return portalTicket({ iat, exp: iat + 600, ...given })
}
const own = (name: string) => fresh({ sub: person(name), basis: basis('declared'), purpose: ownDeclarationPurpose })
/** Time passes; the signer goes on publishing. */
const pass = async (ms: number): Promise<void> => {
  member.clock.advance(ms)
  serial++
  await member.publish(signedList({ serial, declarations: kinds, issuedAtSeconds: member.clock.nowMs() / 1000 }))
}
const wish = (name: string, given: Partial<ReceiveDeclarationRequest> = {}): ReceiveDeclarationRequest => ({
  ticket: own(name),
  basisId: basis('declared'),
  declarationId: randomUUID(),
  kind: 'move',
  textVersion: '1',
  contentJson: JSON.stringify({ home: { street } }),
  language: 'en',
  ...given,
})
const plainly = <Req, Res>(rpc: PlainRpc<Req, Res>, request: Req, call: Call): Promise<Res> => {
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return rpc.handle(request, call)
}
const fromPortal = () => callFrom(members.desk, member.clock)
const bySystem = () =>
  callOf({ kind: 'system', clientId: 'desk-software', scopes: ['declaration:answer'] }, member.clock)
const declare = (name: string, given: Partial<ReceiveDeclarationRequest> = {}) =>
  plainly(receiveDeclaration(needs), wish(name, given), fromPortal())
const declared = async (name: string): Promise<string> => {
  const { receipt } = await declare(name)
  return receipt?.declarationId ?? ''
}
const ownList = (name: string, pageSize = 0, pageToken = '') =>
  plainly(
    listOwnDeclarations(needs),
    { ticket: own(name), basisId: basis('declared'), pageSize, pageToken },
    fromPortal(),
  )
const listed = (given: object = {}) =>
  plainly(
    listDeclarations(needs),
    { state: 0, kind: '', declarationId: '', pageSize: 0, pageToken: '', ...given },
    bySystem(),
  )
const answer = (declarationId: string, given: DeclarationAnswer['answer'], answeredBy = 'Nadia Roux, case officer') => {
  const rpc = answerDeclaration(needs) as EffectRpc<unknown, { answeredAtMs: number; recordId: string }>
  const request = { declarationId, answer: { answer: given, answeredBy } }
  expect(rpc.request.safeParse(request).error).toBeUndefined()
  return member.runtime.postgres.transaction((tx) => rpc.effect(request, bySystem(), tx))
}
const supplement = (
  name: string,
  declarationId: string,
  supplementId: string = randomUUID(),
  statement = 'Here is the lease.',
) =>
  plainly(
    supplementDeclaration(needs),
    { ticket: own(name), basisId: basis('declared'), declarationId, supplementId, statement },
    fromPortal(),
  )

const dayMs = 86_400_000
const anyAccess = ListAccessesRequest.decode(new Uint8Array())
const accepted: DeclarationAnswer['answer'] = { $case: 'accepted', value: { words: 'From December on.' } }
const notConcerned: DeclarationAnswer['answer'] = {
  $case: 'notConcerned',
  value: { reasons: 'No right of yours depends on where you live.' },
}
const needsMore = (days = 30): DeclarationAnswer['answer'] => ({
  $case: 'needsMore',
  value: { what: 'A proof of the new address.', untilMs: member.clock.nowMs() + days * dayMs },
})

describe('ReceiveDeclaration', () => {
  it.each([
    ['that is none', () => 'no.ticket', 'TICKET_INVALID'],
    ['for looking, not for declaring', () => portalTicket({ basis: basis('declared') }), 'TICKET_MISUSED'],
    [
      'of another requester',
      () => portalTicket({ requester: members.stranger, basis: basis('declared'), purpose: ownDeclarationPurpose }),
      'TICKET_MISUSED',
    ],
    [
      'of a person who has not logged in',
      () => ticket({ requester: members.desk, purpose: ownDeclarationPurpose, basis: basis('declared') }),
      'ASSURANCE_TOO_LOW',
    ],
  ])('refuses a ticket %s', async (_, made, reason) => {
    await expect(declare('ada', { ticket: made() })).rejects.toMatchObject({ reason })
  })

  it('refuses a kind that is none, that others receive, and that asks a stronger login', async () => {
    await expect(declare('ada', { kind: 'birth' })).rejects.toMatchObject({ reason: 'DECLARATION_KIND_UNKNOWN' })
    await expect(declare('ada', { kind: 'elsewhere' })).rejects.toMatchObject({ reason: 'DECLARATION_NOT_RECEIVED' })
    await expect(declare('ada', { kind: 'name' })).rejects.toMatchObject({
      reason: 'ASSURANCE_TOO_LOW',
      facts: { required_acr: 'eidas2' },
    })
  })

  it.each([
    ['no JSON', '{"home":', ''],
    ['not an object', '[]', ''],
    ['without what is asked', '{"home":{}}', 'home.street'],
    ['too long', JSON.stringify({ home: { street: 'x'.repeat(41) } }), 'home.street'],
    ['no day', JSON.stringify({ home: { street, since: '2026-02-30' } }), 'home.since'],
    ['with more than is asked', JSON.stringify({ home: { street, secret: 'MARKER' } }), ''],
  ])('refuses a content that is %s, names the field and repeats nothing', async (_, contentJson, field) => {
    const error = await declare('ada', { contentJson }).catch((thrown) => thrown)
    expect(error).toMatchObject({ reason: 'DECLARATION_INVALID', facts: { field } })
    expect(error.message).not.toMatch(/MARKER|xxx|02-30/)
  })

  it('refuses another declaration under an id in use, and another person’s', async () => {
    const declarationId = await declared('taken')
    const other = JSON.stringify({ home: { street: 'Elsewhere' } })
    for (const again of [
      () => declare('taken', { declarationId, contentJson: other }),
      () => declare('eve', { declarationId }),
    ])
      await expect(again()).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('refuses more in a day than one may, also all at once', async () => {
    const all = await Promise.allSettled(Array.from({ length: mostDeclarationsPerDay + 2 }, () => declare('many')))
    const refused = all.filter((each) => each.status === 'rejected')
    expect(refused).toHaveLength(2)
    for (const { reason } of refused) expect(reason).toMatchObject({ reason: 'DECLARATION_LIMIT_REACHED' })
    await pass(dayMs)
    await expect(declared('many')).resolves.toBeTruthy()
  })

  it('gives the same receipt however often it is sent, naming the service in charge', async () => {
    const declarationId = randomUUID()
    const first = await declare('again', { declarationId: declarationId.toUpperCase() })
    member.clock.advance(1000)
    const padded = JSON.stringify({ home: { street: `  ${street} `, since: '' } })
    expect(await declare('again', { declarationId, contentJson: padded })).toEqual(first)
    expect(first.receipt).toMatchObject({
      declarationId,
      receivedAtMs: member.clock.nowMs() - 1000,
      serviceEn: 'Office',
      address: '1 Market Square',
      telephone: '01 99 00 00 99',
    })
    expect((await ownList('again')).declarations).toHaveLength(1)
  })

  it('stores nothing of it readable, and erases it with its person’s key', async () => {
    const declarationId = await declared('encrypted')
    const { rows } = await member.runtime.postgres.query<{ row: string }>(
      `SELECT declaration::text || encode(content, 'escape') || coalesce((SELECT string_agg(r::text, '') FROM exchange_record r
         WHERE exchange_id = declaration_id), '') AS row FROM declaration WHERE declaration_id = $1`,
      [declarationId],
    )
    expect(rows[0]?.row).toContain(person('encrypted'))
    expect(rows[0]?.row).not.toMatch(/MARKER|home/)
    await member.subjectKeys.forget(person('encrypted'))
    expect((await ownList('encrypted')).declarations).toEqual([])
    await expect(declare('encrypted', { declarationId })).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
    await expect(answer(declarationId, accepted)).rejects.toMatchObject({ reason: 'DECLARATION_UNKNOWN' })
  })

  it('is heard by the agency’s systems, by its id alone', async () => {
    const declarationId = await declared('heard')
    const { events } = await new AgencyEvents(member.runtime.postgres).after(0, ['declaration-received'], 1000)
    expect(events.at(-1)).toMatchObject({ reference: declarationId })
    const { declarations } = await listed({ declarationId })
    expect(declarations).toMatchObject([{ subject: person('heard'), contentJson: `{"home":{"street":"${street}"}}` }])
  })
})

describe('AnswerDeclaration', () => {
  it('refuses no answer, one without reasons, and a time that is none, as it reads the request', () => {
    const { request } = answerDeclaration(needs)
    const refused: unknown[] = [
      undefined,
      { answer: undefined, answeredBy: '' },
      { answer: { $case: 'notConcerned', value: { reasons: 'No.' } }, answeredBy: '' },
      { answer: { $case: 'needsMore', value: { what: ' '.repeat(20), untilMs: 1 } }, answeredBy: '' },
      { answer: accepted, answeredBy: 'x'.repeat(201) },
    ]
    for (const given of refused)
      expect(request.safeParse({ declarationId: randomUUID(), answer: given }).success).toBe(false)
  })

  it('refuses a declaration that is none, and less than a day or more than a year', async () => {
    await expect(answer(randomUUID(), accepted)).rejects.toMatchObject({ reason: 'DECLARATION_UNKNOWN' })
    const declarationId = await declared('timed')
    for (const days of [0.5, 367])
      await expect(answer(declarationId, needsMore(days))).rejects.toMatchObject({ reason: 'REQUEST_INVALID' })
  })

  it('is given once for good', async () => {
    for (const last of [accepted, notConcerned]) {
      const declarationId = await declared('once')
      await answer(declarationId, last)
      for (const again of [accepted, notConcerned, needsMore()])
        await expect(answer(declarationId, again)).rejects.toMatchObject({ reason: 'DECLARATION_ANSWERED' })
      await expect(supplement('once', declarationId)).rejects.toMatchObject({ reason: 'DECLARATION_ANSWERED' })
    }
  })

  it('asks for more five times at most', async () => {
    const declarationId = await declared('asked')
    for (let n = 0; n < mostAskedForMore; n++) await answer(declarationId, needsMore())
    await expect(answer(declarationId, needsMore())).rejects.toMatchObject({ reason: 'REQUEST_INVALID' })
    await answer(declarationId, accepted)
  })

  it('leaves the person the time that it gave, and takes what comes late', async () => {
    const declarationId = await declared('late')
    await answer(declarationId, needsMore(2))
    await expect(answer(declarationId, notConcerned)).rejects.toMatchObject({ reason: 'DECLARATION_DEADLINE_RUNNING' })
    await pass(2 * dayMs)
    await supplement('late', declarationId)
    await answer(declarationId, notConcerned)
    const [seen] = (await ownList('late')).declarations
    expect(seen?.state).toBe(DeclarationState.DECLARATION_STATE_NOT_CONCERNED)
  })
})

describe('SupplementDeclaration', () => {
  it('is refused where nothing was asked, to another person, and with other words under an id in use', async () => {
    const declarationId = await declared('adds')
    await expect(supplement('adds', declarationId)).rejects.toMatchObject({ reason: 'DECLARATION_NOTHING_MISSING' })
    await answer(declarationId, needsMore())
    await expect(supplement('eve', declarationId)).rejects.toMatchObject({ reason: 'DECLARATION_UNKNOWN' })
    const id = randomUUID()
    const first = await supplement('adds', declarationId, id)
    expect(await supplement('adds', declarationId, id.toUpperCase())).toEqual(first)
    const other = supplement('adds', declarationId, id, 'Another thing.')
    await expect(other).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('brings the declaration before the agency again, from where it had read to', async () => {
    const declarationId = await declared('comes-again')
    const wanted = { kind: 'move', pageSize: 50 }
    let { nextPageToken, declarations } = await listed(wanted)
    while (declarations.length > 0)
      ({ nextPageToken, declarations } = await listed({ ...wanted, pageToken: nextPageToken }))
    await answer(declarationId, needsMore())
    expect((await listed({ ...wanted, pageToken: nextPageToken })).declarations).toEqual([])
    await supplement('comes-again', declarationId)
    const again = await listed({ ...wanted, pageToken: nextPageToken })
    expect(again.declarations).toMatchObject([{ declarationId, state: DeclarationState.DECLARATION_STATE_OPEN }])
    expect(again.declarations[0]?.steps.map(({ step }) => step?.$case)).toEqual(['received', 'answer', 'supplement'])
  })
})

describe('declarations', () => {
  it('are listed to nobody from a place or in a state that is none', () => {
    const { request } = listDeclarations(needs)
    const asked = { state: 0, kind: '', declarationId: '', pageSize: 0, pageToken: '' }
    for (const given of [
      { state: 9 },
      { pageToken: 'x' },
      { pageSize: 51 },
      { kind: 'x'.repeat(65) },
      { declarationId: 'x' },
    ])
      expect(request.safeParse({ ...asked, ...given }).success).toBe(false)
  })

  it('are listed neither of a kind that is none nor from a place in another list', async () => {
    await expect(listed({ kind: 'birth' })).rejects.toMatchObject({ reason: 'FILTER_UNKNOWN' })
    await declared('paged')
    const { nextPageToken: pageToken } = await listed({ kind: 'move' })
    await expect(listed({ pageToken })).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
  })

  it('are shown to nobody else, and to their person without the agency’s name for them', async () => {
    await declared('hers')
    expect((await ownList('his')).declarations).toEqual([])
    expect((await ownList('hers')).declarations).toMatchObject([{ subject: '', kind: 'move' }])
  })

  it('are found and completed under the pseudonym that somebody had before', async () => {
    const declarationId = randomUUID()
    await declare('standing', { declarationId })
    await answer(declarationId, needsMore())
    await member.runtime.postgres.query('INSERT INTO subject_alias (alias, subject) VALUES ($1, $2)', [
      person('before'),
      person('standing'),
    ])
    expect((await declare('before', { declarationId })).receipt?.declarationId).toBe(declarationId)
    await supplement('before', declarationId)
    expect((await ownList('before')).declarations.map((one) => one.declarationId)).toEqual([declarationId])
    const again = await declared('before')
    expect((await listed({ declarationId: again })).declarations).toMatchObject([{ subject: person('standing') }])
  })

  it('are all shown, page after page, the latest first', async () => {
    const made: string[] = []
    for (let n = 0; n < 3; n++) made.unshift(await declared('pages'))
    const first = await ownList('pages', 2)
    const rest = await ownList('pages', 2, first.nextPageToken)
    const ids = (page: { declarations: Declaration[] }) => page.declarations.map(({ declarationId }) => declarationId)
    expect([...ids(first), ...ids(rest)]).toEqual(made)
    expect(rest.nextPageToken).toBe('')
  })

  it('have a receipt of every step, which anybody can verify offline with the words that it names', async () => {
    const declarationId = await declared('proved')
    await answer(declarationId, needsMore())
    await supplement('proved', declarationId)
    await answer(declarationId, accepted)
    const [seen] = (await ownList('proved')).declarations
    if (!seen) throw new Error('nothing is listed')
    expect(seen.steps).toHaveLength(4)
    const read = getAccessProof({ ...member, accesses: new AccessStore(member.runtime.postgres, recordKey) })
    const asked = { ticket: fresh({ sub: person('proved') }), basisId: basis('own-access') }
    const logKey = registerPublicKey(publicOf(keyOf(members.provider, 'log')))
    for (const step of seen.steps) {
      const proof = await plainly(read, { ...asked, recordId: step.recordId }, fromPortal())
      const head = openCheckpoint(proof.checkpoint, { origin: `fixture/${members.provider}`, key: logKey })
      const leaf = leafHash(proof.salt, proof.record)
      const path = proof.inclusionProof.map((hash) => Buffer.from(hash))
      expect(verifyInclusion(leaf, proof.leafIndex, head.size, path, Buffer.from(head.root))).toBe(true)
      expect(JSON.parse(Buffer.from(proof.record).toString())).toMatchObject({
        kind: 'declaration',
        exchange_id: declarationId,
        said_sha256: saidSha256(saidInStep(seen, step)),
        at_ms: step.atMs,
      })
    }
    const records = seen.steps.map(({ recordId }) => recordId)
    expect(new Set(records).size).toBe(4)
    const uses = listAccesses({ ...member, accesses: new AccessStore(member.runtime.postgres, recordKey) })
    expect((await plainly(uses, { ...anyAccess, ...asked }, fromPortal())).accesses).toEqual([])
  })

  it('are kept for a year after their end, and their receipts for 36 months', async () => {
    const declarationId = await declared('kept')
    const { answeredAtMs } = await answer(declarationId, accepted)
    const endMs = declarationKeptUntilMs('accepted', answeredAtMs)
    expect(endMs).toBeLessThan(declarationKeptUntilMs('open', answeredAtMs))
    await needs.declarations.deleteEnded(endMs - 1)
    expect((await ownList('kept')).declarations).toHaveLength(1)
    await needs.declarations.deleteEnded(endMs)
    expect((await ownList('kept')).declarations).toEqual([])
    const { rows } = await member.runtime.postgres.query<{ kept: number }>(
      'SELECT delete_after_ms - at_ms AS kept FROM exchange_record WHERE exchange_id = $1',
      [declarationId],
    )
    expect(rows).toHaveLength(2)
    for (const { kept } of rows) expect(kept / dayMs).toBeGreaterThan(recordRetentionMonths * 30)
  })
})
