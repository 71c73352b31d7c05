import type { BookAppointmentRequest, HoldSlotRequest } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { SearchSlotsRequest, SearchSlotsResponse, Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  anAppointment,
  aSlot,
  bookedId,
  holdId,
  hubPapers,
  offered,
  overseasSlot,
  papers,
  startsAtMs,
  townHall,
} from '../appointment.fixture.js'
import { Browser, gatewayForTest, type OpenGateway, openGateway, subject } from '../gateway.fixture.js'

let slots: readonly Slot[] = [aSlot, overseasSlot]
let searchRefusal: Reason | undefined
let holdRefusal: Reason | undefined
let bookRefusal: MeshError | undefined
const searched: SearchSlotsRequest[] = []
const held: HoldSlotRequest[] = []
const booked: BookAppointmentRequest[] = []

const communes = [
  { code: '93066', name: 'Saint-Denis', department: '93' },
  { code: '97411', name: 'Saint-Denis', department: '974' },
  { code: '93048', name: 'Montreuil', department: '93' },
]

const searchSlots = async (request: SearchSlotsRequest): Promise<SearchSlotsResponse> => {
  searched.push(request)
  if (searchRefusal) throw new MeshError(searchRefusal)
  const isUrgent = request.serviceTypeId === 'tonight'
  return {
    slots: isUrgent ? [] : [...slots],
    nextPageToken: slots.length > 0 ? 'later' : '',
    walkInPlaces: isUrgent
      ? [
          {
            placeId: 'town-hall',
            title: townHall.title,
            address: townHall.address,
            telephone: townHall.telephone,
            hours: [{ fromMs: startsAtMs, toMs: startsAtMs + 3_600_000 }],
          },
        ]
      : [],
    fromDay: '2026-11-24',
    toDay: '2027-02-22',
  }
}

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
      searchSlots,
      findCommunes: async ({ name }) => ({
        communes: communes.filter((one) => one.code === name || one.name === name),
      }),
    },
    appointments: {
      holdSlot: async (request) => {
        held.push(request)
        if (holdRefusal) throw new MeshError(holdRefusal)
        return { holdId, untilMs: startsAtMs - 3_600_000 }
      },
      bookAppointment: async (request) => {
        booked.push(request)
        if (bookRefusal) throw bookRefusal
        return { appointments: [anAppointment], secret: '' }
      },
    },
  })
})
afterAll(() => agency.close())
beforeEach(async () => {
  slots = [aSlot, overseasSlot]
  searchRefusal = undefined
  holdRefusal = undefined
  bookRefusal = undefined
  browser = new Browser(agency)
  await browser.logIn()
  for (const list of [searched, held, booked, agency.calls]) list.length = 0
})
const rpcs = () => agency.calls.map(({ rpc }) => rpc).filter((rpc) => !rpc.startsWith('identity'))

const choose = async (path = '/book/papers', fields: Record<string, string> = {}) =>
  browser.send(await browser.get(path), `${path.split('?')[0]}/hold`, {
    slot: `counter-1~${startsAtMs}~counter~town-hall`,
    ...fields,
  })
const said = { way: 'sms', address: '06 12 34 56 78' }

