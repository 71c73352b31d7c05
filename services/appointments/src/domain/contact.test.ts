import { expect, it } from 'vitest'
import { contactFault } from './contact.js'

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
