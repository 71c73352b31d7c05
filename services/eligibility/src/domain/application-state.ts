import type { ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'

/** The states of an application by the names under which they are kept. */
export const stateNamed = {
  incomplete: 1,
  'in-review': 2,
  granted: 3,
  'partly-granted': 4,
  refused: 5,
  'accepted-by-silence': 6,
  'rejected-by-silence': 7,
  withdrawn: 8,
} as const satisfies {
  readonly incomplete: ApplicationState.APPLICATION_STATE_INCOMPLETE
  readonly 'in-review': ApplicationState.APPLICATION_STATE_IN_REVIEW
  readonly granted: ApplicationState.APPLICATION_STATE_GRANTED
  readonly 'partly-granted': ApplicationState.APPLICATION_STATE_PARTLY_GRANTED
  readonly refused: ApplicationState.APPLICATION_STATE_REFUSED
  readonly 'accepted-by-silence': ApplicationState.APPLICATION_STATE_ACCEPTED_BY_SILENCE
  readonly 'rejected-by-silence': ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE
  readonly withdrawn: ApplicationState.APPLICATION_STATE_WITHDRAWN
}
export type StateName = keyof typeof stateNamed

/** The name of a state; undefined for what is none. */
export const stateName = (state: ApplicationState): StateName | undefined =>
  (Object.keys(stateNamed) as StateName[]).find((each) => stateNamed[each] === state)
