import { randomBytes } from 'node:crypto'
import { isSubjectId } from '@unefois/proto/ids'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { personIdFrom } from './domain/person.js'
import { Pseudonyms } from './pseudonyms.js'

const secretOf = (epoch: number) => ({ epoch, secret: Buffer.alloc(32, epoch) })
const people = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => personIdFrom(Buffer.from(bytes)))
const memberIds = fc.stringMatching(/^[a-z][a-z0-9-]{1,39}$/)
const pseudonyms = new Pseudonyms([secretOf(1), secretOf(2)])

describe('pseudonyms', () => {
  it('refuses to start without a secret, or with one of another length', () => {
    expect(() => new Pseudonyms([])).toThrow(RangeError)
    expect(() => new Pseudonyms([{ epoch: 1, secret: randomBytes(16) }])).toThrow(RangeError)
  })

  it('refuses to issue an epoch that has no secret', () => {
    expect(() => new Pseudonyms([secretOf(1), secretOf(2)], 3)).toThrow(RangeError)
  })

  it('refuses what is no pseudonym, or not in its one spelling', () => {
    const subject = pseudonyms.of(personIdFrom(Buffer.alloc(16, 7)), 'town')
    const last = subject.at(-1) ?? ''
    // Unused last bits: the next letter of the alphabet decodes to the same bytes.
    const respelt = subject.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1)
    expect(pseudonyms.open(respelt, 'town')).toBeUndefined()
    for (const text of ['', 'p1.2', `${subject}=`, subject.replace('p1', 'p2'), subject.replace('.2.', '.02.')])
      expect(pseudonyms.open(text, 'town')).toBeUndefined()
  })

  it('refuses a retired epoch', () => {
    fc.assert(
      fc.property(people, memberIds, (person, member) => {
        const before = new Pseudonyms([secretOf(1)]).of(person, member)
        expect(new Pseudonyms([secretOf(2), secretOf(3)]).open(before, member)).toBeUndefined()
      }),
    )
  })

  it('opens another member’s pseudonym to somebody else', () => {
    fc.assert(
      fc.property(people, memberIds, memberIds, (person, member, other) => {
        fc.pre(member !== other)
        expect(pseudonyms.open(pseudonyms.of(person, member), other)).not.toBe(person)
      }),
    )
  })

  it('are the same each time and open to their person', () => {
    fc.assert(
      fc.property(people, memberIds, (person, member) => {
        const subject = pseudonyms.of(person, member)
        expect(isSubjectId(subject)).toBe(true)
        expect(pseudonyms.of(person, member)).toBe(subject)
        expect(pseudonyms.open(subject, member)).toBe(person)
      }),
    )
  })

  it('differ for each person, member and epoch', () => {
    const later = new Pseudonyms([secretOf(3)])
    fc.assert(
      fc.property(fc.uniqueArray(people, { minLength: 2, maxLength: 2 }), memberIds, memberIds, (pair, one, two) => {
        fc.pre(one !== two && pair.length === 2)
        const values = pair.flatMap((person) =>
          [pseudonyms.of(person, one), pseudonyms.of(person, two), later.of(person, one)].map((s) => s.split('.')[2]),
        )
        expect(new Set(values).size).toBe(values.length)
      }),
    )
  })

  it('are issued of the current epoch while a higher one is prepared, and open in both', () => {
    const preparing = new Pseudonyms([secretOf(1), secretOf(2)], 1)
    fc.assert(
      fc.property(people, memberIds, (person, member) => {
        expect(preparing.of(person, member)).toMatch(/^p1\.1\./)
        const [newest, oldest] = preparing.spellings(person, member)
        expect([newest, oldest]).toEqual([pseudonyms.of(person, member), preparing.of(person, member)])
        for (const each of preparing.spellings(person, member)) expect(preparing.open(each, member)).toBe(person)
      }),
    )
  })

  it('still open when of the epoch before', () => {
    fc.assert(
      fc.property(people, memberIds, (person, member) => {
        const before = new Pseudonyms([secretOf(1)]).of(person, member)
        expect(pseudonyms.open(before, member)).toBe(person)
        expect(pseudonyms.of(person, member)).toMatch(/^p1\.2\./)
      }),
    )
  })
})
