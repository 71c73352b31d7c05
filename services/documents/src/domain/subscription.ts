import type { Authorisation, Mode, Predicate } from '@unefois/proto/federation-list'
import type { Reason } from '@unefois/proto/reasons'
import { answerPredicates, type HeldEvidence, minimised } from './evidence.js'

/** A subscription ends at the latest 12 months after it was opened; whoever still needs it asks anew. */
export const longestSubscriptionMs = 365 * 86_400_000

/** One requester's standing wish to be told, as its provider keeps it. */
export interface Subscriber {
  readonly requester: string
  readonly subscriptionId: string
  readonly subject: string
  readonly evidenceType: string
  readonly purpose: string
  readonly procedure: string
  readonly basisId: string
  readonly mode: Mode
  readonly openedAtMs: number
  readonly untilMs: number
}

/** Whether the provider itself signed that this requester hears of changes; where a person asks each time, nobody does. */
export const subscriptionRefusal = ({
  changesTold,
  mode,
}: Pick<Authorisation, 'changesTold' | 'mode'>): Reason | undefined =>
  changesTold === true && mode !== 'explicit-request' ? undefined : 'CHANGES_NOT_AUTHORISED'

/** When a subscription opened now ends at the latest: with its authorisation, with a consent that has an end, or after 12 months. */
export const subscriptionEndMs = (
  authorisation: Pick<Authorisation, 'exp'>,
  consentUntilSeconds: number | undefined,
  nowMs: number,
): number =>
  Math.floor(
    Math.min(
      nowMs + longestSubscriptionMs,
      authorisation.exp * 1000,
      (consentUntilSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    ),
  )

/** One spelling for values that are equal, in whatever order their members stand. */
const spelled = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(spelled).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${spelled(each)}`).join(',')}}`
}

/** What a question that names a second person could be answered, whoever is named. */
const relatedBy = ({ related }: HeldEvidence, predicate: Predicate): readonly string[] =>
  predicate.kind === 'related-subject'
    ? [
        ...new Set(related.filter(({ relation }) => relation === predicate.relation).map(({ subject }) => subject)),
      ].sort()
    : []

/** All that a requester could learn from evidence under its authorisation, in one spelling; empty for nothing. */
export const visibleTo = (authorisation: Authorisation, evidence: HeldEvidence | undefined): string => {
  if (!evidence) return ''
  const { fields, predicates } = authorisation
  const asked = predicates
    .filter(({ kind }) => kind !== 'related-subject')
    .map(({ id }) => ({ id, argument: undefined }))
  const seen = {
    value: minimised(evidence, fields),
    answers: answerPredicates(authorisation, evidence, asked),
    related: predicates.map((predicate) => relatedBy(evidence, predicate)),
  }
  const isNothing =
    Object.keys(seen.value).length === 0 &&
    seen.answers.length === 0 &&
    seen.related.every(({ length }) => length === 0)
  return isNothing ? '' : spelled(seen)
}

/** Whether a requester may hear that evidence changed: what it cannot see must not be told, not even that it changed. */
export const isChangeVisible = (
  authorisation: Authorisation,
  before: HeldEvidence | undefined,
  after: HeldEvidence | undefined,
): boolean => visibleTo(authorisation, before) !== visibleTo(authorisation, after)
