import { randomUUID } from 'node:crypto'
import {
  type AnswerCorrectionRequest,
  CorrectionAnswered,
  CorrectionOutcome,
  EvidenceCorrected,
  ListedCorrections,
  type ReportCorrectionRequest,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Correcting,
  declareVersion,
  deliverTo,
  effectOf,
  exchangeOf,
  fund,
  join,
  openCorrecting,
  outgoing,
  readOf,
  stranger,
  town,
  untilCarried,
} from '../corrections.fixture.js'
import { watchMs } from '../domain/correction.js'
import { deleteAfterMs } from '../domain/exchange-record.js'
import { onCorrectionAnswered } from '../events/on-correction-answered.js'
import { onEvidenceCorrected } from '../events/on-evidence-corrected.js'
import { person, startMs, types } from '../federation.fixture.js'
import { record } from '../record.fixture.js'
import { type Register, startRegister } from '../register.fixture.js'
import { answerCorrection } from './answer-correction.js'
import { tellRequesters } from './correct.js'
import { getCorrectionReport } from './get-correction-report.js'
import { listCorrections } from './list-corrections.js'
import { reportCorrection } from './report-correction.js'

let provider: Correcting
let requester: Correcting
let other: Correcting
let register: Register
beforeAll(async () => {
  register = await startRegister()
  provider = await openCorrecting(fund, { sources: { [types.household]: register.source } })
  requester = await openCorrecting(town)
  other = await openCorrecting(stranger)
  join(provider, requester, other)
})
afterAll(async () => {
  await Promise.all([provider.close(), requester.close(), other.close()])
  await register.stop()
})

const { CORRECTION_OUTCOME_ACTED: acted, CORRECTION_OUTCOME_NOT_CONCERNED: notConcerned } = CorrectionOutcome
const { CORRECTION_OUTCOME_UNSPECIFIED: open } = CorrectionOutcome
const wrong = { firstVersion: 1, lastVersion: 1, correctedVersion: 2 }

const wish = (name: string, given: Partial<ReportCorrectionRequest> = {}): ReportCorrectionRequest => ({
  subject: person(name),
  evidenceType: types.income,
  versions: wrong,
  ...given,
})
const report = (name: string, given?: Partial<ReportCorrectionRequest>) =>
  effectOf(provider, reportCorrection(provider), wish(name, given))
const reported = (reportId: string, pageSize = 0, pageToken = '') =>
  readOf(provider, getCorrectionReport(provider), { reportId, pageSize, pageToken })
const heard = async (at: Correcting, exchangeId: string) =>
  (
    await readOf(at, listCorrections(at), {
      listed: ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED,
      pageSize: 0,
      pageToken: '',
      exchangeId,
      evidenceType: '',
      sinceMs: 0,
    })
  ).corrections
const everything = { exchangeId: '', evidenceType: '', sinceMs: 0 }
const list = (listed: ListedCorrections, pageToken = '', pageSize = 0, filters: Partial<typeof everything> = {}) =>
  readOf(requester, listCorrections(requester), { listed, pageSize, pageToken, ...everything, ...filters })
const answer = (request: AnswerCorrectionRequest) => effectOf(requester, answerCorrection(requester), request)
const exchange = (name: string, version = 1, at = requester, evidenceType = types.income as string) =>
  exchangeOf({ provider, requester: at, name, version, evidenceType })
/** Two versions of a person's income, the first of them released to the town. */
const released = async (name: string): Promise<string> => {
  await declareVersion(provider, name, 1, { amount: 1 })
  const exchangeId = await exchange(name)
  await declareVersion(provider, name, 2, { amount: 2 })
  return exchangeId
}
/** A correction that the town has heard. */
const told = async (name: string) => {
  const exchangeId = await released(name)
  const { reportId } = await report(name)
  await untilCarried(provider, town)
  const [correction] = await heard(requester, exchangeId)
  return { exchangeId, reportId, correctionId: correction?.correctionId ?? '' }
}

