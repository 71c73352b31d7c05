import { AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { expect, it } from 'vitest'
import { mayFollow, type StateName, stateName, stateNamed, takesSlot } from './appointment-state.js'

const names = Object.keys(stateNamed) as StateName[]

it('lets nothing follow but what may', () => {
  const allowed = names.flatMap((from) => names.filter((to) => mayFollow(from, to)).map((to) => `${from} ${to}`))
  expect(allowed).toEqual([
    'held booked',
    'held cancelled',
    'held lapsed',
    'booked booked',
    'booked arrived',
    'booked fulfilled',
    'booked cancelled',
    'booked no-show',
    'arrived fulfilled',
    'arrived cancelled',
    'no-show fulfilled',
  ])
})

it('never lets what has given its slot back take one again', () => {
  for (const from of names)
    for (const to of names) if (!takesSlot(from) && takesSlot(to)) expect(mayFollow(from, to)).toBe(false)
})

it('has a name for each state that readers know', () => {
  expect(stateName(AppointmentState.APPOINTMENT_STATE_UNSPECIFIED)).toBeUndefined()
  for (const name of names.filter((each) => each !== 'lapsed')) expect(stateName(stateNamed[name])).toBe(name)
})
