import { systemClock } from '@unefois/chassis/clock'
import {
  type BookVisitRequest,
  type ListVisitOffersResponse,
  type SearchVisitsRequest,
  type Visit,
  type VisitFound,
  VisitState,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anAppointment, aSlot, bookedId, offered, papers, startsAtMs, townHall } from '../appointment.fixture.js'
import { Browser, type OpenGateway, openGateway, subject } from '../gateway.fixture.js'

const visitId = '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a020'
const one = `/visits/${visitId}`
const two = (fr: string, en: string) => ({ fr, en })

const offerOf = (member: string, serviceTypeId: string, sharedPlace = 'house-1') => ({
  ...{ member, serviceTypeId, title: two(serviceTypeId, `About ${serviceTypeId}`), summary: two('', '') },
  ...{ durationMinutes: 30, sharedPlace },
})
const oneHouse: ListVisitOffersResponse = {
  places: [townHall],
  offers: [offerOf('hall', 'papers'), offerOf('fund', 'file'), offerOf('fund', 'advice')],
  withoutMembers: [],
}
const theirSlot = { ...aSlot, scheduleId: 'desk', serviceTypeId: 'file', placeId: 'x', startsAtMs: aSlot.endsAtMs }
const aVisitFound: VisitFound = {
  slots: [
    { member: 'hall', slot: aSlot },
    {
      member: 'fund',
      slot: { ...theirSlot, endsAtMs: aSlot.endsAtMs + 1_800_000, localStart: '2026-11-24T10:00+01:00' },
    },
  ],
}
const legOf = (member: string, serviceTypeId: string, at: number, appointmentId = '') => ({
  member,
  slot: { scheduleId: 's', serviceTypeId, startsAtMs: at, units: 1, channel: 1 as const },
  ...{
    endsAtMs: at + 1_800_000,
    appointmentId,
    isConfirmed: true,
    isCancelled: false,
    cancelledBecause: '',
    needsMandate: false,
  },
})
const booked: Visit = {
  visitId,
  state: VisitState.VISIT_STATE_BOOKED,
  legs: [legOf('fund', 'file', startsAtMs + 1_800_000), legOf('hall', 'papers', startsAtMs, bookedId)],
  ...{ code: 'ABCD2345', refusedBy: '', refusedBecause: '' },
}

let offers: ListVisitOffersResponse
let found: readonly VisitFound[]
let visit: Visit | undefined
let searchRefusal: Reason | undefined
let bookRefusal: MeshError | undefined
let cancelRefusal: Reason | undefined
const searched: SearchVisitsRequest[] = []
const bookings: BookVisitRequest[] = []
const cancelled: unknown[] = []

let agency: OpenGateway
let browser: Browser
beforeAll(async () => {
  agency = await openGateway('agency', {
    clock: { ...systemClock, nowMs: () => startsAtMs - 3_600_000 },
    calendar: { listServiceTypes: async () => ({ serviceTypes: [...offered], nextPageToken: '' }) },
    appointments: { getAppointment: async () => ({ appointment: anAppointment, series: [] }) },
    visits: {
      listVisitOffers: async () => offers,
      searchVisits: async (request) => {
        searched.push(request)
        if (searchRefusal) throw new MeshError(searchRefusal)
        return { visits: [...found], withoutMembers: [] }
      },
      bookVisit: async (request) => {
        bookings.push(request)
        if (bookRefusal) throw bookRefusal
        return { visit }
      },
      getVisit: async () => {
        if (!visit) throw new MeshError('VISIT_UNKNOWN')
        return { visit }
      },
      cancelVisit: async (request) => {
        if (cancelRefusal) throw new MeshError(cancelRefusal)
        cancelled.push(request)
        return { visit }
      },
    },
  })
})
afterAll(() => agency.close())
beforeEach(async () => {
  offers = oneHouse
  found = [aVisitFound]
  visit = booked
  searchRefusal = undefined
  bookRefusal = undefined
  cancelRefusal = undefined
  browser = new Browser(agency)
  await browser.logIn()
  for (const list of [searched, bookings, cancelled]) list.length = 0
})

