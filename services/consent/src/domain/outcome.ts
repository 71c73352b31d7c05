import { type AnsweredState, type ConsentState, stateAt } from './consent-state.js'

/** What the authority told this member about one provider of its request. */
export interface KnownAnswer {
  readonly provider: string
  readonly basisId: string
  readonly state: AnsweredState
  readonly validUntilMs: number
}

export interface Outcome {
  readonly state: ConsentState
  /** One for each provider, once given; kept after its end, so that the provider's refusal names the true reason. */
  readonly bases: readonly { readonly provider: string; readonly basisId: string }[]
}

/** What became of a consent request. It counts as given only once the answer for each provider is here. */
export const outcomeOf = (
  request: { readonly providers: readonly string[]; readonly expiresAtMs: number },
  answers: readonly KnownAnswer[],
  nowMs: number,
): Outcome => {
  if (answers.some(({ state }) => state === 'refused')) return { state: 'refused', bases: [] }
  const isAnswered = request.providers.every((provider) => answers.some((answer) => answer.provider === provider))
  if (!isAnswered)
    return { state: nowMs >= request.expiresAtMs && answers.length === 0 ? 'expired' : 'requested', bases: [] }
  const states = answers.map(({ state, validUntilMs }) => stateAt(state, validUntilMs, nowMs))
  const state = states.find((each) => each === 'withdrawn') ?? states.find((each) => each === 'expired') ?? 'given'
  return { state, bases: answers.map(({ provider, basisId }) => ({ provider, basisId })) }
}
