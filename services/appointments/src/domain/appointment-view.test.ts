import { Appointment } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { expect, it } from 'vitest'
import { withoutWhere } from './appointment-view.js'

const shown = (contact: Appointment['contact']): Appointment['contact'] =>
  withoutWhere({ ...Appointment.decode(new Uint8Array()), contact }).contact

it('does not tell where a protected person lives by telling how they are reached', () => {
  expect(shown({ way: 'email', address: 'ada@example.org', reachedAt: '2 rue du Lac' })).toEqual({
    way: 'email',
    address: 'ada@example.org',
  })
  expect(shown({ way: 'post', address: '2 rue du Lac' })).toEqual({ way: 'post', address: '' })
  expect(shown(undefined)).toBeUndefined()
})
