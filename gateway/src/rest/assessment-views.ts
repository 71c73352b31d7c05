import type { Caller } from '@unefois/chassis/caller'
import type {
  AssessmentPlan,
  FactUsed,
  NotObtained,
  PlanAssessmentRequest,
} from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { z } from 'zod'
import { factOf } from '../simulation.js'
import { concernedSubject } from './concerned-subject.js'
import { fact, factSource, missingFact } from './eligibility-schemas.js'
import { missingView } from './eligibility-views.js'
import { basisId, instant, memberId, name, route, subjectId } from './schemas.js'
import { instantOf, otherRouteView } from './views.js'

// What an assessment of a person asks and answers, and from the messages of the contract to it.

/** Whom a person's own facts are about: a system names them, a person is named by their token. */
export const assessedPerson = {
  subject: subjectId.optional(),
  procedure: name,
  day: z.iso.date().optional().meta({ description: 'Whose law is applied (Europe/Paris); left out: today.' }),
  language: z.enum(['fr', 'en', 'fr-x-falc']).optional().meta({ description: '`fr-x-falc`: easy-to-read French.' }),
  facts: z
    .record(z.string().min(1).max(100), fact)
    .refine((facts) => Object.keys(facts).length <= 100, 'has more than 100 facts')
    .default({})
    .meta({ description: 'What the person has answered themselves; it is asked of nobody else.' }),
}

const personRequest = z.strictObject(assessedPerson)

/** The same as the contract takes it. Error: REQUEST_INVALID for a system that names nobody. */
export const personAssessed = (
  { subject, procedure, day = '', language, facts }: z.infer<typeof personRequest>,
  caller: Caller,
): PlanAssessmentRequest => ({
  subject: concernedSubject(subject, caller),
  procedure,
  day,
  language: language ?? '',
  facts: Object.entries(facts).map(([each, value]) => factOf(each, value)),
})

/** A notice, consent or explicit request on which a member may be asked. */
export const givenBasis = z.strictObject({ provider: memberId, purpose: name, basisId })

export const plannedFacts = z.array(
  z.strictObject({
    fact: missingFact,
    holders: z
      .array(z.strictObject({ provider: z.string(), source: factSource, mode: z.string(), legalReference: z.string() }))
      .meta({ description: 'Who could tell it without the person being asked; none: only the person can.' }),
  }),
)

export const plannedFactsView = ({ facts }: AssessmentPlan): z.infer<typeof plannedFacts> =>
  facts.flatMap(({ fact: asked, holders }) =>
    asked
      ? [
          {
            fact: missingView(asked),
            holders: holders.flatMap(({ provider, source, mode, legalReference }) =>
              source ? [{ provider, source: { ...source }, mode, legalReference }] : [],
            ),
          },
        ]
      : [],
  )

export const factsUsed = z.array(
  z.strictObject({
    name: z.string(),
    value: fact,
    isSelfDeclared: z.boolean().meta({ description: 'Stated by the person, confirmed by nobody.' }),
    evidence: z
      .strictObject({
        provider: z.string(),
        source: factSource,
        exchangeId: z.string(),
        version: z.number().int(),
        asOf: instant,
      })
      .nullable(),
  }),
)

export const factsUsedView = (used: readonly FactUsed[]): z.infer<typeof factsUsed> =>
  used.flatMap(({ fact: known, isSelfDeclared, provider, source, exchangeId, version, asOfMs }) =>
    known?.value
      ? [
          {
            name: known.name,
            value: known.value.value,
            isSelfDeclared,
            evidence: source ? { provider, source: { ...source }, exchangeId, version, asOf: instantOf(asOfMs) } : null,
          },
        ]
      : [],
  )

const asked = { provider: z.string(), evidenceType: z.string(), purpose: z.string(), facts: z.array(z.string()) }

export const notObtained = z.array(
  z.discriminatedUnion('why', [
    z.strictObject({ ...asked, why: z.literal('other-route'), cause: z.string(), routes: z.array(route) }),
    z.strictObject({ ...asked, why: z.literal('pending'), retryAfterSeconds: z.number().int() }),
    z.strictObject({ ...asked, why: z.literal('refused'), reason: z.string() }),
    z.strictObject({ ...asked, why: z.literal('unfit') }),
  ]),
)

export const notObtainedView = (all: readonly NotObtained[]): z.infer<typeof notObtained> =>
  all.map(({ provider, evidenceType, purpose, facts, why }) => {
    const of = { provider, evidenceType, purpose, facts: [...facts] }
    switch (why?.$case) {
      case 'otherRoute':
        return { ...of, why: 'other-route', ...otherRouteView(why.value) }
      case 'pending':
        return { ...of, why: 'pending', retryAfterSeconds: Math.ceil(why.value.retryAfterMs / 1000) }
      case 'refused':
        return { ...of, why: 'refused', reason: why.value }
      default:
        return { ...of, why: 'unfit' }
    }
  })
