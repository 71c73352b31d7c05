import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { expect, it } from 'vitest'
import { type KeptAppointment, unsaid } from './appointment.js'
import type { StateName } from './appointment-state.js'
import { type Attendance, attended } from './attendance.js'

/** 9:00 to 9:30 on 23 November 2026 in Paris. */
const kept = (state: StateName): KeptAppointment => ({
  appointmentId: 'a',
  subject: '',
  serviceTypeId: 't',
  scheduleNo: 1,
  placeId: 'p',
  practitionerNo: 1,
  startsAtMs: Date.parse('2026-11-23T08:00:00Z'),
  endsAtMs: Date.parse('2026-11-23T08:30:00Z'),
  ...{ state, revision: 3, motive: 't', isByPerson: false, deleteAfterMs: 0, said: unsaid },
  ...{ heldUntilMs: undefined, seriesId: undefined, visitId: undefined, secretSha256: undefined },
  remindAtMs: 5,
})
const agent = { agentId: 'a1', firstName: 'Zoé', lastName: 'Ba', capacity: 'Clerk', isUnnamed: false }
const hand: Hand = { who: { $case: 'agent', value: agent } }
const at = (state: StateName, said: Attendance, moment: string) =>
  attended(kept(state), { state: said, hand }, 'Europe/Paris', Date.parse(moment))

it.each<[StateName, Attendance, string]>([
  ['held', 'arrived', '2026-11-23T08:00:00Z'],
  ['cancelled', 'fulfilled', '2026-11-23T08:00:00Z'],
  ['fulfilled', 'no-show', '2026-11-23T08:00:00Z'],
  ['no-show', 'arrived', '2026-11-23T08:00:00Z'],
  ['arrived', 'no-show', '2026-11-23T08:00:00Z'],
])('of one that is %s nobody says %s', (state, said, moment) => {
  expect(at(state, said, moment)).toBe('APPOINTMENT_ENDED')
})

it.each<[Attendance, string]>([
  ['arrived', '2026-11-22T22:59:59Z'],
  ['fulfilled', '2026-11-22T22:59:59Z'],
  ['no-show', '2026-11-23T07:59:59Z'],
])('it is too early for %s at %s', (said, moment) => {
  expect(at('booked', said, moment)).toMatchObject({ field: 'state' })
})

it.each<[StateName, Attendance, string]>([
  ['booked', 'arrived', '2026-11-22T23:00:00Z'],
  ['booked', 'no-show', '2026-11-23T08:00:00Z'],
  ['arrived', 'fulfilled', '2026-11-23T08:05:00Z'],
  ['no-show', 'fulfilled', '2026-11-23T08:40:00Z'],
])('from %s it becomes %s by whose hand it was said, and is reminded of no more', (state, said, moment) => {
  expect(at(state, said, moment)).toMatchObject({
    ...{ state: said, revision: 4, remindAtMs: undefined, said: { attendedBy: hand } },
  })
})
