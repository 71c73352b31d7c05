import { expect, it } from 'vitest'
import { contactFault, contactFor, type Reach } from './contact.js'

it.each([
  [undefined, 'contact'],
  [{ way: '', address: '' }, 'contact.way'],
  [{ way: 'pigeon', address: 'x' }, 'contact.way'],
  [{ way: 'toString', address: 'x' }, 'contact.way'],
  [{ way: 'email', address: '' }, 'contact.address'],
  [{ way: 'email', address: 'ada' }, 'contact.address'],
  [{ way: 'email', address: 'ada@example' }, 'contact.address'],
  [{ way: 'email', address: 'ada@example.org, bob@example.org' }, 'contact.address'],
  [{ way: 'email', address: 'ada@example.org\nBcc: bob@example.org' }, 'contact.address'],
  [{ way: 'email', address: `${'a'.repeat(250)}@b.fr` }, 'contact.address'],
  [{ way: 'sms', address: '0612345678' }, 'contact.address'],
  [{ way: 'sms', address: '+0612345678' }, 'contact.address'],
  [{ way: 'telephone', address: '+336 12 34 56 78' }, 'contact.address'],
  [{ way: 'telephone', address: '+3361234567890123' }, 'contact.address'],
  [{ way: 'post', address: ' ' }, 'contact.address'],
  [{ way: 'post', address: 'x'.repeat(301) }, 'contact.address'],
  [{ way: 'none', address: 'ada@example.org' }, 'contact.address'],
  [{ way: 'none', address: '', reachedAt: 'x'.repeat(301) }, 'contact.reachedAt'],
])('refuses %j', (contact, field) => {
  expect(contactFault(contact)).toMatchObject({ field })
})

it.each([
  ['email', 'ada.lovelace+rdv@mail.example.org'],
  ['sms', '+33612345678'],
  ['telephone', '+262692123456'],
  ['post', '1 rue du Pont\n08300 Rethel'],
  ['none', ''],
])('takes %s %s', (way, address) => {
  expect(contactFault({ way, address })).toBeUndefined()
})

const none = { way: 'none', address: '' }
const sms = { way: 'sms', address: '+33612345678' }
const email = { way: 'email', address: 'ada@example.org' }
const post = { way: 'post', address: '1 rue du Pont' }

it.each<[Reach, { way: string; address: string; reachedAt?: string }, string]>([
  ['call', none, 'contact.reachedAt'],
  ['call', email, 'contact.reachedAt'],
  ['call', { ...sms, reachedAt: '0612345678' }, 'contact.reachedAt'],
  ['home', none, 'contact.reachedAt'],
  ['home', sms, 'contact.reachedAt'],
  ['home', email, 'contact.reachedAt'],
  ['home', { ...none, reachedAt: '+33612345678' }, 'contact.reachedAt'],
  ['home', { ...none, reachedAt: ' ' }, 'contact.reachedAt'],
  ['link', none, 'contact.way'],
])('does not reach somebody who is met so (%s) by %j', (reach, contact, field) => {
  expect(contactFor(contact, reach)).toMatchObject({ field })
})

it.each<[Reach, { way: string; address: string; reachedAt?: string }, string | undefined]>([
  ['call', sms, '+33612345678'],
  ['call', { ...email, reachedAt: '+33612345678' }, '+33612345678'],
  ['home', post, '1 rue du Pont'],
  ['home', { ...sms, reachedAt: '2 rue du Lac' }, '2 rue du Lac'],
  ['link', email, undefined],
  ['comes', none, undefined],
  // What nobody needs is not kept.
  ['comes', { ...sms, reachedAt: '2 rue du Lac' }, undefined],
  ['link', { ...email, reachedAt: '2 rue du Lac' }, undefined],
])('reaches somebody who is met so (%s) by %j', (reach, contact, reachedAt) => {
  const { way, address } = contact
  expect(contactFor(contact, reach)).toEqual({ way, address, ...(reachedAt !== undefined && { reachedAt }) })
})
