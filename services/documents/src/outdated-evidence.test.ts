import { randomUUID } from 'node:crypto'
import { EvidenceChanged } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { EvidenceCorrected } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { EvidenceOutdated } from '@unefois/proto/gen/unefois/documents/v1/outdated'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Correcting, exchangeOf, fund, openCorrecting, stranger, town } from './corrections.fixture.js'
import { onEvidenceChanged } from './events/on-evidence-changed.js'
import { onEvidenceCorrected } from './events/on-evidence-corrected.js'
import { basis, person, purposes, startMs, types } from './federation.fixture.js'

let provider: Correcting
let requester: Correcting
let alone: Correcting
beforeAll(async () => {
  provider = await openCorrecting(fund)
  requester = await openCorrecting(town, { neighbours: { AKEY: 'identity', BKEY: 'eligibility' } })
  alone = await openCorrecting(stranger, { neighbours: { AKEY: 'identity' } })
})
afterAll(() => Promise.all([provider.close(), requester.close(), alone.close()]))

/** What a member's eligibility service is to hear, in its order. */
const told = async ({ runtime }: Correcting): Promise<EvidenceOutdated[]> => {
  const { rows } = await runtime.postgres.query<{ data: Buffer }>(
    `SELECT data FROM outbox WHERE receiver = 'eligibility' AND type = 'documents.evidence-outdated.v1' ORDER BY id`,
  )
  return rows.map(({ data }) => EvidenceOutdated.decode(data))
}

const said = (type: string, data: Uint8Array) => ({
  sender: `${fund}/documents`,
  type,
  data,
  position: 1,
  occurredAtMs: startMs,
})
const correct = (at: Correcting, exchangeId: string, correctionId: string = randomUUID(), wrongVersion = 1) =>
  at.runtime.postgres.transaction((tx) =>
    onEvidenceCorrected(at).apply(
      said(
        'documents.evidence-corrected.v1',
        EvidenceCorrected.encode({
          correctionId,
          exchangeId,
          evidenceType: types.income,
          wrongVersion,
          correctedVersion: 2,
          correctedAtMs: startMs,
        }).finish(),
      ),
      tx,
    ),
  )
const change = (at: Correcting, subscriptionId: string) =>
  at.runtime.postgres.transaction((tx) =>
    onEvidenceChanged(at).apply(
      said(
        'documents.evidence-changed.v1',
        EvidenceChanged.encode({ subscriptionId, evidenceType: types.income, changedAtMs: startMs }).finish(),
      ),
      tx,
    ),
  )
const subscribed = (at: Correcting) =>
  at.runtime.postgres.transaction((tx) =>
    at.subscriptions.ask(tx, {
      subscriptionId: randomUUID(),
      subject: person('changing-there'),
      provider: fund,
      evidenceType: types.income,
      purpose: purposes.rate,
      procedure: 'rate',
      basisId: basis('changing'),
      mode: 'information',
      askedAtMs: startMs,
    }),
  )

describe('the agency’s own eligibility service', () => {
  it('hears of nothing that this member did not receive, or did not subscribe to', async () => {
    await correct(requester, randomUUID())
    await correct(requester, await exchangeOf({ provider, requester, name: 'other' }), randomUUID(), 7)
    await change(requester, randomUUID())
    expect(await told(requester)).toEqual([])
  })

  it('is told of nothing where the member runs none', async () => {
    await correct(alone, await exchangeOf({ provider, requester: alone, name: 'alone' }))
    await change(alone, (await subscribed(alone)).subscriptionId)
    expect(await told(alone)).toEqual([])
    const { rows } = await alone.runtime.postgres.query('SELECT type FROM agency_event ORDER BY position')
    expect(rows).toEqual([{ type: 'correction-received' }, { type: 'evidence-changed' }])
  })

  it('is told once which exchange was wrong, and then that something changed, each by the id in the feed', async () => {
    const exchangeId = await exchangeOf({ provider, requester, name: 'wrong' })
    const correctionId = randomUUID()
    await correct(requester, exchangeId, correctionId)
    await correct(requester, exchangeId, correctionId)
    const { subscriptionId, subject } = await subscribed(requester)
    await change(requester, subscriptionId)
    const { rows } = await requester.runtime.postgres.query<{ reference: string }>(
      'SELECT reference FROM agency_event ORDER BY position',
    )
    const common = { provider: fund, evidenceType: types.income, atMs: startMs }
    expect(await told(requester)).toEqual([
      {
        ...common,
        kind: 'corrected',
        subject: person('wrong-there'),
        exchangeId,
        wrongVersion: 1,
        reference: rows[0]?.reference,
      },
      { ...common, kind: 'changed', subject, exchangeId: '', wrongVersion: 0, reference: subscriptionId },
    ])
    expect(rows).toHaveLength(2)
  })
})
