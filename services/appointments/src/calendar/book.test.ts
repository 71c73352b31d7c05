import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Agency, hallCalendar, openAgency, practitioner } from '../agency.fixture.js'
import { CalendarStore } from '../store/calendar.js'
import { CalendarBook } from './book.js'
import { publish } from './calendar.fixture.js'

let agency: Agency
beforeAll(async () => {
  agency = await openAgency()
  await publish(agency, hallCalendar())
})
afterAll(() => agency.close())

/** A book that counts how often the whole calendar is read. */
const counted = () => {
  const store = new CalendarStore(agency.postgres)
  let count = 0
  const read = store.read.bind(store)
  store.read = (db) => {
    count++
    return read(db)
  }
  return { book: new CalendarBook(store), reads: () => count }
}

it('the calendar in memory is read once, whoever asks at the same time, and again when somebody has published', async () => {
  const { book, reads } = counted()
  const all = await Promise.all(Array.from({ length: 20 }, () => book.current()))
  expect([new Set(all).size, reads()]).toEqual([1, 1])
  await publish(agency, { resources: [practitioner('bo')] })
  expect((await book.current()).practitioners.has('bo')).toBe(true)
  await book.current()
  expect(reads()).toBe(2)
})

it('the calendar in memory is had by every connection of the pool at once: none waits for another one', async () => {
  const { book } = counted()
  const found = await Promise.all(
    Array.from({ length: 8 }, () => agency.postgres.transaction(async (tx) => (await book.current(tx)).revision)),
  )
  expect(new Set(found).size).toBe(1)
})

it('a calendar that could not be read is read by who asks next', async () => {
  const { book } = counted()
  const lost = agency.postgres.transaction(async (tx) => {
    await tx.query('SELECT 1/0').catch(() => undefined)
    await book.current(tx)
  })
  await expect(lost).rejects.toThrow()
  expect((await book.current()).places.has('hall')).toBe(true)
})
