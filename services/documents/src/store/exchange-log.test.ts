import { randomBytes } from 'node:crypto'
import type { Clock } from '@unefois/chassis/clock'
import type { Postgres } from '@unefois/chassis/postgres'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consentRefusal } from '../domain/basis.js'
import type { ExchangeRecord } from '../domain/exchange-record.js'
import { commitMarginMs, Lease, longestIdleMs } from '../domain/lease.js'
import { authorisation, basis, members, person, purposes, startSeconds, ticketClaims } from '../federation.fixture.js'
import { type MemberParts, openMember } from '../member.fixture.js'
import { consent, record } from '../record.fixture.js'
import { putConsent } from './consents.js'
import { type Entry, ExchangeLog } from './exchange-log.js'

let provider: MemberParts
beforeAll(async () => {
  provider = await openMember(members.provider)
  provider.holdLease(3_600_000)
})
afterAll(() => provider.close())

const { iss, ...terms } = authorisation({ purpose: purposes.card, mode: 'consent' })
const authorised = { ...terms, provider: iss }

/** A release that rests on this consent of Ada's. */
const resting = (basisId: string, given: Partial<ExchangeRecord> = {}): Entry => ({
  record: record({ basis: basisId, ...given }),
  consent: {
    basisId,
    refusal: (state, nowSeconds) =>
      consentRefusal({ authorisation: authorised, ticket: ticketClaims(), basisId }, state, nowSeconds),
  },
})
const informed = (given: Partial<ExchangeRecord> = {}): Entry => ({ record: record({ mode: 'information', ...given }) })

const grant = (basisId: string, given: Parameters<typeof consent>[0] = {}) =>
  provider.runtime.postgres.transaction((tx) => putConsent(tx, consent({ basisId, ...given })))
const withdrawn = (basisId: string) => consent({ basisId, revokedAtSeconds: startSeconds })

const stored = async ({ record: { record_id } }: Entry): Promise<ExchangeRecord | undefined> =>
  (await provider.accesses.record(person('ada'), record_id))?.record

const logOf = (given: { postgres?: Postgres; lease?: Lease; clock?: Clock; recordKey?: Uint8Array } = {}) =>
  new ExchangeLog({
    postgres: given.postgres ?? provider.runtime.postgres,
    recordKey: given.recordKey ?? randomBytes(32),
    lease: given.lease ?? provider.lease,
    clock: given.clock ?? provider.clock,
    afterCommit: () => undefined,
  })

const countOf = async (db: Pick<Postgres, 'query'>, kind: string, subject: string): Promise<number> => {
  const { rows } = await db.query<{ n: number }>(
    'SELECT count(*) AS n FROM exchange_record WHERE kind = $1 AND subject = $2',
    [kind, subject],
  )
  return rows[0]?.n ?? 0
}

