import type { Appointment, BookAppointmentRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { SearchSlotsRequest, Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  anAppointment,
  aSlot,
  bookedId,
  branch,
  holdId,
  hubPapers,
  link,
  papers,
  startsAtMs,
  townHall,
} from '../appointment.fixture.js'
import { Browser, type OpenGateway, openGateway, subject } from '../gateway.fixture.js'

const dayMs = 86_400_000
/** The same counter at the same time, so many days later. */
const slotOn = (day: number): Slot => ({
  ...aSlot,
  startsAtMs: startsAtMs + day * dayMs,
  localStart: `2026-11-${24 + day}T09:30+01:00`,
})
const valueOn = (day: number): string => `counter-1~${startsAtMs + day * dayMs}~counter~town-hall`
const shownOn = (day: number): string => `${['Tues', 'Wednes', 'Thurs', 'Fri'][day]}day ${24 + day}\u00a0November 2026`

const course = { ...papers, serviceTypeId: 'course', longestSeries: 3 }
const offered = [
  { serviceType: course, places: [townHall, branch] },
  { serviceType: papers, places: [townHall] },
  { serviceType: { ...hubPapers, longestSeries: 3 }, places: [townHall] },
]

let slots: readonly Slot[] = []
let held: readonly Appointment[] = []
let bookRefusal: MeshError | undefined
let searchRefusal: Reason | undefined
const searched: SearchSlotsRequest[] = []
const booked: BookAppointmentRequest[] = []

let agency: OpenGateway
let browser: Browser
beforeAll(async () => {
  agency = await openGateway('agency', {
    calendar: {
      listServiceTypes: async ({ serviceTypeId }) => ({
        serviceTypes: offered.filter((one) => serviceTypeId === '' || one.serviceType.serviceTypeId === serviceTypeId),
        nextPageToken: '',
      }),
    },
    slots: {
      searchSlots: async (request) => {
        searched.push(request)
        if (searchRefusal && request.allOfPeriod) throw new MeshError(searchRefusal)
        return { slots: [...slots], nextPageToken: 'later', walkInPlaces: [], fromDay: '', toDay: '' }
      },
    },
    appointments: {
      getBookingLink: async () => ({ serviceTypeId: 'course', placeIds: [], isAccompanied: false, expiresAtMs: 1 }),
      holdSlot: async () => ({ holdId, untilMs: startsAtMs - 3_600_000 }),
      listAppointments: async () => ({ appointments: [...held], nextPageToken: '' }),
      bookAppointment: async (request) => {
        booked.push(request)
        if (bookRefusal) throw bookRefusal
        return { appointments: request.slots.map(() => anAppointment), secret: '' }
      },
    },
  })
})
afterAll(() => agency.close())
beforeEach(async () => {
  slots = [0, 1, 2, 3].map(slotOn)
  held = []
  bookRefusal = undefined
  searchRefusal = undefined
  browser = new Browser(agency)
  await browser.logIn()
  for (const list of [searched, booked, agency.calls]) list.length = 0
})

const path = '/book/course'
const dates = (...days: readonly number[]): string =>
  new URLSearchParams(days.map((day): [string, string] => ['date', valueOn(day)])).toString()
const escaped = (text: string): string => text.replaceAll('&', '&amp;')
const textOf = (body: string): string => body.replace(/<[^>]+>/g, '')
const said = { way: 'none' }
const bookedDays = () => booked.map((one) => one.slots.map((slot) => (slot.startsAtMs - startsAtMs) / dayMs))
/** The page of chosen dates, and its form sent. */
const confirm = async (days: readonly number[], fields: Record<string, string> = said) =>
  browser.send(await browser.get(`${path}/dates?${dates(...days)}`), `${path}/dates`, fields)

describe('a series of dates', () => {
  it('takes no form of another site, of nobody, nor dates that no page of ours has', async () => {
    const page = await browser.get(`${path}/dates?${dates(0, 1)}`)
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(page.body) ?? []
    const form = { form_token: token, key: 'k'.repeat(43), search: dates(0, 1), ...said }
    const sent = async (change: Record<string, string>, headers?: Record<string, string>) =>
      (await browser.post(`${path}/dates`, { ...form, ...change }, headers)).statusCode
    expect(await sent({}, { origin: 'https://evil.test' })).toBe(403)
    expect(await sent({}, { origin: 'null' })).toBe(403)
    expect(await sent({ form_token: 'x' })).toBe(403)
    expect(await sent({ key: 'short' })).toBe(400)
    expect(await sent({ search: `${dates(0)}&date=somewhere` })).toBe(400)
    expect(await sent({ slot: valueOn(0) })).toBe(400)
    expect((await browser.get(`${path}/dates?date=somewhere`)).statusCode).toBe(400)
    expect((await browser.get(`${path}?date=somewhere`)).statusCode).toBe(400)
    browser.cookies.clear()
    expect((await browser.get(`${path}/dates?${dates(0, 1)}`)).statusCode).toBe(401)
    expect((await browser.send(page, `${path}/dates`, said)).statusCode).toBe(401)
    expect(booked).toEqual([])
  })

  it.each([
    ['more than one may take', [0, 1, 2, 3], 'You can take 3\u00a0dates at once'],
    ['the same twice', [1, 1], 'The same date is chosen twice'],
  ])('is not asked for with %s: each can be removed, and there is no form', async (_, days, words) => {
    const page = await browser.get(`${path}/dates?${dates(...days)}`)
    expect(page.statusCode).toBe(422)
    expect(page.body).toContain(`<div class="alert" role="alert"><p>${words}`)
    expect(page.body).not.toContain('name="way"')
    expect(page.body).toContain(escaped(`href="${path}/dates?${dates(...days.slice(1))}"`))
    // Sent all the same, nothing is asked of the service.
    const form = await browser.get(`${path}/dates?${dates(0, 1)}`)
    const sent = await browser.send(form, `${path}/dates`, { ...said, search: dates(...days) })
    expect([sent.statusCode, sent.body.includes(words), booked]).toEqual([422, true, []])
  })

  it('is one date where the agency says so, for a pre-application, and by a link', async () => {
    for (const id of ['papers', 'hub-papers']) {
      const page = await browser.get(`/book/${id}/dates?${dates(0, 1)}`)
      expect([page.body.includes('name="slot"'), page.body.includes('name="way"')]).toEqual([true, false])
      const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(page.body) ?? []
      const forged = { form_token: token, key: 'k'.repeat(43), search: dates(0, 1), ...said }
      expect((await browser.post(`/book/${id}/dates`, forged)).body).toContain('name="slot"')
      const { body } = await browser.get(`/book/${id}?${dates(0)}`)
      expect(body).not.toContain('Add another date')
      expect(body).not.toContain('name="date"')
    }
    const { body } = await browser.get(`/book/link/${link}?${dates(0)}`)
    expect(body).toContain('name="slot"')
    expect(body).not.toMatch(/name="date"|dates at once/)
    expect((await browser.get(`/book/link/${link}/dates?${dates(0, 1)}`)).statusCode).toBe(404)
    expect(booked).toEqual([])
  })

  it('begins with a date that is held as any other, and leads to the times for one more', async () => {
    const first = await browser.get(`${path}?place=town-hall`)
    expect(first.body).toContain('You can take up to 3\u00a0dates at once: choose the first.')
    const held = await browser.send(first, `${path}/hold`, { slot: valueOn(0) })
    expect(held.body).toContain('This time is kept for you until')
    expect(held.body).toContain('name="way"')
    expect(held.body).toContain(escaped(`href="${path}?place=town-hall&${dates(0)}">Add another date`))
  })

  it('shows the chosen dates above the times, and a button adds one by address', async () => {
    const { body } = await browser.get(`${path}?place=town-hall&${dates(2, 0)}`)
    expect(body).toContain(`<form method="get" action="${path}/dates">`)
    expect(body).toContain(`name="date" value="${valueOn(1)}"`)
    for (const day of [2, 0]) expect(body).toContain(`<input type="hidden" name="date" value="${valueOn(day)}">`)
    expect(body).not.toContain(`<button class="second" name="date" value="${valueOn(2)}"`)
    expect(textOf(body).match(/Chosen already/g)).toHaveLength(2)
    // The earliest is named first, and each can be removed.
    expect(textOf(body).indexOf(shownOn(0))).toBeLessThan(textOf(body).indexOf(shownOn(2)))
    expect(body).toContain(escaped(`href="${path}?place=town-hall&${dates(0)}">Remove`))
    expect(body).toContain(escaped(`href="${path}/dates?place=town-hall&${dates(2, 0)}">Go on with these 2\u00a0dates`))
    expect(body).toContain(escaped(`href="${path}?place=town-hall&${dates(2, 0)}&after=later"`))
    expect(body).toContain('<summary>Change the search</summary>')
    const full = await browser.get(`${path}?${dates(0, 1, 2)}`)
    expect(full.body).toContain('You have chosen 3\u00a0dates')
    expect(full.body).not.toContain('<button class="second" name="date"')
  })

  it('keeps the dates of who has to log in first', async () => {
    browser.cookies.clear()
    const { body } = await browser.get(`${path}?${dates(0)}`)
    expect(body).toContain(`/login?return=${encodeURIComponent(`${path}?${dates(0)}`).replaceAll('%20', '+')}`)
    expect(body).not.toContain('<button class="second" name="date"')
  })

  it('is confirmed on one page, in the order of time, and booked at once, all or nothing', async () => {
    const page = await browser.get(`${path}/dates?accompanied=yes&units=1&${dates(2, 0, 1)}`)
    expect(page.body).toContain('<h1>Confirm your 3\u00a0dates</h1>')
    expect(page.body).toContain('Nothing is booked yet: your dates are taken all together')
    expect(page.body).not.toContain('Add another date')
    expect(page.body).toContain('name="accompanied" value="yes" checked')
    const order = [0, 1, 2].map((day) => textOf(page.body).indexOf(shownOn(day)))
    expect(order).toEqual([...order].sort((a, b) => a - b))
    const done = await browser.send(page, `${path}/dates`, {
      way: 'sms',
      address: '06 12 34 56 78',
      accompanied: 'yes',
    })
    expect([done.statusCode, done.headers.location]).toEqual([303, `/appointments/${bookedId}?done=series-booked`])
    const slot = { scheduleId: 'counter-1', serviceTypeId: 'course', units: 1, channel: 1 }
    expect(booked).toMatchObject([
      {
        subject,
        holdIds: [],
        slots: [0, 1, 2].map((day) => ({ ...slot, startsAtMs: startsAtMs + day * dayMs })),
        needs: { isAccompanied: true },
        contact: { way: 'sms', address: '+33612345678' },
        by: undefined,
        secret: undefined,
      },
    ])
    await browser.send(page, `${path}/dates`, { way: 'sms', address: '06 12 34 56 78', accompanied: 'yes' })
    const keys = agency.calls.filter(({ rpc }) => rpc === 'appointments.bookAppointment')
    expect(new Set(keys.map(({ call }) => call.idempotencyKey)).size).toBe(1)
  })

  it('is one appointment after all where one date is left, and the times where none is', async () => {
    const page = await browser.get(`${path}/dates?${dates(1)}`)
    expect(page.body).toContain('<h1>Confirm the appointment</h1>')
    expect(page.body).toContain(`href="${path}">Remove`)
    const done = await browser.send(page, `${path}/dates`, said)
    expect([done.headers.location, bookedDays()]).toEqual([`/appointments/${bookedId}?done=booked`, [[1]]])
    expect((await browser.get(`${path}/dates`)).body).toContain('name="slot"')
  })

  it.each([
    [{}, 'way', 'Choose one of the answers'],
    [{ way: 'sms', address: '12' }, 'address', 'Write a number such as'],
  ])('is not booked with %j: the field says why, and the dates stay', async (fields, field, words) => {
    const page = await confirm([0, 2], { interpreter: 'ar', ...fields })
    expect(page.statusCode).toBe(422)
    expect(page.body).toContain(`id="${field}-fault">${words}`)
    expect(page.body).toContain('<option value="ar" selected>')
    expect(textOf(page.body)).toContain(shownOn(2))
    expect(booked).toEqual([])
  })

  it('says at the field what the service cannot read', async () => {
    bookRefusal = new MeshError('APPOINTMENT_INVALID', { facts: { field: 'contact.address', what: 'is none' } })
    const page = await confirm([0, 2], { way: 'sms', address: '06 12 34 56 78' })
    expect([page.statusCode, page.body.includes('id="address-fault">We cannot read this')]).toEqual([422, true])
    expect(textOf(page.body)).toContain(shownOn(2))
  })
})

describe('a date of a series that is taken meanwhile', () => {
  it.each(['SLOT_TAKEN', 'SLOT_UNKNOWN', 'TIME_PASSED', 'SLOT_RESERVED'] as const)(
    'is named (%s), and the others and what was typed stay to be booked',
    async (reason) => {
      const form = await browser.get(`${path}/dates?place=town-hall&${dates(0, 1, 2)}`)
      bookRefusal = new MeshError(reason)
      slots = [0, 2].map(slotOn)
      const page = await browser.send(form, `${path}/dates`, {
        way: 'email',
        address: 'ada@example.org',
        note: 'Bonjour',
      })
      expect(page.statusCode).toBe(reason === 'SLOT_UNKNOWN' ? 404 : 409)
      const [, alert = ''] = /<div class="alert" role="alert">(.*?)<\/div>/s.exec(page.body) ?? []
      expect(textOf(alert)).toContain(`This date is no longer free:${shownOn(1)} at 09:30`)
      expect(textOf(alert)).not.toContain(shownOn(0))
      expect(page.body).toContain('<h1>Confirm your 2\u00a0dates</h1>')
      expect(page.body).toContain(escaped(`href="${path}?place=town-hall&${dates(0, 2)}">Choose another date`))
      expect(page.body).toContain('value="ada@example.org"')
      bookRefusal = undefined
      const { headers } = await browser.send(page, `${path}/dates`, { way: 'email', address: 'ada@example.org' })
      expect(headers.location).toBe(`/appointments/${bookedId}?done=series-booked`)
      expect(bookedDays()).toEqual([
        [0, 1, 2],
        [0, 2],
      ])
    },
  )

  it('is looked for by its own day, place and way, as the person would get it', async () => {
    bookRefusal = new MeshError('SLOT_TAKEN')
    const form = await browser.get(`${path}/dates?units=2&accompanied=yes&${dates(0, 1)}`)
    searched.length = 0
    await browser.send(form, `${path}/dates`, said)
    expect(searched).toMatchObject(
      [24, 25].map((day) => ({
        ...{ serviceTypeId: 'course', placeIds: ['town-hall'], channel: 1, units: 2, isAccompanied: false },
        ...{ fromDay: `2026-11-${day}`, toDay: `2026-11-${day}`, allOfPeriod: true },
      })),
    )
  })

  it('is not the one that the person holds, which nobody else finds', async () => {
    held = [anAppointment]
    slots = []
    bookRefusal = new MeshError('SLOT_TAKEN')
    const page = await confirm([0, 1])
    expect(page.body).toContain('<h1>Confirm the appointment</h1>')
    expect(page.body).toContain(`name="search" value="${dates(0)}"`)
    expect(agency.calls.find(({ rpc }) => rpc === 'appointments.listAppointments')?.request).toMatchObject({
      ...{ subject, state: 1 },
    })
  })

  it('of another service, of a place that is none, or beyond what can be booked, is gone like one that was taken', async () => {
    bookRefusal = new MeshError('SLOT_UNKNOWN')
    const form = await browser.get(`${path}/dates?${dates(0)}`)
    const search = `${dates(0)}&date=other-service~${startsAtMs + dayMs}~counter~town-hall&date=counter-1~${startsAtMs + 2 * dayMs}~counter~moon`
    const page = await browser.send(form, `${path}/dates`, { ...said, search })
    expect(page.body).toContain('These dates are no longer free')
    expect(page.body).toContain(`name="search" value="${dates(0)}"`)
    for (const refusal of ['TIME_PASSED', 'RANGE_INVERTED'] as const) {
      searchRefusal = refusal
      const none = await confirm([0, 1])
      expect([none.statusCode, none.body.includes('name="slot"')]).toEqual([404, true])
    }
  })

  it('leads to all times where nothing of it is left, and says when it may have been another reason', async () => {
    slots = []
    bookRefusal = new MeshError('SLOT_TAKEN')
    const none = await confirm([0, 1])
    expect([none.statusCode, none.body.includes('Nothing is free with these choices')]).toEqual([409, true])
    slots = [0, 1].map(slotOn)
    const all = await confirm([0, 1])
    expect([all.statusCode, all.body.includes('One of these dates could not be taken')]).toEqual([409, true])
    expect(all.body).toContain('Take these 2\u00a0dates')
  })

  it('is not the reason where the person has an appointment for this already', async () => {
    bookRefusal = new MeshError('APPOINTMENT_LIMIT_REACHED')
    const page = await confirm([0, 1])
    expect([page.statusCode, page.body.includes('See my appointments')]).toEqual([409, true])
    expect(page.body).not.toContain('name="date"')
  })

  it('is none where only an agent books this: the refusal says how else', async () => {
    bookRefusal = new MeshError('BOOKING_NOT_ALLOWED')
    const page = await confirm([0, 1])
    expect([page.statusCode, page.body.includes('an agent makes it with you')]).toEqual([403, true])
  })
})
