import { randomUUID } from 'node:crypto'
import type { Call } from '@unefois/chassis/rpc'
import type { AuthorisationClaims } from '@unefois/proto/federation-list'
import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import {
  type Evidence,
  PreviewAnswer,
  type ReleaseEvidenceRequest,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { PlacesWithheld } from '@unefois/proto/gen/unefois/documents/v1/places'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withholdingConsumers } from '../events/on-places-withheld.js'
import { protectionConsumers } from '../events/on-subject-protected.js'
import {
  authorisation,
  basis,
  members,
  notice,
  person,
  portalTicket,
  purposes,
  signedList,
  startMs,
  startSeconds,
  types,
} from '../federation.fixture.js'
import { callFrom, callOf, type MemberParts, openMember } from '../member.fixture.js'
import { record } from '../record.fixture.js'
import { deleteEndedPlacesTold, notePlaceTold } from '../store/places-told.js'
import { answerPreview } from './answer-preview.js'
import { getAccessProof } from './get-access-proof.js'
import { getExchange } from './get-exchange.js'
import { getStatementOnHonour } from './get-statement-on-honour.js'
import { listAccesses } from './list-accesses.js'
import { previewEvidence } from './preview-evidence.js'
import { consented, informed, openProvider, wanted } from './releasing.fixture.js'
import { requestEvidence } from './request-evidence.js'

const lawful = 'court'
const fields = ['amount', 'address', 'children']
const withPlaces: readonly AuthorisationClaims[] = [
  authorisation({ fields }),
  authorisation({ fields, evidenceType: types.household }),
  authorisation({ fields, purpose: purposes.card, mode: 'consent' }),
  authorisation({ fields, purpose: purposes.grant, mode: 'explicit-request' }),
  authorisation({ fields, purpose: purposes.found, protectedPlacesBy: 'an article', id: lawful }),
]
const list = signedList({ serial: 2, authorisations: withPlaces })

let at: Awaited<ReturnType<typeof openProvider>>
let provider: MemberParts
let requester: MemberParts
let brought: Evidence
beforeAll(async () => {
  at = await openProvider()
  provider = at.provider
  requester = await openMember(members.requester, {
    consent: {
      getBasis: async () => ({
        subject: person('late'),
        provider: members.provider,
        purpose: purposes.rate,
        evidenceTypes: [types.income],
        mode: 1,
        statement: notice(),
      }),
    },
    identity: { requestTicket: async () => ({ ticket: 'a.ticket', expiresAtSeconds: startSeconds + 3600 }) },
    documentsOf: () => ({ releaseEvidence: async () => ({ outcome: { $case: 'evidence', value: brought } }) }),
  })
  await provider.publish(list)
  await requester.publish(list)
})
afterAll(async () => {
  await at.close()
  await requester.close()
})

const protect = (name: string, marks: readonly string[] = ['a-decision'], member = provider, untilMs = startMs + 1e9) =>
  member.runtime.postgres.transaction((tx) => member.protectedSubjects.protect(tx, [person(name)], marks, untilMs))
const unprotect = (name: string, member = provider) =>
  member.runtime.postgres.transaction((tx) => member.protectedSubjects.end(tx, [person(name)], member.clock.nowMs()))

const secret = (name: string) => `MARKER-${name}`
/** Evidence of a mother of Bob's, with a marker in its places. */
const declare = (name: string) =>
  at.declare(name, {
    amount: 700,
    address: { street: secret(name) },
    children: [{ name: 'Bob', born: secret(name) }],
  })
const shown = async (request: ReleaseEvidenceRequest) => {
  const { outcome } = await at.release(request)
  return outcome?.$case === 'evidence' ? JSON.parse(outcome.value.valueJson) : outcome?.$case
}
const whole = (name: string) => ({
  amount: 700,
  address: { street: secret(name) },
  children: [{ name: 'Bob', born: secret(name) }],
})
const withheld = { amount: 700, children: [{ name: 'Bob' }] }
const recorded = async (name: string) =>
  (await at.recordsOf(name)).map(({ outcome, fields: told }) => [outcome, ...told])