describe('ExchangeLog', () => {
  it('commits a refusal in place of a release without a consent, with nothing of the evidence in it', async () => {
    const entry = resting(basis('never-given'))
    expect(await provider.exchangeLog.commit(entry)).toBe('CONSENT_REQUIRED')
    expect(await stored(entry)).toEqual({
      ...entry.record,
      kind: 'refusal',
      outcome: 'refused',
      reason: 'CONSENT_REQUIRED',
      fields: [],
      predicates: [],
      evidence_version: 0,
    })
  })

  it.each([
    ['withdrawn', { revokedAtSeconds: startSeconds }, 'CONSENT_REVOKED'],
    ['ended', { validUntilSeconds: startSeconds }, 'CONSENT_EXPIRED'],
    ['of-another', { subject: person('bob') }, 'CONSENT_MISMATCH'],
  ] as const)('refuses on a consent that is %s', async (name, given, reason) => {
    await grant(basis(name), given)
    expect(await provider.exchangeLog.commit(resting(basis(name)))).toBe(reason)
  })

  it('refuses what rests on a consent while no lease is held, and lets the rest go on', async () => {
    await grant(basis('no-lease'))
    const log = logOf({ lease: new Lease() })
    const [stale, other] = await Promise.all([log.commit(resting(basis('no-lease'))), log.commit(informed())])
    expect([stale, other]).toEqual(['REVOCATION_FEED_STALE', undefined])
  })

  it('judges again, and refuses, when the lease ends between the first look and the commit', async () => {
    await grant(basis('lease-lost'))
    const lease = new Lease()
    lease.renew({ nonce: '', askedAtMs: 0 }, { nonce: '', requiredPosition: 0, leaseMs: 10_000 }, 0)
    const looks = [0, 10_000 - commitMarginMs]
    const clock = { nowMs: () => provider.clock.nowMs(), monotonicMs: () => looks.shift() ?? 10_000 }
    const before = await countOf(provider.runtime.postgres, 'release', person('ada'))
    expect(await logOf({ lease, clock }).commit(resting(basis('lease-lost')))).toBe('REVOCATION_FEED_STALE')
    expect(looks).toEqual([])
    expect(await countOf(provider.runtime.postgres, 'release', person('ada'))).toBe(before)
  })

  it('commits nothing for a process that is stopped inside the transaction for longer than the margin allows', async () => {
    await grant(basis('stopped'))
    let looks = 0
    const clock = {
      nowMs: () => provider.clock.nowMs(),
      monotonicMs: () => {
        // The look before COMMIT: the whole process stands still, as under SIGSTOP, and then takes the lease for held.
        if (++looks === 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, longestIdleMs + 400)
        return 0
      },
    }
    const entry = resting(basis('stopped'))
    await expect(logOf({ clock }).commit(entry)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
    expect(looks).toBe(2)
    expect(await stored(entry)).toBeUndefined()
  })

  it('lets one refused entry of a batch hurt no other', async () => {
    await Promise.all([grant(basis('good')), grant(basis('bad'), { revokedAtSeconds: startSeconds })])
    const entries = [resting(basis('good')), resting(basis('bad')), resting(basis('none')), resting(basis('good'))]
    const refusals = await Promise.all([...entries, informed()].map((entry) => provider.exchangeLog.commit(entry)))
    expect(refusals).toEqual([undefined, 'CONSENT_REVOKED', 'CONSENT_REQUIRED', undefined, undefined])
    const kinds = await Promise.all(entries.map(stored))
    expect(kinds.map((each) => each?.kind)).toEqual(['release', 'refusal', 'refusal', 'release'])
  })

  it('refuses a predicate beyond its limit, and counts none for what a consent refuses', async () => {
    await grant(basis('asked'))
    const asking = (basisId: string): Entry => ({
      ...resting(basisId),
      predicateUse: {
        subject: person('ada'),
        requester: members.requester,
        predicates: ['low-income'],
        day: '2027-01-15',
        mostPerDay: 2,
      },
    })
    const bases = [basis('none'), basis('asked'), basis('asked'), basis('asked')]
    const refusals = await Promise.all(bases.map((basisId) => provider.exchangeLog.commit(asking(basisId))))
    expect(refusals).toEqual(['CONSENT_REQUIRED', undefined, undefined, 'PREDICATE_LIMIT_REACHED'])
  })

  it('keeps what is committed readable only with the record key', async () => {
    const entry = informed()
    await logOf().commit(entry)
    await expect(stored(entry)).rejects.toThrow()
  })

  it('never lets a release commit after the withdrawal of its consent, whichever process commits it', async () => {
    const logs = [provider.exchangeLog, logOf({ postgres: provider.database.another() })]
    let round = 0
    const turns = fc.array(fc.nat(6), { minLength: 2, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(turns, fc.nat(6), async (delays, withdrawalDelay) => {
        const subject = person(`raced${round}`)
        const basisId = basis(`raced${round++}`)
        await grant(basisId)
        const after = async (times: number) => {
          for (let turn = 0; turn < times; turn++) await new Promise((resolve) => setImmediate(resolve))
        }
        const withdraw = async () => {
          await after(withdrawalDelay)
          return provider.runtime.postgres.transaction(async (tx) => {
            await putConsent(tx, withdrawn(basisId))
            // From here on the withdrawal is applied: each release that is ever to be seen is seen already.
            return countOf(tx, 'release', subject)
          })
        }
        const release = async (delay: number, at: number) => {
          await after(delay)
          return logs[at % logs.length]?.commit(resting(basisId, { subject }))
        }
        const [seen, ...refusals] = await Promise.all([withdraw(), ...delays.map(release)])
        const released = refusals.filter((refusal) => refusal === undefined).length
        expect(released).toBe(seen)
        expect(await countOf(provider.runtime.postgres, 'release', subject)).toBe(seen)
        expect(await countOf(provider.runtime.postgres, 'refusal', subject)).toBe(delays.length - released)
        expect(refusals.every((refusal) => refusal === undefined || refusal === 'CONSENT_REVOKED')).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('does not let releases that keep coming hold off a withdrawal', async () => {
    const basisId = basis('hammered')
    await grant(basisId)
    const logs = Array.from({ length: 4 }, () => logOf({ postgres: provider.database.another(2) }))
    let isWithdrawn = false
    const hammer = async (log: ExchangeLog) => {
      while (!isWithdrawn) await log.commit(resting(basisId))
    }
    const hammering = Promise.all(logs.map(hammer))
    await provider.runtime.postgres.transaction((tx) => putConsent(tx, withdrawn(basisId)))
    isWithdrawn = true
    await hammering
    expect(await logs[0]?.commit(resting(basisId))).toBe('CONSENT_REVOKED')
  })

  it('lets what needs no consent pass one that is being withdrawn', async () => {
    const basisId = basis('slow')
    await grant(basisId)
    let finish = () => {}
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    let isLocked = () => {}
    const locked = new Promise<void>((resolve) => {
      isLocked = resolve
    })
    const withdrawal = provider.runtime.postgres.transaction(async (tx) => {
      await putConsent(tx, withdrawn(basisId))
      isLocked()
      await held
    })
    await locked
    const waiting = provider.exchangeLog.commit(resting(basisId))
    expect(await provider.exchangeLog.commit(informed())).toBeUndefined()
    finish()
    await withdrawal
    expect(await waiting).toBe('CONSENT_REVOKED')
  })
})
