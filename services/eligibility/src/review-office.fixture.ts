import { randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { RequestEvidenceRequest, RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { EvidenceOutdated } from '@unefois/proto/gen/unefois/documents/v1/outdated'
import { ApplicationEvent } from '@unefois/proto/gen/unefois/eligibility/v1/application_events'
import type { Application, Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Decision, DecisionMade } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { Review } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { basisIdFrom } from '@unefois/proto/ids'
import { applicationSource, procedureSource, system } from './agency.fixture.js'
import { grantMade } from './decision.fixture.js'
import { type Agent, decide, openOffice, startMs, toldIncome } from './decision-office.fixture.js'
import { onEvidenceOutdated } from './events/on-evidence-outdated.js'
import type { ReviewNeeds } from './review-needs.js'
import { inviteObservations } from './rpc/invite-observations.js'
import { listReviews } from './rpc/list-reviews.js'
import { publishProcedure } from './rpc/publish-procedure.js'
import { reassessDecision } from './rpc/reassess-decision.js'
import { upholdDecision } from './rpc/uphold-decision.js'

/** A pseudonym of the hall's. */
export const personNamed = (letter: string): string => `p1.1.${letter.repeat(22)}`

export const byAgent: Hand = {
  who: {
    $case: 'agent',
    value: { agentId: 'g1', firstName: 'Ada', lastName: 'Agent', capacity: 'Head of office', isUnnamed: false },
  },
}
/** On which the fund may be asked. */
export const bases = [{ provider: 'fund', purpose: 'rate', basisId: basisIdFrom(Buffer.alloc(16)) }]

const withdrawal = '[{ title: { fr: w, en: w }, within: { count: 4, unit: months }, reference: law }]'

/** An office whose decisions can be reviewed; what the fund tells now is a test's. */
export const openReviewOffice = async () => {
  const asked: { request: RequestEvidenceRequest; accessToken: string | undefined }[] = []
  let answer: () => Promise<RequestEvidenceResponse> = () => Promise.reject(new Error('nothing was expected'))
  const office = await openOffice({
    requestEvidence: (request, { accessToken }) => {
      asked.push({ request, accessToken })
      return answer()
    },
  })
  const { agency, postgres } = office
  const source = procedureSource({ id: 'reviewed', application: applicationSource({ withdrawal }) })
  const { procedure } = await publishProcedure(agency).handle({ source }, system())
  const procedureSha256 = procedure?.sha256 ?? ''
  const agent = await office.appoint({ procedures: ['reviewed', 'plain'] })
  const needs: ReviewNeeds = { ...agency, runtime: office.needs.runtime, decisions: office.needs.decisions }
  const consumer = onEvidenceOutdated(needs)
  const depositReviewed = (change: Partial<Application> = {}): Promise<Application> =>
    office.deposit(change.procedure === undefined ? { procedure: 'reviewed', procedureSha256, ...change } : change)
  const run = <Req, Res>(rpc: EffectRpc<Req, Res>, request: Req): Promise<Res> => {
    const read = rpc.request.safeParse(request)
    if (!read.success) throw read.error
    return postgres.transaction((tx) => rpc.effect(request, system(), tx))
  }
  const whole = ({ review }: { review?: Review | undefined }): Review => {
    if (!review) throw new Error('no review was answered')
    return review
  }
  const hear = (said: Partial<EvidenceOutdated>, tx?: Transaction): Promise<void> => {
    const data = EvidenceOutdated.encode({
      kind: 'corrected',
      subject: personNamed('A'),
      provider: 'fund',
      evidenceType: 'income',
      exchangeId: '',
      wrongVersion: 0,
      reference: randomUUID(),
      atMs: startMs,
      ...said,
    }).finish()
    const received = { sender: 'documents', type: 'documents.evidence-outdated.v1', data, position: 1, occurredAtMs: 1 }
    return tx ? consumer.apply(received, tx) : postgres.transaction((own) => consumer.apply(received, own))
  }
  return {
    ...office,
    office,
    needs,
    consumer,
    agent,
    asked,
    hear,
    /** What the fund tells from now on; in an exchange of its own each time. */
    tell: (amount: number, exchangeId: string = randomUUID()): string => {
      answer = async () => ({
        exchangeId,
        outcome: {
          $case: 'evidence',
          value: {
            valueJson: JSON.stringify({ amount }),
            version: 2,
            asOfMs: startMs,
            predicates: [],
            keepUntilMs: startMs,
          },
        },
      })
      return exchangeId
    },
    fail: (error: Error): void => {
      answer = () => Promise.reject(error)
    },
    depositReviewed,
    /** A decision on what the fund told, and the exchange by which it did. */
    decided: async (
      amount: number,
      made: DecisionMade = grantMade(),
      change: Partial<Application> = {},
    ): Promise<{ decision: Decision; told: FactUsed }> => {
      const told = toldIncome(amount)
      const { applicationId } = await depositReviewed({ used: [told], ...change })
      return { decision: await decide(office, applicationId, made, agent), told }
    },
    /** The provider corrected what an exchange gave; answers the id of the correction. */
    correct: async ({ exchangeId, version }: FactUsed, subject = personNamed('A')): Promise<string> => {
      const reference = randomUUID()
      await hear({ exchangeId, wrongVersion: version, subject, reference })
      return reference
    },
    reviewOf: async (decisionId: string): Promise<Review> => {
      const { reviews } = await listReviews(needs).handle(
        { state: 0, decisionId, pageSize: 0, pageToken: '' },
        system(),
      )
      return whole({ review: reviews[0] })
    },
    list: (given: object = {}) =>
      listReviews(needs).handle({ state: 0, decisionId: '', pageSize: 0, pageToken: '', ...given }, system()),
    reassess: async (reviewId: string, given: object = {}): Promise<Review> =>
      whole(
        await reassessDecision(needs).handle(
          { reviewId, bases, relatedSubject: '', ...given },
          { ...system(), accessToken: 'the token of the caller' },
        ),
      ),
    invite: async (reviewId: string, given: object = {}): Promise<Review> => {
      const request = { reviewId, what: 'Your income seems to be another.', untilDay: '2026-12-20', by: byAgent }
      return whole(await run(inviteObservations(needs), { ...request, ...given }))
    },
    uphold: async (reviewId: string, given: object = {}): Promise<Review> =>
      whole(await run(upholdDecision(needs), { reviewId, words: 'It changes nothing.', by: byAgent, ...given })),
    /** What the feed is to hear of reviews, in its order. */
    told: async (): Promise<string[]> => {
      const { rows } = await postgres.query<{ data: Buffer }>('SELECT data FROM outbox ORDER BY id')
      return rows.flatMap(({ data }) => ApplicationEvent.decode(data).reviewId || [])
    },
  }
}
export type ReviewOffice = Awaited<ReturnType<typeof openReviewOffice>>
export type { Agent }