describe('ReportCorrection', () => {
  it('refuses versions that are none or in no order as it reads the request', () => {
    const { request } = reportCorrection(provider)
    const refused = [
      undefined,
      { ...wrong, firstVersion: 0 },
      { ...wrong, lastVersion: 0 },
      { ...wrong, correctedVersion: 1 },
      { ...wrong, correctedVersion: 1.5 },
    ]
    for (const versions of refused) expect(request.safeParse({ ...wish('ada'), versions }).success).toBe(false)
    expect(request.safeParse(wish('ada')).success).toBe(true)
    expect(request.safeParse(wish('ada', { subject: 'ada' })).success).toBe(false)
  })

  it('refuses a version that was never declared, and tells nobody', async () => {
    await declareVersion(provider, 'never', 1, { amount: 1 })
    await exchange('never')
    const before = await outgoing(provider)
    for (const versions of [wrong, { firstVersion: 1, lastVersion: 7, correctedVersion: 0 }])
      await expect(report('never', { versions })).rejects.toMatchObject({ reason: 'EVIDENCE_UNKNOWN' })
    await expect(report('nobody')).rejects.toMatchObject({ reason: 'EVIDENCE_UNKNOWN' })
    expect(await outgoing(provider)).toBe(before)
  })

  it('refuses to withdraw what is not the newest', async () => {
    await released('old')
    const versions = { firstVersion: 1, lastVersion: 1, correctedVersion: 0 }
    await expect(report('old', { versions })).rejects.toMatchObject({ reason: 'EVIDENCE_SUPERSEDED' })
  })

  it('tells each past requester of a wrong version, by its own exchange and once for each', async () => {
    await declareVersion(provider, 'ada', 1, { amount: 1 })
    await declareVersion(provider, 'ada', 2, { amount: 2 })
    const exchangeIds = [await exchange('ada'), await exchange('ada', 2), await exchange('ada', 1, other)]
    await declareVersion(provider, 'ada', 3, { amount: 3 })
    const right = await exchange('ada', 3)
    const elsewhere = await exchange('eve')
    const versions = { firstVersion: 1, lastVersion: 2, correctedVersion: 3 }
    const { reportId, exchanges, withdrawnInVersion } = await report('ada', { versions })
    expect({ exchanges, withdrawnInVersion }).toEqual({ exchanges: 3, withdrawnInVersion: 0 })
    await untilCarried(provider, town)
    await untilCarried(provider, stranger)
    for (const [index, at] of [requester, requester, other].entries()) {
      const exchangeId = exchangeIds[index] as string
      expect(await heard(at, exchangeId)).toMatchObject([
        {
          exchangeId,
          subject: person('ada-there'),
          provider: fund,
          evidenceType: types.income,
          wrongVersion: index === 1 ? 2 : 1,
          correctedVersion: 3,
          correctedAtMs: startMs,
          outcome: open,
        },
      ])
    }
    for (const untouched of [right, elsewhere]) expect(await heard(requester, untouched)).toEqual([])
    expect(await heard(other, exchangeIds[0] as string)).toEqual([])
    const { told: all, ...about } = await reported(reportId)
    expect(about).toMatchObject({ subject: person('ada'), evidenceType: types.income, versions })
    expect(all.map(({ exchangeId }) => exchangeId).sort()).toEqual([...exchangeIds].sort())
  })

  it('names nobody and nothing of the value on its way', async () => {
    await released('secret')
    await provider.runtime.postgres.transaction(async (tx) => {
      await reportCorrection(provider).effect(wish('secret'), {} as never, tx)
      const { rows } = await tx.query<{ data: Buffer; topic: string }>(
        'SELECT data, topic FROM outbox ORDER BY id DESC LIMIT 1',
      )
      expect(Object.keys(EvidenceCorrected.decode(rows[0]?.data ?? Buffer.alloc(0))).sort()).toEqual(
        ['correctedAtMs', 'correctedVersion', 'correctionId', 'evidenceType', 'exchangeId', 'wrongVersion'].sort(),
      )
      expect(rows[0]?.data.toString('latin1')).not.toContain('secret')
      expect(rows[0]?.topic).toBe('corrections')
    })
    await untilCarried(provider, town)
  })

  it('reaches a requester beyond the first page of records', async () => {
    await declareVersion(provider, 'many', 1, { amount: 1 })
    const first = await exchange('many')
    await Promise.all(
      Array.from({ length: 450 }, () =>
        provider.exchangeLog.commit({ record: record({ subject: person('many'), outcome: 'absent' }) }),
      ),
    )
    await declareVersion(provider, 'many', 2, { amount: 2 })
    expect((await report('many')).exchanges).toBe(1)
    await untilCarried(provider, town)
    expect(await heard(requester, first)).toHaveLength(1)
  })

  it('takes the versions of a register as the agency knows them', async () => {
    const exchangeId = await exchange('registered', 40, requester, types.household)
    const versions = { firstVersion: 39, lastVersion: 41, correctedVersion: 0 }
    const given = { evidenceType: types.household, versions }
    expect(await report('registered', given)).toMatchObject({ exchanges: 1, withdrawnInVersion: 0 })
    await untilCarried(provider, town)
    expect(await heard(requester, exchangeId)).toMatchObject([{ wrongVersion: 40, correctedVersion: 0 }])
  })

  it('withdraws declared evidence: nothing of it is read any more, until another version follows', async () => {
    await declareVersion(provider, 'gone', 1, { amount: 1 })
    const exchangeId = await exchange('gone')
    const versions = { firstVersion: 1, lastVersion: 1, correctedVersion: 0 }
    expect(await report('gone', { versions })).toMatchObject({ exchanges: 1, withdrawnInVersion: 2 })
    expect(await provider.evidence.newest(person('gone'), types.income)).toBeUndefined()
    await untilCarried(provider, town)
    expect(await heard(requester, exchangeId)).toMatchObject([{ correctedVersion: 0 }])
    expect(await declareVersion(provider, 'gone', 3, { amount: 3 })).toBe(3)
    expect(await provider.evidence.newest(person('gone'), types.income)).toMatchObject({ value: { amount: 3 } })
  })

  it('tells nobody when its transaction does not commit', async () => {
    await released('rolled-back')
    const before = await outgoing(provider)
    const failing = provider.runtime.postgres.transaction(async (tx) => {
      await reportCorrection(provider).effect(wish('rolled-back'), {} as never, tx)
      throw new Error('the commit did not happen')
    })
    await expect(failing).rejects.toThrow('the commit did not happen')
    expect(await outgoing(provider)).toBe(before)
  })

  it('reaches a release that was under way, once, and stops looking after a while', async () => {
    await released('late')
    const { reportId, exchanges } = await report('late')
    expect(exchanges).toBe(1)
    const late = await exchange('late')
    const tellLate = () =>
      provider.correctionReports.tellLate(provider.clock.nowMs(), (tx, about, found) =>
        tellRequesters(provider, tx, about, found),
      )
    await Promise.all([tellLate(), tellLate()])
    await tellLate()
    await untilCarried(provider, town)
    expect(await heard(requester, late)).toHaveLength(1)
    expect((await reported(reportId)).told).toHaveLength(2)
    provider.clock.advance(watchMs)
    await tellLate()
    const afterwards = await exchange('late')
    await tellLate()
    await untilCarried(provider, town)
    expect(await heard(requester, afterwards)).toEqual([])
  })
})