const portal = (name: string, acr: string) => ({
  ticket: portalTicket({ sub: person(name), acr }),
  basisId: basis('own-access'),
})
const fromDesk = () => callFrom(members.desk, provider.clock)

describe('a protected person’s own view', () => {
  it.each<[string, (ticket: ReturnType<typeof portal>) => Promise<unknown>]>([
    ['uses', (ticket) => listAccesses(provider).handle({ ...ticket, pageSize: 0, pageToken: '' } as never, fromDesk())],
    ['proofs', (ticket) => getAccessProof(provider).handle({ ...ticket, recordId: randomUUID() } as never, fromDesk())],
    ['previews', (ticket) => previewEvidence(provider).handle({ ...ticket, ...previewWish }, fromDesk())],
    ['answers to previews', (ticket) => answerPreview(provider).handle({ ...ticket, ...answerWish }, fromDesk())],
  ])('of %s is refused to a weak login, naming the level', async (_, ask) => {
    await protect('weak')
    await expect(ask(portal('weak', 'eidas1'))).rejects.toMatchObject({
      reason: 'ASSURANCE_TOO_LOW',
      facts: { required_acr: 'eidas2' },
    })
    const strong = await Promise.allSettled([ask(portal('weak', 'eidas2')), ask(portal('nobody', 'eidas1'))])
    for (const each of strong) {
      if (each.status === 'rejected') expect(each.reason.reason).not.toBe('ASSURANCE_TOO_LOW')
    }
  })
  const previewWish = { requester: members.requester, evidenceType: types.income, purpose: purposes.grant }
  const answerWish = {
    ...previewWish,
    requestedBasisId: basis('wanted'),
    answer: PreviewAnswer.PREVIEW_ANSWER_CONFIRMED,
    evidenceVersion: 1,
  }
})