const textOf = (body: string) => body.replace(/<[^>]+>/g, '')
const both = 'wish=hall~papers&wish=fund~file'
const value = `hall~counter-1~papers~${startsAtMs}.fund~desk~file~${theirSlot.startsAtMs}`
const choose = async (fields = { visit: value }) =>
  browser.send(await browser.get(`/visits?${both}`), '/visits/choose', fields)
const book = async (fields: Record<string, string> = { way: 'none' }) =>
  browser.send(await choose(), '/visits/book', fields)

describe('a search of visits', () => {
  it('is for who has logged in', async () => {
    browser.cookies.clear()
    for (const path of ['/visits', one, `${one}/cancel`]) expect((await browser.get(path)).statusCode).toBe(401)
  })

  it('says that there is none where no other body sees anybody in a shared place', async () => {
    offers = { places: [townHall], offers: [offerOf('hall', 'papers')], withoutMembers: ['fund'] }
    const { body } = await browser.get('/visits')
    expect(textOf(body)).toContain('No other body sees people in our places')
    expect(textOf(body)).toContain('No answer at the moment: Body fund')
    expect(body).not.toContain('name="wish"')
  })

  it.each([
    ['wish=hall~papers', 'Tick at least two appointments'],
    ['wish=hall~papers&wish=fund~nothing', 'Tick at least two appointments'],
    ['wish=fund~file&wish=fund~advice', 'Tick at least one appointment with: Body hall'],
  ])('says at the boxes what is missing: %s', async (query, words) => {
    const page = await browser.get(`/visits?${query}`)
    expect(page.statusCode).toBe(422)
    expect(page.body).toContain('<a href="#wish">')
    expect(page.body).toContain(`id="wish-fault">${words}`)
    expect(searched).toEqual([])
  })

  it.each([
    ['tomorrow', undefined, 'Write a day such as'],
    ['2020-01-01', 'TIME_PASSED', 'This day has passed'],
    ['2036-01-01', 'RANGE_TOO_LONG', 'That day cannot be booked yet'],
  ] as const)('says at the day what is wrong with it: %s', async (day, refused, words) => {
    searchRefusal = refused
    const page = await browser.get(`/visits?${both}&from=${day}`)
    expect([page.statusCode, page.body.includes(`id="from-fault">${words}`)]).toEqual([422, true])
  })

  it('asks for the house first where there are several', async () => {
    offers = {
      ...oneHouse,
      places: [townHall, { ...townHall, placeId: 'p2', sharedPlace: 'house-2', title: two('Deux', 'Second house') }],
      offers: [...oneHouse.offers, offerOf('hall', 'papers', 'house-2'), offerOf('fund', 'loan', 'house-2')],
    }
    const first = await browser.get('/visits')
    expect([first.body.includes('Second house'), first.body.includes('name="wish"')]).toEqual([true, false])
    const second = await browser.get('/visits?place=house-2')
    expect(second.body).toContain('value="fund~loan"')
    expect(second.body).not.toContain('value="fund~file"')
  })

  it('looks through a month for what was ticked, and shows each visit with its times', async () => {
    const { body } = await browser.get(`/visits?${both}&from=2026-11-24&accompanied=yes`)
    expect(searched).toEqual([
      {
        sharedPlace: 'house-1',
        wishes: [
          { member: 'hall', serviceTypeId: 'papers' },
          { member: 'fund', serviceTypeId: 'file' },
        ],
        ...{ fromDay: '2026-11-24', toDay: '2026-12-24', longestWaitMinutes: 0, isAccompanied: true, most: 10 },
        ...{ accessibility: [], language: '' },
      },
    ])
    const text = textOf(body)
    expect(body).toContain('<h3>Tuesday 24\u00a0November 2026</h3>')
    expect(text).toContain('09:30, About papers (Body hall, 30\u00a0minutes)')
    expect(text).toContain('10:00, About file (Body fund, 30\u00a0minutes)')
    expect(body).toContain(`value="${value}"`)
    expect(body).toContain('name="wish" value="fund~file" checked')
    expect(body).toContain('from=2026-12-25')
  })

  it('leaves out an accessibility and a language that are none', async () => {
    expect((await browser.get(`/visits?${both}&access=lift&language=x%20y`)).statusCode).toBe(200)
    expect(searched).toMatchObject([{ accessibility: [], language: '' }])
  })

  it.each([
    ['fr', 'Un agent qui parle', 'Langue des signes française', 'Boucle magnétique'],
    ['en', 'An agent who speaks', 'French sign language', 'Hearing loop'],
  ])(
    'asks each body for the accessibility and the language that were said (%s)',
    async (tongue, agent, signs, loop) => {
      const needs = 'access=wheelchair&access=hearing-loop&language=fsl'
      const { body } = await browser.get(`/visits?${both}&${needs}&lang=${tongue}`)
      expect(searched).toMatchObject([{ accessibility: [1, 2], language: 'fsl' }])
      expect(textOf(body)).toContain(agent)
      expect(body).toContain(`<option value="fsl" selected>${signs}</option>`)
      expect(body).toContain(`name="access" value="hearing-loop" checked> ${loop}`)
      // A search for later days, and the visit that is chosen, go on with them.
      expect(body).toContain('access=wheelchair&amp;access=hearing-loop&amp;language=fsl')
    },
  )

  it('leads on where nothing is found', async () => {
    found = []
    const { body } = await browser.get(`/visits?${both}`)
    expect(textOf(body)).toContain('We do not find these appointments one after the other')
    expect(body).toContain('Search later than')
    expect(body).toContain('href="/book"')
  })
})

