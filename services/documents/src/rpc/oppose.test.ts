import { randomUUID } from 'node:crypto'
import type { Call } from '@unefois/chassis/rpc'
import { personalAccessPurpose } from '@unefois/proto/federation-list'
import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import {
  type Evidence,
  type ReleaseEvidenceResponse,
  type RequestEvidenceRequest,
  UseOpposed,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { longestCollectionMs, markerEndMs } from '../domain/proactive.js'
import {
  authorisation,
  basis,
  explicitRequest,
  members,
  notice,
  person,
  portalTicket,
  proactiveUse,
  purposes,
  signedList,
  startMs,
  startSeconds,
  ticket,
  types,
} from '../federation.fixture.js'
import { callFrom, callOf, type MemberParts, openMember } from '../member.fixture.js'
import { getExchange } from './get-exchange.js'
import { opposeUse } from './oppose-use.js'
import { recordOpposition } from './record-opposition.js'
import { openProvider, searched } from './releasing.fixture.js'
import { requestEvidence } from './request-evidence.js'

const evidence: Evidence = {
  valueJson: '{"amount":700}',
  version: 3,
  asOfMs: startMs,
  predicates: [],
  keepUntilMs: startMs + 10 * longestCollectionMs,
}
let agency: MemberParts
let sent: number
let released: () => Promise<ReleaseEvidenceResponse>
beforeAll(async () => {
  agency = await openMember(members.requester, {
    consent: {
      getBasis: async ({ basisId }) => ({
        subject: person(basisId.slice(3).replace(/_+$/, '')),
        provider: members.provider,
        purpose: purposes.found,
        evidenceTypes: [types.income],
        mode: ExchangeMode.EXCHANGE_MODE_PROACTIVE,
        statement: proactiveUse({ basis: basisId }),
      }),
      renewLease: () => Promise.reject(new MeshError('UNAVAILABLE')),
    },
    identity: { requestTicket: async () => ({ ticket: 'a ticket', expiresAtSeconds: startSeconds + 3600 }) },
    documentsOf: () => ({
      releaseEvidence: () => {
        sent++
        return released()
      },
    }),
  })
})
beforeEach(() => {
  sent = 0
  released = async () => ({ outcome: { $case: 'evidence', value: evidence } })
})
afterAll(() => agency.close())

const system: Call['caller'] = { kind: 'system', clientId: 'desk', scopes: ['evidence:request'] }
const personCalling = (name: string): Call['caller'] => ({
  kind: 'person',
  clientId: 'pages',
  subject: person(name),
  acr: 'eidas1',
  authTimeSeconds: startSeconds,
  loginHandle: 'a-login',
})
const search = (name: string, caller: Call['caller'] = system, given: Partial<RequestEvidenceRequest> = {}) =>
  requestEvidence(agency).handle(
    {
      subject: person(name),
      provider: members.provider,
      evidenceType: types.income,
      purpose: purposes.found,
      procedure: 'campaign',
      basisId: basis(name),
      fields: [],
      predicates: [],
      ...given,
    },
    callOf(caller, agency.clock),
  )
const read = (exchangeId: string, purpose: string | undefined) =>
  getExchange(agency).handle({ exchangeId, purpose }, callOf(system, agency.clock))
const oppose = (name: string, given: { purpose?: string; ticket?: string } = {}) =>
  opposeUse(agency).handle(
    {
      ticket: portalTicket({ sub: person(name), aud: members.requester }),
      basisId: basis('own-access'),
      purpose: purposes.found,
      ...given,
    },
    callFrom(members.desk, agency.clock),
  )
const opposeHere = (name: string, caller: Call['caller'] = system, purpose: string = purposes.found) =>
  agency.runtime.postgres.transaction((tx) =>
    recordOpposition(agency).effect({ subject: person(name), purpose }, callOf(caller, agency.clock), tx),
  )
const recordsOf = async (name: string) => (await agency.accesses.list(person(name), undefined, 100)).length
const keptOf = async (exchangeId: string): Promise<number> => {
  const kept = await agency.runtime.postgres.query('SELECT 1 FROM received_evidence WHERE exchange_id = $1', [
    exchangeId,
  ])
  return kept.rowCount ?? 0
}

/** Something that one side waits for and the other opens. */
const gate = () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('OpposeUse', () => {
  it.each([
    ['that is none', () => 'no.ticket', 'TICKET_INVALID'],
    [
      'of another requester',
      () => portalTicket({ aud: members.requester, requester: members.stranger }),
      'TICKET_MISUSED',
    ],
    [
      'of a person who has not logged in',
      () =>
        ticket({
          aud: members.requester,
          requester: members.desk,
          purpose: personalAccessPurpose,
          basis: basis('own-access'),
        }),
      'ASSURANCE_TOO_LOW',
    ],
  ])('refuses a ticket %s', async (_, made, reason) => {
    await expect(oppose('ada', { ticket: made() })).rejects.toMatchObject({ reason })
  })

  it('refuses a purpose for which nothing is searched proactively here', async () => {
    for (const purpose of [purposes.rate, purposes.card, purposes.grant, 'curiosity'])
      await expect(oppose('ada', { purpose })).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
  })

  it('keeps a marker, tells this member’s consent, and says until when', async () => {
    const { recordedAtMs, keptUntilMs } = await oppose('marked')
    expect({ recordedAtMs, keptUntilMs }).toEqual({ recordedAtMs: startMs, keptUntilMs: markerEndMs(startMs, 24) })
    const { rows } = await agency.runtime.postgres.query<{ receiver: string; type: string; data: Buffer }>(
      'SELECT receiver, type, data FROM outbox ORDER BY id DESC LIMIT 1',
    )
    expect(rows[0]).toMatchObject({ receiver: 'consent', type: 'documents.use-opposed.v1' })
    expect(UseOpposed.decode(rows[0]?.data ?? Buffer.alloc(0))).toEqual({
      subject: person('marked'),
      purpose: purposes.found,
      keptUntilMs,
    })
  })
})

describe('RecordOpposition', () => {
  it('refuses a person who names another, and a purpose that this member never had', async () => {
    await expect(opposeHere('ada', personCalling('eve'))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(opposeHere('ada', system, purposes.rate)).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
  })

  it('stops the search for the person, whoever wrote it down', async () => {
    await opposeHere('by-desk')
    await opposeHere('by-self', personCalling('by-self'))
    for (const name of ['by-desk', 'by-self'])
      await expect(search(name)).rejects.toMatchObject({ reason: 'OPPOSITION_STANDS' })
  })
})

describe('RequestEvidence in proactive mode', () => {
  it('refuses once the person opposes: nothing leaves, nothing is recorded', async () => {
    await oppose('opposed')
    await expect(search('opposed')).rejects.toMatchObject({ reason: 'OPPOSITION_STANDS' })
    expect(sent).toBe(0)
    expect(await recordsOf('opposed')).toBe(0)
  })

  it('refuses a person’s own session: who is there is told or asked', async () => {
    await expect(search('present', personCalling('present'))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    expect(sent).toBe(0)
  })

  it('goes on for another person and leaves other modes alone', async () => {
    await oppose('elsewhere')
    expect((await search('not-opposed')).outcome?.$case).toBe('evidence')
    const wish = { purpose: purposes.rate }
    await expect(search('elsewhere', system, wish)).rejects.toMatchObject({ reason: 'NOTICE_MISMATCH' })
  })

  it('deletes what was collected when the person opposes, and only that', async () => {
    const mine = await search('deleted')
    const others = await search('kept')
    expect((await read(mine.exchangeId, purposes.found)).evidence).toBeDefined()
    await oppose('deleted')
    expect((await read(mine.exchangeId, purposes.found)).evidence).toBeUndefined()
    expect(await keptOf(mine.exchangeId)).toBe(0)
    expect((await read(others.exchangeId, purposes.found)).evidence).toBeDefined()
  })

  it('hands on and keeps nothing when the person opposes while the answer is on its way', async () => {
    let exchangeId = ''
    released = async () => {
      const [access] = await agency.accesses.list(person('meanwhile'), undefined, 1)
      exchangeId = access?.opening.record.exchange_id ?? ''
      await oppose('meanwhile')
      return { outcome: { $case: 'evidence', value: evidence } }
    }
    await expect(search('meanwhile')).rejects.toMatchObject({ reason: 'OPPOSITION_STANDS' })
    expect(exchangeId).not.toBe('')
    expect(await keptOf(exchangeId)).toBe(0)
  })

  it('leaves nothing behind, however an opposition and a search race', async () => {
    for (let round = 0; round < 10; round++) {
      const name = `race-${round}`
      const [searching] = await Promise.allSettled([search(name), oppose(name)])
      const accesses = await agency.accesses.list(person(name), undefined, 10)
      for (const { opening } of accesses) expect(await keptOf(opening.record.exchange_id)).toBe(0)
      if (searching.status === 'rejected') expect(searching.reason).toMatchObject({ reason: 'OPPOSITION_STANDS' })
      await expect(search(name)).rejects.toMatchObject({ reason: 'OPPOSITION_STANDS' })
    }
  })

  it('keeps nothing for longer than 12 months, whatever the provider says', async () => {
    const list = [authorisation({ purpose: purposes.found, mode: 'proactive', retentionSeconds: 365 * 86_400 })]
    await agency.publish(signedList({ serial: 2, authorisations: list }))
    const { outcome } = await search('year')
    expect(outcome).toMatchObject({ value: { keepUntilMs: startMs + longestCollectionMs } })
    await agency.publish(signedList({ serial: 3 }))
  })
})

describe('GetExchange of what was collected proactively', () => {
  it('refuses to read it for control, for any other purpose, and for none', async () => {
    const { exchangeId } = await search('locked')
    for (const purpose of ['control', 'fraud-control', purposes.rate, undefined])
      await expect(read(exchangeId, purpose)).rejects.toMatchObject({ reason: 'PURPOSE_LOCKED' })
    expect((await read(exchangeId, purposes.found)).evidence).toMatchObject({ valueJson: '{"amount":700}' })
  })

  it('refuses it for its own purpose once the federation uses that to control', async () => {
    const { exchangeId } = await search('turned')
    await agency.publish(signedList({ serial: 4, uses: { [purposes.found]: 'control' } }))
    await expect(read(exchangeId, purposes.found)).rejects.toMatchObject({ reason: 'PURPOSE_LOCKED' })
    await expect(search('turned')).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    await agency.publish(signedList({ serial: 5 }))
  })
})

describe('an opposition', () => {
  it('can still be made, and deletes, when the authorisation has ended', async () => {
    const { exchangeId } = await search('late')
    await agency.publish(signedList({ serial: 6, authorisations: [] }))
    await oppose('late')
    expect(await keptOf(exchangeId)).toBe(0)
    await expect(oppose('nobody')).rejects.toMatchObject({ reason: 'PURPOSE_NOT_AUTHORISED' })
    await agency.publish(signedList({ serial: 7 }))
  })

  it('that is being written makes the end of a collection wait, and then finds what came meanwhile', async () => {
    const { postgres } = agency.runtime
    const exchangeId = randomUUID()
    const use = { subject: person('waiting'), purpose: purposes.found }
    await agency.oppositions.begin(exchangeId, use, startMs)
    const opposed = gate()
    const mayCommit = gate()
    const opposing = postgres.transaction(async (tx) => {
      await agency.oppositions.oppose(tx, use, { nowMs: startMs, keptUntilMs: markerEndMs(startMs, 24) })
      opposed.open()
      await mayCommit.opened
    })
    await opposed.opened
    const { content, keepUntilMs } = await agency.received.seal(exchangeId, use.subject, evidence)
    await postgres.query('INSERT INTO received_evidence VALUES ($1, $2, $3, $4)', [
      exchangeId,
      use.subject,
      content,
      keepUntilMs,
    ])
    const ending = agency.oppositions.end(exchangeId, use, startMs)
    await vi.waitFor(async () => {
      const { rowCount } = await postgres.query(
        `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()`,
      )
      expect(rowCount).toBe(1)
    })
    mayCommit.open()
    await opposing
    expect(await ending).toBe(false)
    expect(await keptOf(exchangeId)).toBe(0)
  })

  it('is forgotten at its end, and what a dying process left is deleted', async () => {
    const exchangeId = randomUUID()
    const use = { subject: person('crash'), purpose: purposes.found }
    expect(await agency.oppositions.begin(exchangeId, use, startMs)).toBe(true)
    await oppose('crash')
    await agency.exchangeLog.commit({
      record: {
        record_id: randomUUID(),
        exchange_id: exchangeId,
        kind: 'receipt',
        member: members.requester,
        counterparty: members.provider,
        subject: use.subject,
        evidence_type: types.income,
        relay: 'none',
        evidence_version: 3,
        fields: [],
        predicates: [],
        purpose: use.purpose,
        procedure: 'campaign',
        mode: 'proactive',
        basis: basis('crash'),
        outcome: 'released',
        reason: 'none',
        at_ms: startMs,
      },
      received: await agency.received.seal(exchangeId, use.subject, evidence),
    })
    expect(await agency.oppositions.deleteEnded(startMs)).toEqual({ markers: 0, collections: 0, received: 1 })
    const endMs = markerEndMs(startMs, 24)
    expect((await agency.oppositions.deleteEnded(endMs - 1)).markers).toBe(0)
    expect((await agency.oppositions.deleteEnded(endMs)).markers).toBeGreaterThan(0)
    expect(await agency.oppositions.begin(randomUUID(), use, endMs)).toBe(true)
  })
})

describe('ReleaseEvidence in proactive mode', async () => {
  const { declare, release, recordsOf: recordsAt, expectRefused, close } = await openProvider()
  afterAll(close)

  it('refuses without a statement, and with that of another mode or exchange', async () => {
    await expectRefused('bare', searched('bare', { statement: '' }), 'STATEMENT_REQUIRED')
    const others = [
      notice({ basis: basis('found'), purpose: purposes.found }),
      explicitRequest({ basis: basis('found'), purpose: purposes.found }),
      proactiveUse({ basis: basis('other') }),
      proactiveUse({}, members.stranger),
    ]
    for (const [index, statement] of others.entries())
      await expectRefused(`other-${index}`, searched(`other-${index}`, { statement }), 'STATEMENT_MISMATCH')
  })

  it('releases for a search that was stated, and records the mode', async () => {
    await declare('found')
    expect((await release(searched('found'))).outcome?.$case).toBe('evidence')
    expect(await recordsAt('found')).toMatchObject([{ kind: 'release', mode: 'proactive', fields: ['amount'] }])
  })
})