describe('a release about a protected person', () => {
  it('has no place in any mode, from documents and from a register, and the record says what left', async () => {
    await declare('told')
    const card = consented('told', { fields: [] })
    await at.agree({ basisId: card.basisId, subject: person('told') })
    at.register.answerWith(async () => ({
      answer: {
        $case: 'found',
        value: { valueJson: JSON.stringify(whole('told')), version: 1, asOfMs: startMs, related: [] },
      },
    }))
    const register = informed('told', { evidenceType: types.household })
    const every = [informed('told'), card, register]
    for (const request of every) expect(await shown({ ...request, exchangeId: randomUUID() })).toEqual(whole('told'))
    await protect('told')
    for (const request of every) expect(await shown({ ...request, exchangeId: randomUUID() })).toEqual(withheld)
    const all = await recorded('told')
    expect(all.slice(0, 3)).toEqual(every.map(() => ['released', 'amount', 'children']))
    expect(all.slice(3)).toEqual(every.map(() => ['released', 'amount', 'address', 'children']))
    await unprotect('told')
    expect(await shown(informed('told'))).toEqual(whole('told'))
  })

  it('is absent, as for anybody without evidence, when nothing but a place is asked for', async () => {
    await declare('only')
    await protect('only')
    const [withheldAnswer, noEvidence] = await Promise.all([
      at.release(informed('only', { fields: ['address.street'] })),
      at.release(informed('nobody', { fields: ['address.street'] })),
    ])
    expect(withheldAnswer).toEqual(noEvidence)
    expect((await recorded('only'))[0]).toEqual(['absent'])
  })

  it('withholds the places of a file that names somebody protected, and answers no question about them', async () => {
    await declare('ex')
    const isChild = { fields: ['amount'], predicates: [{ predicate: 'child-of', argumentTicket: '' }] }
    expect(await shown(informed('ex'))).toEqual(whole('ex'))
    await protect('bob')
    expect(await shown(informed('ex'))).toEqual(withheld)
    expect(await shown(informed('ex', { fields: ['amount'] }))).toEqual({ amount: 700 })
    const { ticket: argumentTicket } = informed('bob')
    const asked = informed('ex', { ...isChild, predicates: [{ predicate: 'child-of', argumentTicket }] })
    expect(await shown(asked)).toBe('otherRoute')
    await unprotect('bob')
    expect(await shown({ ...asked, exchangeId: randomUUID() })).toEqual({ amount: 700 })
  })

  it('tells places to whom the provider’s own authorisation names the text for it', async () => {
    await declare('known')
    await protect('known')
    const found = informed(
      'known',
      { purpose: purposes.found, statement: notice({ purpose: purposes.found }) },
      { purpose: purposes.found },
    )
    expect(await shown(found)).toEqual(whole('known'))
  })

  it('finds her under a pseudonym of before a merge, in a ticket and in a file', async () => {
    await declare('merged')
    await protect('merged-into', ['a'])
    await provider.runtime.postgres.query('INSERT INTO subject_alias (alias, subject) VALUES ($1, $2)', [
      person('merged'),
      person('merged-into'),
    ])
    const known = await provider.protectedSubjects.among([person('merged'), person('other')], startMs)
    expect([...known]).toEqual([[person('merged'), { untilMs: startMs + 1e9, marks: ['a'] }]])
  })

  it('told while a release is under way waits for it, or is waited for: never in between', async () => {
    await declare('race')
    const { postgres } = provider.runtime
    const waiting = async () =>
      (
        await postgres.query(
          `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = hashtext('protected_subject')::bit(32)::bigint::oid`,
        )
      ).rowCount
    let release: Promise<unknown> = Promise.resolve()
    await postgres.transaction(async (tx) => {
      await provider.protectedSubjects.protect(tx, [person('race')], [], startMs + 1e9)
      release = shown(informed('race'))
      await expect.poll(waiting, { timeout: 5000, interval: 5 }).toBe(1)
    })
    expect(await release).toEqual(withheld)
    await unprotect('race')
    let protecting: Promise<unknown> = Promise.resolve()
    await postgres.transaction(async (tx) => {
      await provider.protectedSubjects.hold(tx, [person('race')], startMs)
      protecting = protect('race')
      await expect.poll(waiting, { timeout: 5000, interval: 5 }).toBe(1)
    })
    await protecting
    expect(await shown(informed('race'))).toEqual(withheld)
  })
})

describe('a preview of a protected person', () => {
  const wish = { requester: members.requester, evidenceType: types.income, purpose: purposes.grant }
  const preview = async (name: string) => {
    const { outcome } = await previewEvidence(provider).handle({ ...portal(name, 'eidas2'), ...wish }, fromDesk())
    return outcome?.$case === 'evidence' ? JSON.parse(outcome.value.valueJson) : outcome?.$case
  }

  it('shows what would be released, and what was shown without places is released without, also once it is over', async () => {
    await provider.runtime.postgres.query('DELETE FROM protected_subject')
    await declare('viewer')
    expect(await preview('viewer')).toEqual(whole('viewer'))
    await protect('viewer')
    expect(await preview('viewer')).toEqual(withheld)
    await unprotect('viewer')
    await at.answer('viewer', { ticket: portalTicket({ sub: person('viewer'), acr: 'eidas2' }) })
    expect(await shown(wanted('viewer', { fields: [] }))).toEqual(withheld)
    expect(await preview('viewer')).toEqual(withheld)
  })
})