describe('a chosen visit', () => {
  it('is taken from our own pages only, and is one that a button stands for', async () => {
    const page = await browser.get(`/visits?${both}`)
    expect((await browser.send(page, '/visits/choose', { visit: 'somewhere' })).statusCode).toBe(400)
    const forged = { form_token: 'x', search: '', visit: value }
    expect((await browser.post('/visits/choose', forged)).statusCode).toBe(403)
    expect((await browser.post('/visits/book', forged, { origin: 'https://evil.test' })).statusCode).toBe(403)
    expect(bookings).toEqual([])
  })

  it('is shown before it is booked, with what the others get to know', async () => {
    const { body } = await choose()
    expect(textOf(body)).toContain('Tuesday 24\u00a0November 202609:30, About papers (Body hall)')
    expect(textOf(body)).toContain('They do not get your name')
    expect(body).not.toContain('name="note"')
    expect(bookings).toEqual([])
  })

  it('is booked with the needs that were searched for, unless they are taken back', async () => {
    const search = await browser.get(`/visits?${both}&access=hearing-loop&language=fsl`)
    const query = /name="search" value="([^"]*)"/.exec(search.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const form = await browser.send(search, '/visits/choose', { search: query, visit: value })
    expect(form.body).toContain('name="need-hearing-loop" value="yes" checked')
    expect(form.body).toContain('<option value="fsl" selected>')
    await browser.send(form, '/visits/book', { way: 'none', 'need-hearing-loop': 'yes', interpreter: 'fsl' })
    expect(bookings).toMatchObject([{ needs: { accessibility: [2], language: 'fsl' } }])
  })

  it('keeps what was typed where something is to be corrected', async () => {
    const page = await book({ way: 'email', address: 'nobody' })
    expect([page.statusCode, page.body.includes('value="nobody"')]).toEqual([422, true])
    bookRefusal = new MeshError('APPOINTMENT_INVALID', { facts: { field: 'contact.address' } })
    const refused = await book({ way: 'email', address: 'a@b.fr' })
    expect([refused.statusCode, refused.body.includes('id="address-fault"')]).toEqual([422, true])
  })

  it('is booked once, whichever way its form is sent, and leads to its page', async () => {
    const form = await choose()
    const sent = { way: 'sms', address: '06 12 34 56 78', accompanied: 'yes' }
    const page = await browser.send(form, '/visits/book', sent)
    expect([page.statusCode, page.headers.location]).toEqual([303, one])
    await browser.send(form, '/visits/book', sent)
    expect(bookings).toHaveLength(2)
    expect(bookings[0]?.visitId).toBe(bookings[1]?.visitId)
    expect(bookings[0]).toMatchObject({
      subject,
      legs: [
        {
          member: 'hall',
          slot: { scheduleId: 'counter-1', serviceTypeId: 'papers', startsAtMs, units: 1, channel: 1 },
        },
        { member: 'fund', slot: { scheduleId: 'desk' } },
      ],
      contact: { way: 'sms', address: '+33612345678' },
      ...{ needs: { isAccompanied: true }, language: 'en', by: undefined, mandate: undefined },
    })
  })

  it('that was released says that nothing was booked, by whom, and offers others', async () => {
    visit = { ...booked, state: VisitState.VISIT_STATE_RELEASED, refusedBy: 'fund', refusedBecause: 'SLOT_TAKEN' }
    const page = await book()
    expect(page.statusCode).toBe(409)
    expect(textOf(page.body)).toContain(
      'Nothing was booked, with any body. The time of one of the appointments is no longer free (Body fund).',
    )
    expect(page.body).toContain('name="visit"')
  })

  it.each(['SLOT_TAKEN', 'TIME_PASSED', 'APPOINTMENT_LIMIT_REACHED', 'VISIT_INVALID', 'VISIT_NOT_TAKEN'] as const)(
    'that cannot be had (%s) leads back to the others, and says why',
    async (reason) => {
      bookRefusal = new MeshError(reason)
      const page = await book()
      expect(page.body).toContain('role="alert"')
      expect(page.body).toContain('name="visit"')
      expect(page.statusCode).toBeGreaterThanOrEqual(400)
    },
  )

  it('of which no answer came leads to its page, which says that nothing is booked until it is known', async () => {
    bookRefusal = new MeshError('DEADLINE_EXCEEDED')
    const page = await book()
    expect(page.headers.location).toBe(`/visits/${bookings[0]?.visitId}?asked=yes`)
    visit = undefined
    const unknown = await browser.get(`${one}?asked=yes`)
    expect([unknown.statusCode, unknown.body.includes('Nothing is booked for now')]).toEqual([404, true])
    expect(unknown.body).toContain(`href="${one}?asked=yes"`)
  })
})