describe('booking', () => {
  it('offers each time once, whichever agent has it, but groups and ways apart', async () => {
    const group = { ...aSlot, scheduleId: 'workshop', seats: 8, seatsLeft: 3 }
    slots = [aSlot, { ...aSlot, scheduleId: 'counter-2' }, group, overseasSlot]
    const { body } = await browser.get('/book/papers')
    const values = [...body.matchAll(/name="slot" value="([^~]+)~/g)].map(([, scheduleId]) => scheduleId)
    expect(values).toEqual([aSlot.scheduleId, 'workshop', overseasSlot.scheduleId])
  })

  it('takes no form of another site, of nobody, of no page of ours', async () => {
    const page = await browser.get('/book/papers')
    const slot = `counter-1~${startsAtMs}~counter~town-hall`
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(page.body) ?? []
    const foreign = { form_token: token, key: 'k'.repeat(43), search: '', slot }
    expect((await browser.post('/book/papers/hold', foreign, { origin: 'https://evil.test' })).statusCode).toBe(403)
    expect((await browser.post('/book/papers/hold', { ...foreign, form_token: 'x' })).statusCode).toBe(403)
    // Only a page of a secret may be without its origin.
    expect((await browser.post('/book/papers/hold', foreign, { origin: 'null' })).statusCode).toBe(403)
    expect((await browser.send(page, '/book/papers/hold', { slot: 'somewhere' })).statusCode).toBe(400)
    expect((await browser.send(page, '/book/papers/hold', { slot, colour: 'red' })).statusCode).toBe(400)
    browser.cookies.clear()
    expect((await browser.send(page, '/book/papers/hold', { slot })).statusCode).toBe(401)
    expect([held, booked]).toEqual([[], []])
  })

  it('is not there for what is not offered', async () => {
    for (const path of ['/book/nothing', '/book/No%20Name', '/book/nothing/wait', '/book/nothing/callback']) {
      const page = await browser.get(path)
      expect([page.statusCode, page.body.includes('No appointment can be made here for this')]).toEqual([404, true])
    }
  })

  it('says so where an agency offers nothing, or runs no appointments service, and its home page goes on', async () => {
    const none = await gatewayForTest('agency', {
      calendar: { listServiceTypes: async () => ({ serviceTypes: [], nextPageToken: '' }) },
    })
    expect((await new Browser(none).get('/book')).body).toContain('No appointments are made online here')
    const without = await gatewayForTest('agency')
    expect((await new Browser(without).get('/book')).statusCode).toBe(503)
    const home = await new Browser(without).get('/')
    expect([home.statusCode, home.body.includes('href="/book"')]).toEqual([200, false])
    const here = await browser.get('/')
    expect(here.body).toContain('href="/book"')
    expect(here.body).toContain('href="/book/tonight"')
  })

  it('shows where to come today for what is urgent, with the hours, before anything else, and no slots', async () => {
    browser.cookies.clear()
    expect((await browser.get('/book')).body).toContain('Today, without an appointment')
    const { body } = await browser.get('/book/tonight')
    expect(body).toContain('<h2>Come today</h2>')
    expect(body).toContain('href="tel:0199000004"')
    expect(body.replace(/<[^>]+>/g, '')).toContain('from 09:30 to 10:30')
    expect(body).not.toContain('name="slot"')
  })

  it('shows free times to anybody, by day, with the zone of a place overseas, and takes none without a login', async () => {
    browser.cookies.clear()
    const { body } = await browser.get('/book/papers')
    expect(body.match(/<h3>/g)).toHaveLength(1)
    expect(body).toContain('<h3>Tuesday 24\u00a0November 2026</h3>')
    expect(body).toContain('<strong>09:30</strong>')
    expect(body).toMatch(/<strong>12:30<\/strong> <span class="quiet">\([^)]*Réunion[^)]*\)/)
    expect(body).toContain('log in, or call us')
    expect(body).toContain('/login?return=%2Fbook%2Fpapers')
    expect(body).not.toContain('name="slot"')
    const inFrench = await browser.get('/book/papers?lang=fr')
    expect(inFrench.body).toContain('aucun justificatif demandé')
  })

  it('looks for what was asked for, keeps it in the form, and goes on to later times', async () => {
    const query =
      'place=branch&commune=93066&km=50&channel=telephone&access=wheelchair&access=quiet-room&language=fsl&accompanied=yes&units=2&from=2026-12-01'
    const { body } = await browser.get(`/book/papers?${query}&after=n`)
    expect(searched).toMatchObject([
      {
        serviceTypeId: 'papers',
        placeIds: ['branch'],
        near: { commune: '93066', kilometres: 50 },
        channel: 2,
        accessibility: [1, 4],
        language: 'fsl',
        isAccompanied: true,
        units: 2,
        fromDay: '2026-12-01',
        toDay: '',
        pageToken: 'n',
        allOfPeriod: false,
      },
    ])
    for (const kept of [
      '<option value="branch" selected>',
      'name="commune" value="93066"',
      '<option value="50" selected>',
      'name="access" value="wheelchair" checked',
      '<option value="fsl" selected>French sign language',
      'name="accompanied" value="yes" checked',
      'name="from" value="2026-12-01"',
    ])
      expect(body).toContain(kept)
    expect(body).toContain(`href="/book/papers?${query.replaceAll('&', '&amp;')}&amp;after=later"`)
  })

  it.each([
    ['commune=Atlantis', undefined, 'commune', 'We do not find this commune: write its whole name'],
    ['commune=93200', undefined, 'commune', 'We do not find this commune: write its whole name'],
    ['commune=Saint-Denis', undefined, 'commune', 'Several communes have this name'],
    ['commune=93066', 'COMMUNE_UNKNOWN', 'commune', 'We do not know this commune'],
    ['from=tomorrow', undefined, 'from', 'Write a day such as'],
    ['from=2020-01-01', 'TIME_PASSED', 'from', 'This day has passed'],
  ] as const)('says at the field what cannot be looked for: %s', async (query, reason, field, words) => {
    searchRefusal = reason
    const page = await browser.get(`/book/papers?${query}`)
    expect(page.statusCode).toBe(422)
    expect(page.body).toContain(`<a href="#${field}">`)
    expect(page.body).toContain(`id="${field}-fault">${words}`)
    expect(page.body).toContain('aria-invalid="true"')
  })

  it('searches around a commune by its name, and says around which', async () => {
    const { body } = await browser.get('/book/papers?commune=Montreuil&km=5')
    expect(searched).toMatchObject([{ near: { commune: '93048', kilometres: 5 } }])
    expect(body).toContain('At most 5\u00a0km from Montreuil (93).')
    expect(body).toContain('name="commune" value="Montreuil"')
  })

  it('offers each commune of a name as a search of its own, and looks for nothing before', async () => {
    const { body } = await browser.get('/book/papers?commune=Saint-Denis&channel=telephone')
    expect(searched).toEqual([])
    for (const code of ['93', '974'])
      expect(body).toContain(
        `href="/book/papers?commune=Saint-Denis+%28${code}%29&amp;km=20&amp;channel=telephone">Saint-Denis (${code})</a>`,
      )
  })

  it('tells a group from a meeting alone, also where one seat is left, until it is booked', async () => {
    slots = [
      { ...aSlot, seats: 12, seatsLeft: 1 },
      { ...aSlot, scheduleId: 'alone' },
    ]
    const { body } = await browser.get('/book/papers')
    expect(body.replace(/<[^>]+>/g, '')).toContain('On site, in a group, 1\u00a0seat left')
    expect(body.match(/in a group/g)).toHaveLength(1)
    const chosen = await choose('/book/papers', { slot: `counter-1~${startsAtMs}~counter~town-hall~group` })
    expect(chosen.body).toContain('On site, in a group</dd>')
    expect((await choose()).body).not.toContain('in a group')
  })

  it('leads to the waiting list and to a call where nothing is free', async () => {
    slots = []
    const { body } = await browser.get('/book/papers')
    expect(body).toContain('Nothing is free with these choices')
    expect(body).toContain('href="/book/papers/wait"')
    expect(body).toContain('href="/book/papers/callback"')
    expect(body).not.toContain('after=')
  })
})