const keep = async (name: string): Promise<string> => {
  const exchangeId = randomUUID()
  const between = { member: members.requester, counterparty: members.provider }
  const half = { subject: person(name), exchange_id: exchangeId, ...between } as const
  const { exchangeLog, received } = requester
  const evidence = { valueJson: JSON.stringify(whole(name)), version: 1, asOfMs: startMs, predicates: [] }
  await exchangeLog.commit({ record: record({ ...half, kind: 'request', outcome: 'sent' }) })
  await exchangeLog.commit({
    record: record({ ...half, kind: 'receipt' }),
    received: await received.seal(exchangeId, person(name), { ...evidence, keepUntilMs: startMs + 3_600_000 }),
  })
  return exchangeId
}
const system: Call['caller'] = { kind: 'system', clientId: 'town-hall', scopes: ['evidence:request'] }
const herself = (name: string, acr: string): Call['caller'] => ({
  kind: 'person',
  clientId: 'town-portal',
  subject: person(name),
  acr,
  authTimeSeconds: startSeconds,
  loginHandle: 'a-login',
})
const read = async (exchangeId: string, caller: Call['caller']) => {
  const { evidence } = await getExchange(requester).handle({ exchangeId }, callOf(caller, requester.clock))
  return JSON.parse(evidence?.valueJson ?? '{}')
}

describe('evidence that this member received', () => {
  it('before the protection is read without places from then on, but by herself with a strong login', async () => {
    const exchangeId = await keep('before')
    expect(await read(exchangeId, system)).toEqual(whole('before'))
    await protect('before', ['a'], requester)
    expect(await read(exchangeId, system)).toEqual(withheld)
    expect(await read(exchangeId, herself('before', 'eidas1'))).toEqual(withheld)
    expect(await read(exchangeId, herself('before', 'eidas2'))).toEqual(whole('before'))
    await unprotect('before', requester)
    expect(await read(exchangeId, system)).toEqual(whole('before'))
  })

  it('from a provider that has not heard of the protection is handed on without places', async () => {
    brought = {
      valueJson: JSON.stringify(whole('late')),
      version: 1,
      asOfMs: startMs,
      predicates: [],
      keepUntilMs: startMs + 1000,
    }
    const ask = async () => {
      const request = {
        ...{ subject: person('late'), provider: members.provider, evidenceType: types.income },
        ...{ purpose: purposes.rate, procedure: 'meals', basisId: basis('told'), fields: [], predicates: [] },
      }
      const { outcome } = await requestEvidence(requester).handle(request, callOf(system, requester.clock))
      return outcome?.$case === 'evidence' ? JSON.parse(outcome.value.valueJson) : outcome?.$case
    }
    expect(await ask()).toEqual(whole('late'))
    await protect('late', ['a'], requester)
    expect(await ask()).toEqual(withheld)
  })
})

describe('a statement on honour of a protected person', () => {
  it('is read back to no weak login of theirs, and to the agency to which it was made', async () => {
    const statementId = randomUUID()
    const stated = {
      ...{ statementId, subject: person('stating'), exchangeId: randomUUID(), evidenceType: types.income },
      ...{ purpose: purposes.rate, values: [{ field: 'address.street', value: secret('stating') }], text: 'My words.' },
      ...{
        textVersion: '1',
        language: 'fr',
        channel: Channel.CHANNEL_ONLINE,
        statedAtMs: startMs,
        keepUntilMs: startMs + 3_600_000,
      },
    }
    await requester.runtime.postgres.transaction((tx) => requester.statementsOnHonour.insert(tx, stated))
    const readBack = async (caller: Call['caller']) =>
      (
        await getStatementOnHonour(requester).handle(
          { statementId, purpose: purposes.rate },
          callOf(caller, requester.clock),
        )
      ).values
    expect(await readBack(herself('stating', 'eidas1'))).toEqual(stated.values)
    await protect('stating', ['a'], requester)
    await expect(readBack(herself('stating', 'eidas1'))).rejects.toMatchObject({
      reason: 'ASSURANCE_TOO_LOW',
      facts: { required_acr: 'eidas2' },
    })
    for (const caller of [herself('stating', 'eidas2'), system]) expect(await readBack(caller)).toEqual(stated.values)
  })
})