describe('a visit', () => {
  it('that is none, or of somebody else, is not there', async () => {
    visit = undefined
    for (const path of ['/visits/none', one, `${one}/cancel`]) {
      const page = await browser.get(path)
      expect([page.statusCode, page.body.includes('We find no such visit in your name')]).toEqual([404, true])
    }
  })

  it('is shown with its code, its place and its meetings in the order of time', async () => {
    const { body } = await browser.get(one)
    const text = textOf(body)
    expect(text).toContain('Your code: ABCD2345')
    expect(body).toContain('1 place de la Mairie, 93200 Saint-Denis')
    expect(text.indexOf('09:30, About papers')).toBeGreaterThan(0)
    expect(text.indexOf('10:00, About file')).toBeGreaterThan(text.indexOf('09:30, About papers'))
    expect(body).toContain(`href="/appointments/${bookedId}"`)
    expect(body).toContain(`href="${one}/cancel"`)
    const inFrench = await browser.get(`${one}?lang=fr`)
    expect(inFrench.body).toContain('Votre visite est réservée')
  })

  it('says which meeting an agency cancelled, why, and which has not acknowledged it', async () => {
    const [theirs, own] = booked.legs as [Visit['legs'][number], Visit['legs'][number]]
    visit = { ...booked, legs: [{ ...theirs, isCancelled: true, cancelledBecause: 'Agent <malade>' }, own] }
    const cancelledLeg = await browser.get(one)
    expect(cancelledLeg.body).toContain('<span class="tag watch">Cancelled</span>')
    expect(cancelledLeg.body).toContain('Agent &lt;malade&gt;')
    visit = { ...booked, legs: [{ ...theirs, isConfirmed: false }, own] }
    expect(textOf((await browser.get(one)).body)).toContain('It is booked. This body has not confirmed yet')
  })

  it('goes on without what its meetings are about or where they are', async () => {
    offers = { places: [], offers: [], withoutMembers: ['fund'] }
    const { statusCode, body } = await browser.get(one)
    expect([statusCode, textOf(body).includes('09:30, Appointment')]).toEqual([200, true])
  })

  it('that is being decided says that nothing is booked yet, and how to look again or stop', async () => {
    visit = { ...booked, state: VisitState.VISIT_STATE_PLEDGING }
    const { body } = await browser.get(one)
    expect(textOf(body)).toContain('Nothing is booked yet')
    expect(body).toContain(`href="${one}"`)
    expect(body).toContain(`href="${one}/cancel"`)
    expect(body).not.toContain('ABCD2345')
  })

  it.each([
    ['fund', 'SLOT_TAKEN', 'is no longer free (Body fund)'],
    ['fund', 'PROVIDER_UNREACHABLE', 'did not answer in time (Body fund)'],
    ['fund', 'VISIT_NOT_TAKEN', 'takes no visits for this at the moment (Body fund)'],
    ['', 'APPOINTMENT_ENDED', 'could not keep the time (One of the bodies)'],
    ['', '', 'was stopped before it was booked'],
  ])('that was released (%s %s) says so, and leads to the same search', async (refusedBy, refusedBecause, words) => {
    visit = { ...booked, state: VisitState.VISIT_STATE_RELEASED, refusedBy, refusedBecause }
    const { body } = await browser.get(one)
    expect(textOf(body)).toContain(words)
    expect(textOf(body)).toContain('No appointment was made, with any body')
    expect(body).toContain('href="/visits?place=house-1&amp;wish=fund%7Efile&amp;wish=hall%7Epapers"')
    expect(body).not.toContain('/cancel"')
  })

  it('is cancelled whole after a question, and says so', async () => {
    const page = await browser.get(`${one}/cancel`)
    expect(textOf(page.body)).toContain('To cancel has no other consequence')
    const done = await browser.send(page, `${one}/cancel`)
    expect([done.statusCode, done.headers.location]).toEqual([303, one])
    expect(cancelled).toEqual([{ visitId, because: '', by: undefined }])
    visit = { ...booked, state: VisitState.VISIT_STATE_CANCELLED }
    const { body } = await browser.get(one)
    expect(body).toContain('This visit is cancelled')
    expect(body).not.toContain('/cancel"')
  })

  it.each([
    ['CHANGE_TOO_LATE', 'Call us: an agent can still move or cancel it'],
    ['VISIT_ENDED', 'This visit is over or was cancelled'],
  ] as const)('that is not cancelled any more (%s) says what else can be done', async (reason, words) => {
    const page = await browser.get(`${one}/cancel`)
    cancelRefusal = reason
    const late = await browser.send(page, `${one}/cancel`)
    expect([late.statusCode, late.body.includes(words)]).toEqual([409, true])
  })
})

describe('visits among the other pages', () => {
  it('are offered where one books, by an agency that shares a place', async () => {
    expect(papers.visitMembers).toEqual([])
    expect((await browser.get('/book')).body).toContain('href="/visits"')
  })
})
