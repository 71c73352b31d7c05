import type { AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'

/**
 * The states of an appointment by the names under which they are kept. A hold that ended by itself or was given back has `lapsed`: no
 * reader sees it any more, and who held it still hears that it is over.
 */
export const stateNamed = {
  held: 1,
  booked: 2,
  arrived: 3,
  fulfilled: 4,
  cancelled: 5,
  'no-show': 6,
  lapsed: 0,
} as const satisfies {
  readonly held: AppointmentState.APPOINTMENT_STATE_HELD
  readonly booked: AppointmentState.APPOINTMENT_STATE_BOOKED
  readonly arrived: AppointmentState.APPOINTMENT_STATE_ARRIVED
  readonly fulfilled: AppointmentState.APPOINTMENT_STATE_FULFILLED
  readonly cancelled: AppointmentState.APPOINTMENT_STATE_CANCELLED
  readonly 'no-show': AppointmentState.APPOINTMENT_STATE_NO_SHOW
  readonly lapsed: AppointmentState.APPOINTMENT_STATE_UNSPECIFIED
}
export type StateName = keyof typeof stateNamed

/** The name of a state; undefined for none. */
export const stateName = (state: AppointmentState): StateName | undefined =>
  (Object.keys(stateNamed) as StateName[]).find((each) => stateNamed[each] === state && each !== 'lapsed')

/** What may follow what. From booked to booked it is moved; whoever comes after they were given up is seen after all. */
const following: Readonly<Record<StateName, readonly StateName[]>> = {
  // Only what is pledged for a visit is cancelled; any other hold is released.
  held: ['booked', 'lapsed', 'cancelled'],
  booked: ['booked', 'arrived', 'fulfilled', 'no-show', 'cancelled'],
  arrived: ['fulfilled', 'cancelled'],
  'no-show': ['fulfilled'],
  fulfilled: [],
  cancelled: [],
  lapsed: [],
}

export const mayFollow = (from: StateName, to: StateName): boolean => following[from].includes(to)

/** The states that take a slot: exactly then claims stand for it. */
export const takesSlot = (state: StateName): boolean => state === 'held' || state === 'booked' || state === 'arrived'
