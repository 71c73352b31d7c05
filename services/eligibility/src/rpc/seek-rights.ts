import { randomUUID } from 'node:crypto'
import { parisDay } from '@unefois/chassis/clock'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { Assessment } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type {
  RightSought,
  SeekRightsRequest,
  SeekRightsResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/rights'
import { toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { Offer } from '../domain/assessment.js'
import { givesFrom, offersFor, type ProactiveOffer, refusalOf, searchesOf } from '../domain/right-sought.js'
import { concernsCaller, type Gathered, gatherFrom } from '../gather.js'
import { proactiveOffers } from '../proactive-offers.js'
import type { RightsNeeds } from '../rights-needs.js'
import { type AssessedProcedure, ruleOfProcedure } from './assessed-procedure.js'
import { subject } from './evidence-fields.js'
import { language, languageOf } from './facts-given.js'
import { name } from './fields.js'
import { findingView } from './finding-view.js'
import { toldView } from './told-view.js'

type Outcome = NonNullable<RightSought['outcome']>

/** One search, the same for each of its people. */
interface Seeking {
  readonly request: SeekRightsRequest
  readonly call: Call
  readonly found: AssessedProcedure
  readonly offers: readonly ProactiveOffer[]
}

/** As consent reads it: what it would not take is refused before anybody is looked at. */
const campaign = z.string().regex(/^[a-z][a-z0-9-]{1,63}$/, 'not a name')

/** Kept back from the caller's time, so that what was found of the first is told where time was too short for the last. */
const answerReserveMs = 200

const nothingKnown = new Map<string, never>()
const refused = (reason: string): Outcome =>
  reason === 'OPPOSITION_STANDS' ? { $case: 'hasOpposed', value: true } : { $case: 'refused', value: reason }

/** The offers, each on a basis of this person's own. Errors: those of consent. */
const recordUse = async (
  { consent }: RightsNeeds,
  { request: { campaign }, call: { deadline, accessToken }, offers }: Seeking,
  person: string,
): Promise<Offer[]> => {
  const based: Offer[] = []
  for (const { provider, purpose, evidenceTypes } of searchesOf(offers)) {
    const { basisId } = await consent.recordProactiveUse(
      { subject: person, provider, purpose, evidenceTypes: [...evidenceTypes], campaign },
      { deadline, idempotencyKey: randomUUID(), ...(accessToken !== undefined && { accessToken }) },
    )
    const covered = offers.filter((offer) => offer.provider === provider && offer.purpose === purpose)
    based.push(...covered.map((offer) => ({ ...offer, basisId })))
  }
  return based
}

const assessmentOf = (
  { book }: RightsNeeds,
  { found, request }: Seeking,
  { facts, told, notObtained }: Gathered,
): Assessment => ({
  finding: findingView(book, found, facts, languageOf(request.language)),
  used: told.map(toldView),
  notObtained: [...notObtained],
})

/** What is found about one person. Every basis comes before the first question: who opposed one of them is asked about nowhere. */
const seek = async (needs: RightsNeeds, seeking: Seeking, person: string): Promise<Outcome> => {
  const { request, call, found, offers } = seeking
  const { procedure } = request
  if (offers.length === 0) return refused('PURPOSE_NOT_AUTHORISED')
  if (givesFrom(await needs.decisions.grantsTo(person, procedure), parisDay(needs.runtime.clock)))
    return { $case: 'receives', value: true }
  let based: Offer[]
  try {
    based = await recordUse(needs, seeking, person)
  } catch (thrown) {
    const { reason } = toMeshError(thrown)
    if (concernsCaller(reason)) throw thrown
    return refused(reason)
  }
  const asked = { subject: person, procedure, relatedSubject: '' }
  const gathered = await gatherFrom(needs, found, based, nothingKnown, asked, call)
  const refusal = refusalOf(gathered.notObtained)
  if (refusal !== undefined) return refused(refusal)
  return { $case: 'assessment', value: assessmentOf(needs, seeking, gathered) }
}

/**
 * One person after the other. Errors: PROCEDURE_UNKNOWN, BENEFIT_UNKNOWN, those of the caller's own token; what is refused about
 * one person is told, and the others go on; DEADLINE_EXCEEDED of those for whom no time was left.
 */
export const seekRights = (needs: RightsNeeds): PlainRpc<SeekRightsRequest, SeekRightsResponse> => ({
  request: z.object({
    procedure: name,
    campaign,
    subjects: z
      .array(subject)
      .min(1)
      .max(50)
      .refine((all) => new Set(all).size === all.length, 'names one twice'),
    language,
  }),
  handle: async (request, call) => {
    const found = await ruleOfProcedure(needs, request.procedure, parisDay(needs.runtime.clock))
    if ('noRelease' in found) return { outcome: { $case: 'noRelease', value: found.noRelease } }
    const offers = offersFor(found.release, proactiveOffers(needs, found.purposes))
    const seeking = { request, call: { ...call, deadline: call.deadline.keepingBack(answerReserveMs) }, found, offers }
    const people: RightSought[] = []
    for (const person of request.subjects) people.push({ subject: person, outcome: await seek(needs, seeking, person) })
    return { outcome: { $case: 'sought', value: { people } } }
  },
})
