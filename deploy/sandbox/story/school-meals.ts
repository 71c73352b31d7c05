import {
  Answer,
  type AssessRequest,
  EligibilityServiceDefinition,
  type Fact,
} from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { logInAt } from '../log-in.js'
import { Visitor } from '../visitor.js'
import type { Cast } from './cast.js'
import { recordNotice } from './scenes.js'

export interface SchoolMeals {
  readonly basisId: string
  readonly noticeOffersConsent: boolean
  readonly shownOnPage: boolean
  /** What the provider told, by the names of the facts. */
  readonly told: Readonly<Record<string, unknown>>
  readonly answer: 'yes' | 'no' | 'unknown'
  /** What the rule gives, in words. */
  readonly gives: readonly string[]
  readonly because: readonly string[]
}

const factsOf = (known: Readonly<Record<string, boolean>>): Fact[] =>
  Object.entries(known).map(([name, value]) => ({ name, value: { $case: 'yes', value } }))

const assess = async ({ places, town, script }: Cast, request: AssessRequest) => {
  const { outcome } = await town
    .service('eligibility', EligibilityServiceDefinition)
    .assess(request, await town.call('eligibility:assess evidence:request'))
  if (outcome?.$case !== 'assessment' || !outcome.value.finding)
    throw new Error(`${places.plan.federation}: ${script.requester} assessed nothing: ${JSON.stringify(outcome)}`)
  return { ...outcome.value, finding: outcome.value.finding }
}

const answers = {
  [Answer.ANSWER_YES]: 'yes',
  [Answer.ANSWER_NO]: 'no',
} as const

/**
 * The person is told, at her town's own page, and goes on. Then the town's own software, at the counter, has her rate worked
 * out: what the rule still needs is asked of the provider, and nothing of her.
 */
export const schoolMeals = async (cast: Cast): Promise<SchoolMeals> => {
  const { places, script, person, pseudonym } = cast
  const { purpose, knownHere } = script.information
  const visitor = new Visitor()
  const notice = await logInAt(visitor, places.origin(script.requester), person.login ?? '', `/procedures/${purpose}`)
  const shown = await visitor.send(notice, `/procedures/${purpose}/notice`)
  const subject = pseudonym(script.person)
  const basisId = await recordNotice(cast, subject, purpose)
  const { finding, used } = await assess(cast, {
    subject,
    procedure: purpose,
    day: '',
    facts: factsOf(knownHere),
    bases: [{ provider: script.provider, purpose, basisId }],
    relatedSubject: pseudonym(script.child),
    language: 'en',
  })
  const told = Object.fromEntries(
    used.filter(({ isSelfDeclared }) => !isSelfDeclared).map(({ fact }) => [fact?.name ?? '', fact?.value?.value]),
  )
  const numbers = Object.values(told).filter((value) => typeof value === 'number')
  return {
    basisId,
    noticeOffersConsent: /consent-request/.test(notice.text),
    shownOnPage: numbers.every((value) => shown.text.includes(String(value))),
    told,
    answer: answers[finding.answer as keyof typeof answers] ?? 'unknown',
    gives: finding.gives.map(({ title, text }) => `${title}: ${text}`),
    because: finding.explanation?.conditions.map(({ sentence }) => sentence) ?? [],
  }
}
