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

it('does not tell by who held what was prepared where a protected person lives, but what to bring', () => {
  const had = {
    title: undefined,
    provider: 'town-of-lac',
    evidenceType: 'school',
    fields: ['level'],
    exchangeId: 'x-1',
  }
  const pending = { provider: 'town-of-lac', evidenceType: 'rent', purpose: 'id', facts: [], exchangeId: 'x-2' }
  const toBring = [{ title: { fr: 'Photo', en: 'Photograph' }, routes: [] }]
  const preparation = { preparedAtMs: 1, had: [had], notObtained: [{ ...pending, why: undefined }], toBring }
  const withheld = withoutWhere({ ...Appointment.decode(new Uint8Array()), preparation }).preparation
  expect(withheld).toMatchObject({ had: [{ evidenceType: 'school', fields: ['level'] }], toBring })
  expect(JSON.stringify(withheld)).not.toMatch(/lac|x-/)
})