describe('a chosen time', () => {
  it.each(['SLOT_TAKEN', 'SLOT_RESERVED', 'SLOT_NOT_OPEN', 'TIME_PASSED', 'APPOINTMENT_LIMIT_REACHED'] as const)(
    'that cannot be had (%s) leads back to the others, and says why',
    async (reason) => {
      holdRefusal = reason
      const page = await choose('/book/papers?place=town-hall')
      expect(page.statusCode).toBe(409)
      expect(page.body).toContain('role="alert"')
      expect(page.body).toContain('<option value="town-hall" selected>')
      expect(page.body).toContain('name="slot"')
      expect(page.body.includes('See my appointments')).toBe(reason === 'APPOINTMENT_LIMIT_REACHED')
    },
  )

  it('that nobody books this way says how else', async () => {
    holdRefusal = 'BOOKING_NOT_ALLOWED'
    const page = await choose()
    expect([page.statusCode, page.body.includes('an agent makes it with you')]).toEqual([403, true])
  })

  it('is held for the person, and the page says until when, what and where', async () => {
    const page = await choose('/book/papers?accompanied=yes&units=2')
    expect(held).toEqual([
      {
        subject,
        slot: { scheduleId: 'counter-1', serviceTypeId: 'papers', startsAtMs, units: 2, channel: 1 },
        isAccompanied: true,
        by: undefined,
        secret: undefined,
        mandate: undefined,
      },
    ])
    expect(agency.calls.at(-1)?.call.idempotencyKey).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(page.body.replace(/<[^>]+>/g, '')).toContain('This time is kept for you until 08:30')
    expect(page.body).toContain('1 place de la Mairie, 93200 Saint-Denis')
    expect(page.body).toContain('name="accompanied" value="yes" checked')
    expect(page.body).not.toContain('Number of the pre-application')
  })

  it('says nothing of where a confidential place is before it is booked', async () => {
    const page = await choose('/book/papers', { slot: `counter-1~${startsAtMs}~counter~shelter` })
    expect(page.body).toContain('You are told the address once the appointment is made')
    expect(page.body).not.toContain(townHall.address)
  })

  it.each([
    [{}, 'way', 'Choose one of the answers'],
    [{ way: 'pigeon' }, 'way', 'Choose one of the answers'],
    [{ way: 'sms', address: '12' }, 'address', 'Write a number such as'],
    [{ way: 'email', address: 'ada' }, 'address', 'Write an address such as'],
    [{ way: 'post', address: ' ' }, 'address', 'Write your postal address'],
    [{ ...said, note: 'x'.repeat(1001) }, 'note', '1000 characters at most'],
  ])('is not booked with %j: the field says why, and what was typed stays', async (fields, field, words) => {
    const page = await browser.send(await choose(), '/book/papers/confirm', { interpreter: 'ar', ...fields })
    expect(page.statusCode).toBe(422)
    expect(page.body).toContain(`<a href="#${field}">`)
    expect(page.body).toContain(`id="${field}-fault">${words}`)
    expect(page.body).toContain('<option value="ar" selected>')
    expect(page.body).toContain('This time is kept for you until')
    expect(booked).toEqual([])
  })

  describe('to which nobody comes', () => {
    const chooseBy = (channel: string) =>
      choose('/book/papers', { slot: `counter-1~${startsAtMs}~${channel}~town-hall` })
    const confirmBy = async (channel: string, fields: Record<string, string>) =>
      browser.send(await chooseBy(channel), '/book/papers/confirm', fields)
    const mail = { way: 'email', address: 'ada@example.org' }

    it.each([
      ['telephone', mail, 'reached', 'Write a number such as'],
      ['telephone', { ...said, reached: '12' }, 'reached', 'Write a number such as'],
      ['home-visit', said, 'reached', 'Write the address where we come'],
      ['video', { way: 'none' }, 'way', 'Choose how to receive the link'],
    ])('is not booked (%s) with %j', async (channel, fields, field, words) => {
      const page = await confirmBy(channel, fields)
      expect([page.statusCode, page.body.includes(`id="${field}-fault">${words}`)]).toEqual([422, true])
      expect(booked).toEqual([])
    })

    it.each([
      ['telephone', said, '+33612345678'],
      ['telephone', { ...mail, reached: '06 12 34 56 79' }, '+33612345679'],
      ['home-visit', { way: 'post', address: '1 rue du Pont' }, '1 rue du Pont'],
      ['home-visit', { ...mail, reached: '2 rue du Lac' }, '2 rue du Lac'],
      ['video', mail, undefined],
    ])('is booked (%s) with %j, and says where the person is reached', async (channel, fields, reachedAt) => {
      const form = await chooseBy(channel)
      expect(form.body.includes('name="reached"')).toBe(channel !== 'video')
      const done = await browser.send(form, '/book/papers/confirm', fields)
      expect(done.statusCode).toBe(303)
      expect(booked.map(({ contact }) => contact?.reachedAt)).toEqual([reachedAt])
    })
  })

  it('says at the field what the service cannot read', async () => {
    bookRefusal = new MeshError('APPOINTMENT_INVALID', { facts: { field: 'contact.address', what: 'is none' } })
    const page = await browser.send(await choose(), '/book/papers/confirm', said)
    expect([page.statusCode, page.body.includes('id="address-fault">We cannot read this')]).toEqual([422, true])
  })

  it.each(['HOLD_EXPIRED', 'HOLD_UNKNOWN', 'SLOT_TAKEN', 'APPOINTMENT_LIMIT_REACHED'] as const)(
    'that was held for too long or lost (%s) leads back to the free times',
    async (reason) => {
      bookRefusal = new MeshError(reason)
      const page = await browser.send(await choose(), '/book/papers/confirm', said)
      expect(page.statusCode).toBe(reason === 'HOLD_UNKNOWN' ? 404 : 409)
      expect(page.body).toContain('role="alert"')
      expect(page.body).toContain('name="slot"')
    },
  )

  it('is booked with what was said, once for a form that is sent twice', async () => {
    const page = await choose()
    const fields = {
      ...said,
      note: 'Avec ma fille\r\net un chien',
      accompanied: 'yes',
      'need-wheelchair': 'yes',
      interpreter: 'fsl',
    }
    const done = await browser.send(page, '/book/papers/confirm', fields)
    expect([done.statusCode, done.headers.location]).toEqual([303, `/appointments/${bookedId}?done=booked`])
    expect(booked).toEqual([
      {
        subject,
        holdIds: [holdId],
        slots: [],
        needs: { isAccompanied: true, accessibility: [1], language: 'fsl' },
        contact: { way: 'sms', address: '+33612345678' },
        language: 'en',
        note: 'Avec ma fille\net un chien',
        preApplications: [],
        isSecondConfirmed: false,
        by: undefined,
        secret: undefined,
        mandate: undefined,
      },
    ])
    await browser.send(page, '/book/papers/confirm', fields)
    const keys = agency.calls.filter(({ rpc }) => rpc === 'appointments.bookAppointment')
    expect(new Set(keys.map(({ call }) => call.idempotencyKey)).size).toBe(1)
    expect(rpcs()).not.toContain('appointments.getAppointment')
  })

  it('asks for one number for each document where the national hub knows of it', async () => {
    const form = await choose(`/book/${hubPapers.serviceTypeId}?units=2`)
    expect(form.body).toContain('Number of the pre-application of document 2')
    const action = `/book/${hubPapers.serviceTypeId}/confirm`
    const wrong = await browser.send(form, action, { ...said, number0: 'abcdefgh12', number1: 'ABCDEFGH1' })
    expect([wrong.statusCode, wrong.body.includes('id="number1-fault">10 letters and digits')]).toEqual([422, true])
    expect([wrong.body.includes('id="number0-fault"'), booked]).toEqual([false, []])
    bookRefusal = new MeshError('PRE_APPLICATION_NOT_VALIDATED', {
      facts: { field: 'preApplications.1', what: 'is consumed' },
    })
    const used = await browser.send(form, action, { ...said, number0: 'abcd-efgh 12', number1: 'ABCDEFGH13' })
    expect([used.statusCode, used.body.includes('id="number1-fault">This pre-application is not validated')]).toEqual([
      422,
      true,
    ])
    expect(booked.at(-1)?.preApplications).toEqual(['ABCDEFGH12', 'ABCDEFGH13'])
  })

  it('is offered to nobody where only an agent books', async () => {
    const forAgents = [{ serviceType: { ...papers, booker: 3 as const }, places: [townHall] }]
    const gateway = await gatewayForTest('agency', {
      calendar: { listServiceTypes: async () => ({ serviceTypes: forAgents, nextPageToken: '' }) },
      slots: { searchSlots },
    })
    const { body } = await new Browser(gateway).get('/book/papers')
    expect([body.includes('is made with an agent'), body.includes('name="slot"')]).toEqual([true, false])
  })
})
