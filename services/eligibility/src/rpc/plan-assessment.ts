import { nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { Authorisation } from '@unefois/proto/federation-list'
import type {
  FactHolder,
  PlanAssessmentRequest,
  PlanAssessmentResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { isSubjectId } from '@unefois/proto/ids'
import { gives } from '@unefois/proto/mask'
import { z } from 'zod'
import type { EligibilityContext } from '../context.js'
import { find } from '../domain/finding.js'
import type { FactSource } from '../domain/release.js'
import { assessedProcedure } from './assessed-procedure.js'
import { factsOf, givenFacts, language, languageOf } from './facts-given.js'
import { day, name, orEmpty } from './fields.js'
import { missingView } from './finding-view.js'
import { releaseView } from './release-view.js'

type Needs = Pick<EligibilityContext, 'runtime' | 'book' | 'procedures'>

/** The members that may tell a fact to this one, in the order of its sources. */
const holdersOf = (
  own: readonly Authorisation[],
  sources: readonly FactSource[],
  purposes: readonly string[],
): FactHolder[] =>
  sources
    .filter(({ purpose }) => purposes.includes(purpose))
    .flatMap((source) =>
      own
        .filter((one) => one.evidenceType === source.evidenceType && one.purpose === source.purpose)
        .filter((one) => gives(one, source.field))
        .map(({ provider, mode, legalReference }) => ({ provider, source, mode, legalReference })),
    )

/** Errors: CALLER_NOT_ALLOWED, PROCEDURE_UNKNOWN, BENEFIT_UNKNOWN, FACT_INVALID. */
export const planAssessment = (needs: Needs): PlainRpc<PlanAssessmentRequest, PlanAssessmentResponse> => ({
  request: z.object({
    subject: z.string().refine(isSubjectId, 'not a pseudonym'),
    procedure: name,
    day: orEmpty(day),
    facts: givenFacts,
    language,
  }),
  handle: async (request, call) => {
    const { runtime, book } = needs
    const found = await assessedProcedure(needs, request, call)
    if ('noRelease' in found) return { outcome: { $case: 'noRelease', value: found.noRelease } }
    const { release, computation, stored, purposes } = found
    const { missing } = find(release, computation, factsOf(release, request.facts))
    const own = runtime.federation.current
      .authorisationsInForce(nowSeconds(runtime.clock))
      .filter(({ requester }) => requester === runtime.member)
    const facts = missing.flatMap((each) =>
      missingView(release, each, languageOf(request.language)).map((fact) => ({
        fact,
        holders: holdersOf(own, fact.sources, purposes),
      })),
    )
    return { outcome: { $case: 'plan', value: { release: releaseView(book, stored), facts } } }
  },
})