describe('GetCorrectionReport', () => {
  it('refuses a report that is none', async () => {
    await expect(reported(randomUUID())).rejects.toMatchObject({ reason: 'CORRECTION_UNKNOWN' })
    expect(getCorrectionReport(provider).request.safeParse({ reportId: '1', pageSize: 0, pageToken: '' }).success).toBe(
      false,
    )
  })

  it('goes through everybody who was told, page by page', async () => {
    await released('paged')
    const exchangeIds = [await exchange('paged'), await exchange('paged')]
    const { reportId, exchanges } = await report('paged')
    expect(exchanges).toBe(3)
    const seen: string[] = []
    let pageToken = ''
    do {
      const page = await reported(reportId, 1, pageToken)
      seen.push(...page.told.map(({ exchangeId }) => exchangeId))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(new Set(seen).size).toBe(3)
    for (const exchangeId of exchangeIds) expect(seen).toContain(exchangeId)
  })
})

describe('documents.evidence-corrected.v1', () => {
  let position = 0
  const event = (given: Partial<EvidenceCorrected>, topic = 'made-up') => ({
    eventId: randomUUID(),
    receiver: `${town}/documents`,
    topic,
    type: 'documents.evidence-corrected.v1',
    position: ++position,
    occurredAtMs: startMs,
    data: EvidenceCorrected.encode({
      correctionId: randomUUID(),
      exchangeId: randomUUID(),
      evidenceType: types.income,
      wrongVersion: 1,
      correctedVersion: 2,
      correctedAtMs: startMs,
      ...given,
    }).finish(),
  })
  const stored = async () => (await requester.runtime.postgres.query('SELECT 1 FROM received_correction')).rowCount ?? 0

  it('is heard from documents of other members alone', () => {
    const { isSender } = onEvidenceCorrected(requester)
    expect(isSender({ kind: 'neighbour', service: 'documents' })).toBe(false)
    expect(isSender({ kind: 'member', member: fund, service: 'consent' })).toBe(false)
    expect(isSender({ kind: 'member', member: fund, service: 'documents' })).toBe(true)
  })

  it('is confirmed and forgotten when it is not about an exchange between the two', async () => {
    const exchangeId = await exchange('mine')
    await untilCarried(provider, town)
    const before = await stored()
    const asProvider = await exchangeOf({ provider: requester, requester: provider, name: 'theirs' })
    const madeUp: Partial<EvidenceCorrected>[] = [
      {},
      { exchangeId: asProvider },
      { exchangeId, evidenceType: types.household },
      { exchangeId, wrongVersion: 2 },
      { exchangeId, wrongVersion: 0 },
      { exchangeId, correctionId: "' OR 1=1" },
      { exchangeId: 'none' },
    ]
    for (const given of madeUp) {
      const told = event(given)
      const answer = await deliverTo(requester, fund, told)
      expect(answer).toEqual({ wasKnown: false, appliedUpTo: told.position })
    }
    expect(await stored()).toBe(before)
  })

  it('of another member than the one that released marks nothing', async () => {
    const exchangeId = await exchange('shielded')
    position = 0
    await deliverTo(requester, stranger, event({ exchangeId }, 'foreign'))
    expect(await heard(requester, exchangeId)).toEqual([])
  })

  it('marks an exchange once, however often it is told the same', async () => {
    const exchangeId = await exchange('twice')
    const correctionId = randomUUID()
    position = 0
    await deliverTo(requester, fund, event({ exchangeId, correctionId }, 'one'))
    position = 0
    await deliverTo(requester, fund, event({ exchangeId, correctionId }, 'two'))
    expect(await heard(requester, exchangeId)).toHaveLength(1)
  })
})

describe('ListCorrections', () => {
  it('refuses a filter, a size and a token that are none', () => {
    const { request } = listCorrections(requester)
    const asked = { listed: 0, pageSize: 0, pageToken: '', ...everything }
    const refused = [{ listed: 9 }, { pageSize: 101 }, { pageToken: '-1' }, { exchangeId: 'x' }]
    for (const given of refused) expect(request.safeParse({ ...asked, ...given }).success).toBe(false)
    expect(request.safeParse(asked).success).toBe(true)
  })

  it('goes on from where it was, and misses none', async () => {
    await untilCarried(provider, town)
    let { nextPageToken } = await list(ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED, '', 100)
    expect((await list(ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED, nextPageToken)).corrections).toEqual([])
    const exchangeIds: string[] = []
    for (const name of ['one', 'two', 'three']) exchangeIds.push((await told(name)).exchangeId)
    const seen: string[] = []
    for (const _ of exchangeIds) {
      const page = await list(ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED, nextPageToken, 1)
      seen.push(...page.corrections.map(({ exchangeId }) => exchangeId))
      nextPageToken = page.nextPageToken
    }
    expect(seen).toEqual(exchangeIds)
  })
})

describe('filters of ListCorrections', () => {
  const all = ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED

  it('refuse a type that is none, and a page token of other filters', async () => {
    await expect(list(all, '', 0, { evidenceType: 'nonsense' })).rejects.toMatchObject({
      reason: 'FILTER_UNKNOWN',
      facts: { field: 'evidence_type' },
    })
    await told('filtered')
    const { nextPageToken } = await list(all, '', 1, { evidenceType: types.income })
    for (const filters of [{}, { sinceMs: 1 }])
      await expect(list(all, nextPageToken, 1, filters)).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
  })

  it('leave out other types and what was heard before, and go on with the same token when nothing is new', async () => {
    const { exchangeId } = await told('heard-late')
    const exchanges = async (filters: Partial<typeof everything>) =>
      (await list(all, '', 100, filters)).corrections.map((one) => one.exchangeId)
    const [one] = (await list(all, '', 1, { exchangeId })).corrections
    expect(await exchanges({ evidenceType: types.income })).toContain(exchangeId)
    expect(await exchanges({ evidenceType: types.household })).not.toContain(exchangeId)
    expect(await exchanges({ sinceMs: one?.heardAtMs ?? 0 })).toContain(exchangeId)
    expect(await exchanges({ sinceMs: (one?.heardAtMs ?? 0) + 1 })).not.toContain(exchangeId)
    const filters = { evidenceType: types.income }
    const { nextPageToken } = await list(all, '', 100, filters)
    expect(await list(all, nextPageToken, 100, filters)).toEqual({ corrections: [], nextPageToken })
  })
})

describe('AnswerCorrection', () => {
  it('refuses a correction that is none, and an answer that is none', async () => {
    const none = answer({ correctionId: randomUUID(), outcome: acted })
    await expect(none).rejects.toMatchObject({ reason: 'CORRECTION_UNKNOWN' })
    const { request } = answerCorrection(requester)
    for (const outcome of [open, 7])
      expect(request.safeParse({ correctionId: randomUUID(), outcome }).success).toBe(false)
  })

  it('refuses another answer than the one that stands, and takes the same again', async () => {
    const { correctionId } = await told('twice-answered')
    const { answeredAtMs } = await answer({ correctionId, outcome: acted })
    requester.clock.advance(1000)
    expect(await answer({ correctionId, outcome: acted })).toEqual({ answeredAtMs })
    await expect(answer({ correctionId, outcome: notConcerned })).rejects.toMatchObject({
      reason: 'CORRECTION_ANSWERED',
    })
  })

  it('travels back, moves the correction among the answered, and leaves the exchange as it was', async () => {
    const { exchangeId, reportId, correctionId } = await told('answered')
    const before = await requester.accesses.exchange(exchangeId)
    await answer({ correctionId, outcome: notConcerned })
    await untilCarried(requester, fund)
    expect((await reported(reportId)).told).toMatchObject([{ exchangeId, requester: town, outcome: notConcerned }])
    const ids = async (listed: ListedCorrections) =>
      (await list(listed, '', 100)).corrections.map((each) => each.correctionId)
    expect(await ids(ListedCorrections.LISTED_CORRECTIONS_OPEN)).not.toContain(correctionId)
    expect(await ids(ListedCorrections.LISTED_CORRECTIONS_ANSWERED)).toContain(correctionId)
    expect(await requester.accesses.exchange(exchangeId)).toEqual(before)
    expect(await requester.received.read(exchangeId, startMs)).toBeDefined()
  })
})

describe('documents.correction-answered.v1', () => {
  const answered = (from: typeof town, given: CorrectionAnswered, topic: string) =>
    deliverTo(provider, from, {
      eventId: randomUUID(),
      receiver: `${fund}/documents`,
      topic,
      type: 'documents.correction-answered.v1',
      position: 1,
      occurredAtMs: startMs,
      data: CorrectionAnswered.encode(given).finish(),
    })

  it('is heard from documents of other members alone', () => {
    const { isSender } = onCorrectionAnswered(provider)
    expect(isSender({ kind: 'neighbour', service: 'documents' })).toBe(false)
    expect(isSender({ kind: 'member', member: town, service: 'documents' })).toBe(true)
  })

  it('of a member that was not told, of another exchange, or without sense, changes nothing', async () => {
    const { exchangeId, reportId } = await told('unanswered')
    const [one] = await provider.correctionReports.told(reportId, undefined, 1)
    const correctionId = one?.correctionId ?? ''
    await answered(stranger, { correctionId, exchangeId, outcome: acted }, 'forged')
    await answered(town, { correctionId, exchangeId: randomUUID(), outcome: acted }, 'other-exchange')
    await answered(town, { correctionId, exchangeId, outcome: open }, 'no-answer')
    await answered(town, { correctionId: 'none', exchangeId, outcome: acted }, 'no-id')
    expect((await reported(reportId)).told).toMatchObject([{ outcome: open, answeredAtMs: 0 }])
  })

  it('counts the first time', async () => {
    const { exchangeId, reportId } = await told('first')
    const [one] = await provider.correctionReports.told(reportId, undefined, 1)
    const correctionId = one?.correctionId ?? ''
    await answered(town, { correctionId, exchangeId, outcome: acted }, 'first')
    await answered(town, { correctionId, exchangeId, outcome: notConcerned }, 'second')
    expect((await reported(reportId)).told).toMatchObject([{ outcome: acted }])
  })
})

describe('corrections', () => {
  it('are kept as long as the records of exchanges, and no longer', async () => {
    const { exchangeId, reportId } = await told('kept')
    const endMs = deleteAfterMs(provider.clock.nowMs())
    const hereMs = deleteAfterMs(requester.clock.nowMs())
    await provider.correctionReports.deleteEnded(endMs - 1)
    await requester.receivedCorrections.deleteEnded(hereMs - 1)
    expect((await reported(reportId)).told).toHaveLength(1)
    expect(await heard(requester, exchangeId)).toHaveLength(1)
    await provider.correctionReports.deleteEnded(endMs)
    await requester.receivedCorrections.deleteEnded(hereMs)
    await expect(reported(reportId)).rejects.toMatchObject({ reason: 'CORRECTION_UNKNOWN' })
    expect(await heard(requester, exchangeId)).toEqual([])
    expect((await provider.runtime.postgres.query('SELECT 1 FROM told_correction')).rowCount).toBe(0)
  })
})