describe('a file of which a requester was told the places before somebody in it was protected', () => {
  const tell = (change: IdentityChange['change'], type: string) =>
    provider.runtime.postgres.transaction(async (tx) => {
      const data = IdentityChange.encode({ change }).finish()
      await protectionConsumers(provider)[type]?.apply(
        { sender: 'identity', type, position: 1, occurredAtMs: Math.floor(provider.clock.nowMs()), data },
        tx,
      )
    })
  const isProtected = (name: string, untilMs: number, mark = name) =>
    tell(
      { $case: 'subjectProtected', value: { subjects: [person(name)], untilMs, together: [mark] } },
      'identity.subject-protected.v1',
    )
  const isOver = (name: string) =>
    tell(
      { $case: 'subjectProtectionEnded', value: { subjects: [person(name)] } },
      'identity.subject-protection-ended.v1',
    )
  const carried = async () => {
    const { rows } = await provider.runtime.postgres.query<{ receiver: string; data: Buffer }>(
      `DELETE FROM outbox WHERE type = 'documents.places-withheld.v1' RETURNING receiver, data`,
    )
    return rows.map(({ receiver, data }) => ({ receiver, ...PlacesWithheld.decode(data) }))
  }

  it('is told to that requester by the exchange alone, again when it ends, and of no exchange without places', async () => {
    await provider.runtime.postgres.query('DELETE FROM place_told')
    await declare('shared')
    const [told, plain] = [informed('shared'), informed('shared', { fields: ['amount'] })]
    expect(await shown(told)).toEqual(whole('shared'))
    expect(await shown(plain)).toEqual({ amount: 700 })
    await isProtected('bob', startMs + 1e6)
    const withholding = { receiver: `${members.requester}/documents`, exchangeId: told.exchangeId }
    expect(await carried()).toEqual([{ ...withholding, untilMs: startMs + 1e6 }])
    expect(await shown({ ...told, exchangeId: randomUUID() })).toEqual(withheld)
    await isOver('bob')
    expect(await carried()).toEqual([{ ...withholding, untilMs: 0 }])
  })

  it('stays withheld while anybody else in it is protected, and is found under a pseudonym of before a merge', async () => {
    const { postgres } = provider.runtime
    const exchangeId = randomUUID()
    await postgres.transaction((tx) =>
      notePlaceTold(tx, {
        exchangeId,
        requester: members.requester,
        about: person('dad'),
        named: [person('mum'), person('kid-before')],
        keepUntilMs: startMs + 1e9,
      }),
    )
    await postgres.query('INSERT INTO subject_alias (alias, subject) VALUES ($1, $2)', [
      person('kid-before'),
      person('kid'),
    ])
    await isProtected('kid', startMs + 2e6)
    await isProtected('mum', startMs + 1e6)
    await isOver('kid')
    expect((await carried()).map(({ untilMs }) => untilMs)).toEqual([startMs + 2e6, startMs + 2e6, startMs + 1e6])
    await isOver('mum')
    expect((await carried()).map(({ untilMs }) => untilMs)).toEqual([0])
    // Protected together with whose file it is, nobody is hidden from them.
    await isProtected('kid', startMs + 2e6)
    await isProtected('dad', startMs + 1e6, 'kid')
    expect((await carried()).map(({ untilMs }) => untilMs)).toEqual([startMs + 2e6, 0])
    expect(await deleteEndedPlacesTold(postgres, startMs + 1e9)).toBeGreaterThanOrEqual(2)
  })

  const hear = (exchangeId: string, untilMs: number, sender: string = members.provider) =>
    requester.runtime.postgres.transaction(async (tx) => {
      await withholdingConsumers(requester)['documents.places-withheld.v1']?.apply(
        {
          sender: `${sender}/documents`,
          type: 'documents.places-withheld.v1',
          position: 1,
          occurredAtMs: startMs,
          data: PlacesWithheld.encode({ exchangeId, untilMs }).finish(),
        },
        tx,
      )
    })

  it('is heard from documents of its own provider alone, and of an exchange that there was', async () => {
    const isSender = withholdingConsumers(requester)['documents.places-withheld.v1']?.isSender
    expect(isSender?.({ kind: 'neighbour', service: 'documents' })).toBe(false)
    expect(isSender?.({ kind: 'member', member: members.provider, service: 'identity' })).toBe(false)
    expect(isSender?.({ kind: 'member', member: members.provider, service: 'documents' })).toBe(true)
    const exchangeId = await keep('foreign')
    await hear(exchangeId, startMs + 1e9, members.stranger)
    await hear(randomUUID(), startMs + 1e9)
    expect((await requester.runtime.postgres.query('SELECT 1 FROM withheld_exchange')).rowCount).toBe(0)
  })

  it('is then withheld from systems and from the file’s own holder alike, until it ends', async () => {
    const exchangeId = await keep('holder')
    expect(await read(exchangeId, system)).toEqual(whole('holder'))
    await hear(exchangeId, startMs + 1000)
    for (const caller of [system, herself('holder', 'eidas3')]) expect(await read(exchangeId, caller)).toEqual(withheld)
    await hear(exchangeId, 0)
    expect(await read(exchangeId, system)).toEqual(whole('holder'))
    expect(await requester.withheldExchanges.deleteEnded(startMs)).toBe(1)
  })
})

