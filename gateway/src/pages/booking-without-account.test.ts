import type { BookAppointmentRequest, HoldSlotRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { SearchSlotsRequest, Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anAppointment, aSlot, holdId, link, offered, secret, startsAtMs } from '../appointment.fixture.js'
import { Browser, type OpenGateway, openGateway } from '../gateway.fixture.js'

const hubSlot: Slot = { ...aSlot, serviceTypeId: 'hub-papers' }
let slots: readonly Slot[] = [aSlot]
let bookRefusal: MeshError | undefined
const searched: SearchSlotsRequest[] = []
const held: HoldSlotRequest[] = []
const booked: BookAppointmentRequest[] = []

let agency: OpenGateway
let browser: Browser
beforeAll(async () => {
  agency = await openGateway('agency', {
    calendar: {
      listServiceTypes: async ({ serviceTypeId }) => ({
        serviceTypes: offered.filter((one) => serviceTypeId === '' || one.serviceType?.serviceTypeId === serviceTypeId),
        nextPageToken: '',
      }),
    },
    slots: {
      searchSlots: async (request) => {
        searched.push(request)
        return { slots: [...slots], nextPageToken: '', walkInPlaces: [], fromDay: '', toDay: '' }
      },
    },
    appointments: {
      getBookingLink: async ({ secret: shown }) => {
        if (shown !== link) throw new MeshError('BOOKING_LINK_UNKNOWN')
        return { serviceTypeId: 'papers', placeIds: ['town-hall'], isAccompanied: true, expiresAtMs: 1 }
      },
      holdSlot: async (request) => {
        held.push(request)
        return { holdId, untilMs: startsAtMs }
      },
      bookAppointment: async (request) => {
        booked.push(request)
        if (bookRefusal) throw bookRefusal
        return { appointments: [anAppointment], secret }
      },
    },
  })
})
afterAll(() => agency.close())
beforeEach(() => {
  slots = [aSlot]
  bookRefusal = undefined
  browser = new Browser(agency)
  for (const list of [searched, held, booked, agency.calls]) list.length = 0
})

const path = `/book/link/${link}`
const slot = `counter-1~${startsAtMs}~counter~town-hall`
const said = { way: 'none' }
const byLink = { of: { $case: 'link', value: link } }

describe('booking by a link', () => {
  it.each([`/book/link/${link.slice(1)}`, `/book/link/${'M'.repeat(43)}`, '/book/link/seven'])(
    'leads nowhere where nobody gave it, and the page is as secret as one that was given: %s',
    async (url) => {
      const page = await browser.get(url)
      expect(page.statusCode).toBe(404)
      expect(page.body).toContain('Ask the agency for a new link')
      expect([page.headers['referrer-policy'], page.headers['cache-control']]).toEqual(['no-referrer', 'no-store'])
    },
  )

  it('takes no form of another site, nor one that is none of ours', async () => {
    const page = await browser.get(path)
    const foreign = { key: 'k'.repeat(43), search: '', slot }
    const of = (headers: Record<string, string>) => browser.post(`${path}/hold`, foreign, headers)
    expect((await of({ origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect((await of({ origin: 'null', 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect((await of({ origin: 'null', 'sec-fetch-site': 'same-site' })).statusCode).toBe(403)
    expect((await browser.send(page, `${path}/hold`, { slot, key: 'short' })).statusCode).toBe(400)
    expect((await browser.send(page, `${path}/hold`, { slot: 'anywhere' })).statusCode).toBe(400)
    expect(held).toEqual([])
  })

  it('is told to no other site, kept by no cache, found by no search engine, and its login leads home', async () => {
    const { headers, body } = await browser.get(path)
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    })
    expect(body).toContain('href="/login?return=%2F"')
    expect(body).not.toContain('/wait"')
  })

  it('shows the places of the link alone, with what its agent said of the person', async () => {
    const { body } = await browser.get(path)
    expect(searched).toMatchObject([{ placeIds: ['town-hall'], isAccompanied: true }])
    expect(body).not.toContain('Harbour branch')
    expect(body).toContain('name="accompanied" value="yes" checked')
    await browser.get(`${path}?place=branch`)
    expect(searched.at(-1)).toMatchObject({ placeIds: ['town-hall'] })
  })

  it('holds and books by the secret of the link alone, and gives the secret of the appointment', async () => {
    // As a browser sends a form of a page without referrer.
    const form = { origin: 'null' }
    const page = await browser.get(path)
    const [, key = ''] = /name="key" value="([^"]+)"/.exec(page.body) ?? []
    const chosen = await browser.post(`${path}/hold`, { key, search: 'accompanied=yes', slot }, form)
    expect([chosen.statusCode, chosen.headers['referrer-policy']]).toEqual([200, 'no-referrer'])
    expect(held).toMatchObject([{ subject: '', secret: byLink, isAccompanied: true }])
    expect(chosen.body).toContain(`href="${path}?accompanied=yes&amp;lang=fr"`)
    const done = await browser.send(chosen, `${path}/confirm`, said)
    expect([done.statusCode, done.headers.location]).toEqual([303, `/appointments/by-secret/${secret}?done=booked`])
    expect(done.headers['referrer-policy']).toBe('no-referrer')
    expect(booked).toMatchObject([
      { subject: '', holdIds: [holdId], secret: byLink, contact: { way: 'none', address: '' } },
    ])
    const calls = agency.calls.filter(({ rpc }) => rpc.startsWith('appointments.'))
    expect(calls.every(({ call }) => call.accessToken === undefined)).toBe(true)
  })
})

describe('booking a slot of the national hub', () => {
  const query = {
    service: 'hub-papers',
    place: 'town-hall',
    schedule: 'counter-1',
    start: String(startsAtMs),
    documents: '2',
    reason: 'CNI',
  }
  const at = (more: Record<string, string> = {}) => `/book/hub?${new URLSearchParams({ ...query, ...more })}`
  const numbers = { number0: 'ABCDEFGH12', number1: 'ABCDEFGH13' }
  beforeEach(() => {
    slots = [hubSlot]
  })

  it.each([
    { service: 'nothing' },
    { service: 'papers' },
    { place: 'elsewhere' },
    { reason: 'PASSPORT' },
    { documents: '11' },
    { documents: '0' },
    { start: 'soon' },
    { schedule: 'A B' },
  ])('is not there for what the hub was never shown: %j', async (more) => {
    const page = await browser.get(at(more))
    expect([page.statusCode, booked]).toEqual([404, []])
  })

  it('says that a slot is gone, before anything is filled in and when it is sent', async () => {
    const page = await browser.get(at())
    bookRefusal = new MeshError('SLOT_TAKEN')
    const late = await browser.send(page, '/book/hub', { ...numbers, ...said })
    slots = []
    for (const gone of [await browser.get(at()), late])
      expect([
        gone.statusCode,
        gone.body.includes('This time is no longer free'),
        gone.body.includes('number0'),
      ]).toEqual([409, true, false])
  })

  it('takes no form of another site', async () => {
    const fields = { key: 'k'.repeat(43), ...query, ...numbers, ...said }
    for (const headers of [{ origin: 'https://evil.test' }, { origin: 'null' }])
      expect((await browser.post('/book/hub', fields, headers)).statusCode).toBe(403)
    expect(booked).toEqual([])
  })

  it('asks whether the very slot is free, for the documents, on its local day', async () => {
    const { body } = await browser.get(at())
    expect(searched).toMatchObject([
      {
        serviceTypeId: 'hub-papers',
        placeIds: ['town-hall'],
        fromDay: '2026-11-24',
        toDay: '2026-11-24',
        units: 2,
        allOfPeriod: true,
      },
    ])
    expect(body).toContain('Tuesday 24\u00a0November 2026 at 09:30')
    expect(body).toContain('Number of the pre-application of document 2')
  })

  it.each(['ABCDEFGH1', 'ABCDEFGH123', 'ABCDEFGH1!', '', 'ÀBCDEFGH12'])(
    'refuses a number of other than ten letters and digits at its field, and asks nobody: %j',
    async (number1) => {
      const page = await browser.send(await browser.get(at()), '/book/hub', { ...numbers, number1, ...said })
      expect(page.statusCode).toBe(422)
      expect(page.body).toContain('<a href="#number1">')
      expect(page.body).toContain('id="number1-fault">10 letters and digits')
      expect(page.body).toContain('value="ABCDEFGH12"')
      expect(booked).toEqual([])
    },
  )

  it.each(['consumed', 'declared', 'unknown', 'expired'])(
    'is blocked by a pre-application that is %s',
    async (status) => {
      bookRefusal = new MeshError('PRE_APPLICATION_NOT_VALIDATED', {
        facts: { field: 'preApplications.1', what: `is ${status}` },
      })
      const page = await browser.send(await browser.get(at()), '/book/hub', { ...numbers, ...said })
      expect([page.statusCode, page.body.includes('id="number1-fault"')]).toEqual([422, true])
    },
  )

  it('warns of another appointment with a link to it, and lets the person confirm this one too', async () => {
    bookRefusal = new MeshError('PRE_APPLICATION_ALREADY_BOOKED', {
      facts: { field: 'preApplications.0', managementUrl: 'https://other.test/rdv/1?a=<b>' },
    })
    const warned = await browser.send(await browser.get(at()), '/book/hub', { ...numbers, ...said })
    expect(warned.statusCode).toBe(409)
    expect(warned.body).toContain('href="https://other.test/rdv/1?a=&lt;b&gt;" rel="noreferrer"')
    expect(warned.body).toContain('value="ABCDEFGH13"')
    bookRefusal = undefined
    const done = await browser.send(warned, '/book/hub', { ...numbers, ...said, second: 'yes' })
    expect(done.statusCode).toBe(303)
    expect(booked.map(({ isSecondConfirmed }) => isSecondConfirmed)).toEqual([false, true])
    bookRefusal = new MeshError('PRE_APPLICATION_ALREADY_BOOKED', { facts: { managementUrl: 'javascript:alert(1)' } })
    const odd = await browser.send(await browser.get(at()), '/book/hub', { ...numbers, ...said })
    expect(odd.body).not.toContain('javascript:')
  })

  it('says that the hub does not answer, and nothing is booked', async () => {
    bookRefusal = new MeshError('HUB_UNREACHABLE')
    const page = await browser.send(await browser.get(at()), '/book/hub', { ...numbers, ...said })
    expect([page.statusCode, page.body.includes('Nothing was booked')]).toEqual([503, true])
  })

  it('books the slot itself by the numbers, however they are written, and gives the secret of the appointment', async () => {
    const fields = { number0: 'abcd-efgh 12', number1: ' ABCDEFGH13', ...said }
    const done = await browser.send(await browser.get(at()), '/book/hub', fields)
    expect([done.statusCode, done.headers.location]).toEqual([303, `/appointments/by-secret/${secret}?done=booked`])
    expect(booked).toMatchObject([
      {
        subject: '',
        holdIds: [],
        slots: [{ scheduleId: 'counter-1', serviceTypeId: 'hub-papers', startsAtMs, units: 2, channel: 1 }],
        preApplications: ['ABCDEFGH12', 'ABCDEFGH13'],
        secret: { of: { $case: 'preApplication', value: 'ABCDEFGH12' } },
        isSecondConfirmed: false,
      },
    ])
  })
})