describe('what identity tells of protections', () => {
  const consumers = () => protectionConsumers(provider)
  const names = ['identity.subject-protected.v1', 'identity.subject-protection-ended.v1'] as const
  const apply = (type: (typeof names)[number], change: IdentityChange['change']) =>
    provider.runtime.postgres.transaction((tx) =>
      Promise.resolve(
        consumers()[type]?.apply(
          {
            sender: 'identity',
            type,
            position: 1,
            occurredAtMs: startMs,
            data: IdentityChange.encode({ change }).finish(),
          },
          tx,
        ),
      ),
    )
  const protection = (untilMs: number, ...together: string[]): IdentityChange['change'] => ({
    $case: 'subjectProtected',
    value: { subjects: [person('heard'), person('heard-too')], untilMs, together },
  })

  it('is heard from this member’s own identity service only, and in its own shape', async () => {
    for (const name of names) {
      const isSender = consumers()[name]?.isSender
      expect(isSender?.({ kind: 'member', member: members.registry, service: 'identity-authority' })).toBe(false)
      expect(isSender?.({ kind: 'neighbour', service: 'consent' })).toBe(false)
      expect(isSender?.({ kind: 'neighbour', service: 'identity' })).toBe(true)
      await expect(apply(name, { $case: 'epochOpened', value: { epoch: 2 } })).rejects.toMatchObject({
        reason: 'REQUEST_MALFORMED',
      })
    }
  })

  it('holds for every pseudonym told, in the place of what was told before, until its end and no longer', async () => {
    const known = async (nowMs: number) => [
      ...(await provider.protectedSubjects.among([person('heard'), person('heard-too')], nowMs)).values(),
    ]
    await apply(names[0], protection(startMs + 1000, 'a', 'b'))
    expect(await known(startMs + 999)).toEqual([1, 2].map(() => ({ untilMs: startMs + 1000, marks: ['a', 'b'] })))
    expect(await known(startMs + 1000)).toEqual([])
    await apply(names[0], protection(startMs + 500, 'b'))
    expect(await known(startMs)).toEqual([1, 2].map(() => ({ untilMs: startMs + 500, marks: ['b'] })))
    await apply(names[1], {
      $case: 'subjectProtectionEnded',
      value: { subjects: [person('heard'), person('heard-too')] },
    })
    expect(await known(startMs)).toEqual([])
    expect(await known(startMs - 1)).toHaveLength(2)
    expect(await provider.protectedSubjects.deleteEnded(startMs)).toBe(0)
    expect(await provider.protectedSubjects.deleteEnded(startMs + 25 * 3_600_000)).toBeGreaterThanOrEqual(2)
  })
})
