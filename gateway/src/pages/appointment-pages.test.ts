import { type Appointment, AppointmentState } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { JoinWaitingListRequest, Waiting } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import type { Callback } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byAgent } from '../application.fixture.js'
import {
  anAppointment,
  aSlot,
  bookedId,
  branch,
  offered,
  overseasSlot,
  papers,
  secret,
  startsAtMs,
  townHall,
} from '../appointment.fixture.js'
import { Browser, type OpenGateway, openGateway, personToken, subject } from '../gateway.fixture.js'

const aWaiting: Waiting = {
  waitingId: '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a003',
  subject,
  serviceTypeId: 'papers',
  placeIds: [],
  channel: 0,
  fromDay: '2026-11-24',
  toDay: '2026-12-24',
  booksByItself: false,
  offerMinutes: 120,
  needs: undefined,
  contact: undefined,
  language: 'fr',
  state: 2,
  sinceMs: startsAtMs,
  appointmentId: '',
  slot: overseasSlot,
  offeredUntilMs: startsAtMs,
}
const aCallback: Callback = {
  callbackId: '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a004',
  subject,
  serviceTypeId: 'papers',
  placeId: 'branch',
  telephone: '+33612345678',
  about: 'Ma <demande>',
  language: 'fr',
  state: 1,
  requestedAtMs: startsAtMs,
  dueAtMs: startsAtMs,
  practitionerId: 'p-1',
  practitionerShown: 'Nadia Roux',
  tries: 0,
}

let kept: Appointment = anAppointment
let refusal: Reason | undefined
let held: readonly Appointment[] = []
let furtherDates: readonly Appointment[] = []
let waiting: readonly Waiting[] = [aWaiting]
let callbacks: readonly Callback[] = [aCallback]
/** Of the secret, beside the kept one. */
let furtherOfSecret: readonly Appointment[] = []
const joined: JoinWaitingListRequest[] = []

interface Named {
  readonly appointmentId: string
  readonly secret?: Appointment['subject'] | object | undefined
}
/** As the service: a person's own by their token, and for the gateway those of the secret, the first without an id. */
const theirs = async ({ appointmentId, secret: shown }: Named, call: { accessToken?: string }) => {
  const isOwn = call.accessToken === personToken('hall') && appointmentId === bookedId
  const of = (shown as { of?: { $case: string; value: string } } | undefined)?.of
  const isOfSecret = call.accessToken === undefined && of?.$case === 'appointment' && of.value === secret
  const opened = [kept, ...furtherOfSecret]
  const meant = opened.find((each) => each.appointmentId === (appointmentId || kept.appointmentId))
  if (!isOwn && !(isOfSecret && meant)) throw new MeshError('APPOINTMENT_UNKNOWN')
  return { appointment: meant, series: isOfSecret && kept.seriesId !== '' ? opened : [] }
}
const changed = async (request: Named, call: { accessToken?: string }) => {
  const { appointment } = await theirs(request, call)
  if (refusal) throw new MeshError(refusal)
  return { appointment, appointments: [appointment] }
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
      searchSlots: async () => ({ slots: [aSlot], nextPageToken: '', walkInPlaces: [], fromDay: '', toDay: '' }),
    },
    consent: { recordNotice: async () => ({ basisId: `b1.${'B'.repeat(22)}`, toldAtMs: 1 }) },
    appointments: {
      getAppointment: theirs as never,
      listAppointments: async ({ pageToken, state }) => ({
        appointments: state === AppointmentState.APPOINTMENT_STATE_HELD ? [...held] : [kept, ...furtherDates],
        nextPageToken: pageToken === '' ? 'more' : '',
      }),
      moveAppointment: changed as never,
      cancelAppointment: changed as never,
      prepareAppointment: changed as never,
      getCalendarFile: (async (request: Named, call: { accessToken?: string }) => {
        await theirs(request, call)
        return { icalendar: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' }
      }) as never,
    },
    waitingList: {
      listWaiting: async () => ({ waiting: [...waiting], nextPageToken: '' }),
      joinWaitingList: async (request) => {
        joined.push(request)
        if (refusal) throw new MeshError(refusal)
        return { waiting: aWaiting }
      },
      answerOffer: async ({ isTaken }) => {
        if (refusal) throw new MeshError(refusal)
        return { waiting: aWaiting, appointment: isTaken ? kept : undefined }
      },
      leaveWaitingList: async () => ({}),
    },
    callbacks: {
      listCallbacks: async () => ({ callbacks: [...callbacks], nextPageToken: '' }),
      requestCallback: async () => {
        if (refusal) throw new MeshError(refusal)
        return { callback: aCallback }
      },
    },
  })
})
afterAll(() => agency.close())
beforeEach(async () => {
  kept = anAppointment
  held = []
  furtherDates = []
  refusal = undefined
  waiting = [aWaiting]
  callbacks = [aCallback]
  furtherOfSecret = []
  browser = new Browser(agency)
  await browser.logIn()
  joined.length = 0
  agency.calls.length = 0
})
const asked = (rpc: string) => agency.calls.filter((one) => one.rpc === rpc)
const rpcs = () => agency.calls.map(({ rpc }) => rpc).filter((rpc) => !rpc.startsWith('identity'))
const textOf = (body: string): string => body.replace(/<[^>]+>/g, '')

const one = `/appointments/${bookedId}`
const secretly = `/appointments/by-secret/${secret}`

describe('a page of appointments', () => {
  it.each([
    '/appointments',
    `${one}/calendar.ics`,
    `${one}/cancel`,
    `${one}/move`,
    `${one}/preparation`,
    '/book/papers/wait',
    '/book/papers/callback',
  ])('asks for a login before anything else: %s', async (path) => {
    browser.cookies.clear()
    const page = await browser.get(path)
    expect(page.statusCode).toBe(401)
    expect(page.body).toContain(`href="/login?return=${encodeURIComponent(path)}"`)
    expect(rpcs()).toEqual([])
  })

  it('tells who has no account how to see theirs, and opens none by its id', async () => {
    browser.cookies.clear()
    const page = await browser.get(one)
    expect([page.statusCode, page.body.includes('open the link that you were given')]).toEqual([401, true])
    expect(rpcs()).toEqual([])
  })

  it.each(['', '/calendar.ics', '/cancel', '/move', '/preparation'])(
    'is not there for an appointment of somebody else, nor for none: %s',
    async (path) => {
      for (const id of ['00000000-0000-4000-8000-000000000000', 'seven']) {
        const page = await browser.get(`/appointments/${id}${path}`)
        expect([page.statusCode, page.body.includes('We find no such appointment')]).toEqual([404, true])
      }
    },
  )

  it.each([
    [`${one}/cancel`, `${one}/cancel`],
    [`${one}/move`, `${one}/move`],
    ['/appointments', `/waiting/${aWaiting.waitingId}/take`],
    ['/appointments', `/waiting/${aWaiting.waitingId}/leave`],
  ])('takes no form of another site, of no session, or of nobody: %s', async (at, action) => {
    const page = await browser.get(at)
    agency.calls.length = 0
    const key = 'k'.repeat(43)
    expect((await browser.post(action, { key }, { origin: 'https://evil.test' })).statusCode).toBe(403)
    expect((await browser.post(action, { key }, { origin: 'null' })).statusCode).toBe(403)
    expect((await browser.post(action, { key })).statusCode).toBe(403)
    expect((await browser.send(page, action, { key: 'short' })).statusCode).toBe(400)
    browser.cookies.clear()
    expect((await browser.send(page, action)).statusCode).toBe(401)
    expect(rpcs()).toEqual([])
  })

  it('passes on that a stronger login is needed, and leads to it', async () => {
    const guarded = await openGateway('agency', {
      appointments: {
        getAppointment: () => {
          throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas2' } })
        },
      },
    })
    const hers = new Browser(guarded)
    await hers.logIn()
    const page = await hers.get(one)
    await guarded.close()
    expect([page.statusCode, page.body.includes('acr=eidas2')]).toEqual([403, true])
  })
})

describe('a person’s own appointments', () => {
  it('are listed from now on, with what they wait for and who calls them', async () => {
    const page = await browser.get('/appointments')
    const [{ request } = { request: undefined }] = asked('appointments.listAppointments')
    expect(request).toMatchObject({ subject, toMs: 0, pageToken: '' })
    expect((request as { fromMs: number }).fromMs).toBeGreaterThan(Date.parse('2025-01-01'))
    const { body } = page
    expect(body).toContain(`href="${one}"`)
    expect(textOf(body)).toContain('You are offered: Tuesday 24\u00a0November 2026 at 12:30 (Réunion Time)')
    expect(textOf(body)).toContain('Calls you: Nadia Roux')
    expect(textOf(body)).toMatch(/By: Tuesday 24\u00a0November 2026 at 12:30 \(Réunion Time\)/)
    expect(body).toContain('Ma &lt;demande&gt;')
    // A page token belongs to its filters, and now is one of them.
    const [, more = ''] = /href="(\/appointments\?at=[^"]+)"/.exec(body) ?? []
    await browser.get(more.replaceAll('&amp;', '&'))
    const lists = asked('appointments.listAppointments').map(
      (each) => each.request as { fromMs: number; state: AppointmentState },
    )
    const [first, second] = lists.filter(({ state }) => state !== AppointmentState.APPOINTMENT_STATE_HELD)
    expect(second).toMatchObject({ fromMs: first?.fromMs, pageToken: 'more' })
    await browser.get('/appointments?past=yes')
    expect(asked('appointments.listAppointments').at(-1)?.request).toMatchObject({ fromMs: 0 })
  })

  it('say when, where, how, with whom and what to bring, and escape what was written', async () => {
    const { body } = await browser.get(one)
    const text = textOf(body)
    expect(text).toContain('Tuesday 24\u00a0November 2026 at 09:30')
    expect(text).not.toContain('Europe/Paris')
    expect(body).toContain('1 place de la Mairie<br>93200 Saint-Denis')
    expect(text).toContain('Nadia Roux')
    expect(body).toContain('Avec &lt;ma&gt; fille')
    expect(body).toContain('A photograph less than six months old')
    for (const path of ['calendar.ics', 'move', 'cancel', 'preparation'])
      expect(body).toContain(`href="${one}/${path}"`)
    expect((await browser.get(`${one}?done=booked`)).body).toContain('Your appointment is made.')
    expect((await browser.get(`${one}?done=constructor`)).body).not.toContain('role="status"')
  })

  it('are told on the clock of their place, with its zone, and by telephone without an address', async () => {
    kept = {
      ...anAppointment,
      place: branch,
      placeId: 'branch',
      zone: 'Indian/Reunion',
      localStart: '2026-11-24T12:30+04:00',
      channel: 2,
    }
    const { body } = await browser.get(one)
    expect(textOf(body)).toContain('at 12:30 (Réunion Time)')
    expect(body).not.toContain('3 rue du Port')
  })

  it('say what is there already and what was prepared to be brought', async () => {
    const title = { fr: 'Ressources', en: 'Resources' }
    kept = {
      ...anAppointment,
      preparation: {
        preparedAtMs: startsAtMs,
        had: [{ title, provider: 'fund', evidenceType: 'resources', fields: [], exchangeId: 'x' }],
        notObtained: [],
        toBring: [
          { title: { fr: 'Photo', en: 'A photo' }, routes: [{ kind: 'paper', textFr: 'p', textEn: 'On paper' }] },
        ],
      },
    }
    const { body } = await browser.get(one)
    expect(textOf(body)).toContain('We have it alreadyResources, Body fund')
    expect(textOf(body)).toContain('A photoOn paper')
    expect(body).not.toContain('/preparation"')
  })

  it('that were cancelled or are over say so, without any change, and a missed one says no more', async () => {
    kept = {
      ...anAppointment,
      state: AppointmentState.APPOINTMENT_STATE_CANCELLED,
      cancelledBy: byAgent,
      cancelledBecause: 'Agent <malade>',
    }
    const cancelled = await browser.get(one)
    expect(textOf(cancelled.body)).toContain('Cancelled by: Nadia Roux')
    expect(cancelled.body).toContain('Agent &lt;malade&gt;')
    expect(cancelled.body).not.toContain(`${one}/cancel`)
    for (const path of ['/cancel', '/move', '/preparation'])
      expect((await browser.get(`${one}${path}`)).statusCode).toBe(409)
    kept = { ...anAppointment, state: AppointmentState.APPOINTMENT_STATE_NO_SHOW }
    const missed = await browser.get(one)
    expect(missed.body).toContain('<span class="tag other">Over</span>')
    expect(missed.body).not.toMatch(/miss|show/i)
  })

  it('are a file for one’s calendar', async () => {
    const file = await browser.get(`${one}/calendar.ics`)
    expect(file.headers).toMatchObject({
      'content-type': 'text/calendar; charset=utf-8',
      'content-disposition': 'attachment; filename="appointment.ics"',
      'cache-control': 'no-store',
    })
  })

  it('are cancelled after a question, alone or with their series', async () => {
    kept = { ...anAppointment, seriesId: 'series' }
    const page = await browser.get(`${one}/cancel`)
    expect(page.body).toContain('To cancel has no other consequence')
    expect(page.body).toContain('<button>Cancel this date only</button>')
    expect(page.body).toContain('<button name="series" value="yes">Cancel all dates to come</button>')
    const done = await browser.send(page, `${one}/cancel`, { series: 'yes' })
    expect([done.statusCode, done.headers.location]).toEqual([303, `${one}?done=series-cancelled`])
    expect((await browser.get(`${one}?done=series-cancelled`)).body).toContain('The dates to come of the series')
    expect(asked('appointments.cancelAppointment')).toMatchObject([
      { request: { appointmentId: bookedId, wholeSeries: true, because: '', by: undefined } },
    ])
    refusal = 'CHANGE_TOO_LATE'
    const late = await browser.send(page, `${one}/cancel`)
    expect([late.statusCode, late.body.includes('Not to come has no consequence')]).toEqual([409, true])
  })

  it('of a series show its other dates, and no appointment that is none of them', async () => {
    const series = { seriesId: '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a009' }
    const next = { ...anAppointment, appointmentId: '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a010' }
    kept = { ...anAppointment, ...series }
    furtherDates = [
      { ...next, ...series, localStart: '2026-12-01T09:30+01:00' },
      { ...next, appointmentId: '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a011', localStart: '2026-12-02T09:30+01:00' },
    ]
    for (const path of [one, `${one}/cancel`]) {
      const { body } = await browser.get(path)
      expect(body).toContain('A series of dates')
      expect(textOf(body)).toContain('Tuesday 1\u00a0December 2026 at 09:30')
      expect(textOf(body)).not.toContain('2\u00a0December')
    }
    expect(textOf((await browser.get('/appointments')).body)).toContain('Part of a series of dates')
  })

  it('of a visit lead to it, are cancelled alone, and are not moved alone', async () => {
    const visitId = '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a012'
    kept = { ...anAppointment, visitId, visitCode: 'ABCD2345' }
    const { body } = await browser.get(one)
    expect(body).toContain(`href="/visits/${visitId}"`)
    expect(body).toContain('ABCD2345')
    expect(body).not.toContain(`${one}/move"`)
    expect((await browser.get(`${one}/cancel`)).body).toContain('the others of the visit stay')
    expect((await browser.get('/appointments')).body).toContain(`href="/visits/${visitId}"`)
  })

  it('that are being asked for in a visit are named as not booked; a hold of one alone is not', async () => {
    const visitId = '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a013'
    held = [{ ...anAppointment, visitId }, anAppointment]
    const { body } = await browser.get('/appointments')
    expect(body.match(/Not booked yet/g)).toHaveLength(1)
    expect(body).toContain(`<a href="/visits/${visitId}">`)
    held = [anAppointment]
    expect((await browser.get('/appointments')).body).not.toContain('Visits that are being asked for')
  })

  it('are moved to another time of the same, and stay as they are where that is taken', async () => {
    kept = { ...anAppointment, units: 2 }
    const page = await browser.get(`${one}/move?place=town-hall`)
    expect(asked('slots.searchSlots')).toMatchObject([{ request: { serviceTypeId: 'papers', units: 2 } }])
    expect(page.body).toContain('Your appointment stays as it is until')
    expect(page.body).not.toContain('/wait"')
    refusal = 'SLOT_TAKEN'
    const slot = `counter-1~${startsAtMs}~counter~town-hall`
    const taken = await browser.send(page, `${one}/move`, { slot })
    expect([taken.statusCode, taken.body.includes('role="alert"'), taken.body.includes('name="slot"')]).toEqual([
      409,
      true,
      true,
    ])
    refusal = undefined
    const done = await browser.send(taken, `${one}/move`, { slot })
    expect(done.headers.location).toBe(`${one}?done=moved`)
    expect(asked('appointments.moveAppointment').at(-1)?.request).toMatchObject({
      appointmentId: bookedId,
      slot: { scheduleId: 'counter-1', serviceTypeId: 'papers', startsAtMs, units: 2, channel: 1 },
      secret: undefined,
    })
  })

  it('are prepared by asking others, after the person has seen whom', async () => {
    const needy = {
      ...papers,
      evidence: [{ title: { fr: 'R', en: 'R' }, evidenceType: 'resources', fields: ['resources.value'] }],
    }
    const needing = await openGateway('agency', {
      calendar: {
        listServiceTypes: async () => ({
          serviceTypes: [{ serviceType: needy, places: [townHall] }],
          nextPageToken: '',
        }),
      },
      consent: { recordNotice: async () => ({ basisId: `b1.${'B'.repeat(22)}`, toldAtMs: 1 }) },
      appointments: { getAppointment: theirs as never, prepareAppointment: changed as never },
    })
    const hers = new Browser(needing)
    await hers.logIn()
    const page = await hers.get(`${one}/preparation`)
    expect(page.body).toContain('What we ask for in your place')
    expect(page.body).toContain('Body fund')
    const done = await hers.send(page, `${one}/preparation`)
    await needing.close()
    expect(done.headers.location).toBe(`${one}?done=prepared`)
    const notices = needing.calls.filter(({ rpc }) => rpc === 'consent.recordNotice')
    const [prepared] = needing.calls.filter(({ rpc }) => rpc === 'appointments.prepareAppointment')
    expect(notices.length).toBeGreaterThan(0)
    expect(prepared?.request).toMatchObject({
      appointmentId: bookedId,
      bases: notices.map(() => ({ provider: 'fund' })),
    })
    expect((await browser.get(`${one}/preparation`)).body).toContain('nobody to ask without you')
  })
})

describe('an appointment by its secret', () => {
  it.each(['', '/calendar.ics', '/cancel', '/move'])(
    'is not there for another one, and the page is as secret: %s',
    async (path) => {
      browser.cookies.clear()
      for (const other of ['M'.repeat(43), 'seven']) {
        const page = await browser.get(`/appointments/by-secret/${other}${path}`)
        expect([page.statusCode, page.headers['referrer-policy']]).toEqual([404, 'no-referrer'])
      }
    },
  )

  it('is seen, kept, moved and cancelled without a login, by nobody’s token, told to no other site', async () => {
    browser.cookies.clear()
    const page = await browser.get(`${secretly}?done=booked`)
    expect(page.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    expect(page.body).toContain('Keep the address of this page')
    expect(page.body).toContain('href="/login?return=%2F"')
    expect(page.body).not.toContain('/preparation"')
    expect((await browser.get(`${secretly}/calendar.ics`)).body).toContain('BEGIN:VCALENDAR')
    const moved = await browser.send(await browser.get(`${secretly}/move`), `${secretly}/move`, {
      slot: `counter-1~${startsAtMs}~counter~town-hall`,
    })
    expect(moved.headers.location).toBe(`${secretly}?done=moved`)
    const asking = await browser.get(`${secretly}/cancel`)
    const foreign = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    expect((await browser.post(`${secretly}/cancel`, { key: 'k'.repeat(43) }, foreign)).statusCode).toBe(403)
    const cancelled = await browser.send(asking, `${secretly}/cancel`)
    expect(cancelled.headers.location).toBe(`${secretly}?done=cancelled`)
    const own = agency.calls.filter(({ rpc }) => rpc.startsWith('appointments.'))
    expect(own.every(({ call }) => call.accessToken === undefined)).toBe(true)
  })
})

describe('an appointment whose place its secret does not open', () => {
  const withheld = { placeId: '', place: undefined, scheduleId: '', practitionerId: '', practitionerShown: '' }
  beforeEach(() => {
    browser.cookies.clear()
    kept = { ...anAppointment, ...withheld, contact: undefined, note: '', bookedBy: undefined }
  })

  it('is not moved by it: the page says what login that takes, before any time is chosen', async () => {
    const page = await browser.get(`${secretly}/move`)
    expect([page.statusCode, page.headers['referrer-policy']]).toEqual([403, 'no-referrer'])
    expect(page.body).toContain('acr=eidas2')
    expect(asked('slots.searchSlots')).toEqual([])
  })

  it.each([
    [
      'fr',
      'Cette page ne le montre pas.',
      'un moyen plus sûr',
      'Annuler reste possible ici.',
      'qui peut annuler pour vous',
    ],
    ['en', 'This page does not show it.', 'a stronger means', 'You can still cancel here.', 'who may cancel for you'],
  ])('says how to go on, and not why: %s', async (language, ...said) => {
    const { statusCode, body } = await browser.get(`${secretly}?done=booked&lang=${language}`)
    expect(statusCode).toBe(200)
    for (const each of said) expect(textOf(body)).toContain(each)
    expect(body).toContain(`href="/login?return=%2Fappointments%2F${bookedId}&amp;acr=eidas2"`)
    expect(body).not.toContain(`href="${secretly}/move"`)
    for (const other of [townHall.address, townHall.telephone, 'Mairie', 'Town hall', 'rotect', 'protég'])
      expect(body.split('<main')[1]?.split('</main>')[0]).not.toContain(other)
  })

  it('is still cancelled by it, and then asks for no login', async () => {
    const asking = await browser.get(`${secretly}/cancel`)
    expect([asking.statusCode, textOf(asking.body).includes('This page does not show it.')]).toEqual([200, true])
    const cancelled = await browser.send(asking, `${secretly}/cancel`)
    expect(cancelled.headers.location).toBe(`${secretly}?done=cancelled`)
    kept = { ...kept, state: AppointmentState.APPOINTMENT_STATE_CANCELLED }
    const page = await browser.get(`${secretly}?done=cancelled`)
    expect([page.statusCode, page.body.includes('acr=eidas2')]).toEqual([200, false])
  })
})

describe('a series by its secret', () => {
  const series = { seriesId: '6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a009' }
  const dayMs = 86_400_000
  const on = (day: number, change: Partial<Appointment> = {}): Appointment => ({
    ...anAppointment,
    ...series,
    appointmentId: `6d0f7f0e-1f7b-4a52-9a37-0d2c53b7a03${day}`,
    startsAtMs: startsAtMs + 365 * dayMs + day * dayMs,
    localStart: `2027-11-2${day}T09:30+01:00`,
    ...change,
  })
  beforeEach(() => {
    browser.cookies.clear()
    kept = on(4)
    furtherOfSecret = [
      on(5),
      on(6, { state: AppointmentState.APPOINTMENT_STATE_CANCELLED }),
      on(7, { startsAtMs: Date.parse('2020-11-24T08:30:00Z') }),
    ]
  })
  const dateAt = (day: number) => `${secretly}/${on(day).appointmentId}`

  it.each(['', '/calendar.ics', '/cancel', '/move'])('opens no other appointment: %s', async (path) => {
    for (const id of [bookedId, 'seven']) {
      const page = await browser.get(`${secretly}/${id}${path}`)
      expect([page.statusCode, page.headers['referrer-policy']]).toEqual([404, 'no-referrer'])
    }
    expect((await browser.get(`/appointments/by-secret/${'M'.repeat(43)}/${on(5).appointmentId}`)).statusCode).toBe(404)
  })

  it('shows its other dates that are to come, each by the same secret, and asks for no list of anybody’s', async () => {
    for (const path of [secretly, `${secretly}/cancel`]) {
      const { body } = await browser.get(path)
      expect(body).toContain('A series of dates')
      expect(body).toContain(`<a href="${dateAt(5)}">`)
      for (const day of [4, 6, 7]) expect(body).not.toContain(`<a href="${dateAt(day)}">`)
    }
    const { body, headers } = await browser.get(dateAt(5))
    expect(textOf(body)).toContain('25\u00a0November 2027')
    expect(body).toContain(`<a href="${dateAt(4)}">`)
    for (const path of ['calendar.ics', 'move', 'cancel']) expect(body).toContain(`href="${dateAt(5)}/${path}"`)
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    expect(asked('appointments.listAppointments')).toEqual([])
  })

  it('is cancelled in whole or by one date, and one date is moved, without a token', async () => {
    const asking = await browser.get(`${dateAt(5)}/cancel`)
    const foreign = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const forged = { key: 'k'.repeat(43), series: 'yes' }
    expect((await browser.post(`${dateAt(5)}/cancel`, forged, foreign)).statusCode).toBe(403)
    expect((await browser.post(`${dateAt(5)}/cancel`, { ...forged, series: 'some' })).statusCode).toBe(400)
    const whole = await browser.send(asking, `${dateAt(5)}/cancel`, { series: 'yes' })
    expect(whole.headers.location).toBe(`${dateAt(5)}?done=series-cancelled`)
    const alone = await browser.send(await browser.get(`${secretly}/cancel`), `${secretly}/cancel`)
    expect(alone.headers.location).toBe(`${secretly}?done=cancelled`)
    const by = { secret: { of: { $case: 'appointment', value: secret } } }
    expect(asked('appointments.cancelAppointment').map(({ request }) => request)).toMatchObject([
      { ...by, appointmentId: on(5).appointmentId, wholeSeries: true },
      { ...by, appointmentId: '', wholeSeries: false },
    ])
    const moved = await browser.send(await browser.get(`${dateAt(5)}/move`), `${dateAt(5)}/move`, {
      slot: `counter-1~${startsAtMs}~counter~town-hall`,
    })
    expect(moved.headers.location).toBe(`${dateAt(5)}?done=moved`)
    expect(asked('appointments.moveAppointment')).toMatchObject([
      { request: { ...by, appointmentId: on(5).appointmentId } },
    ])
    expect(agency.calls.every(({ call }) => call.accessToken === undefined)).toBe(true)
  })
})

describe('calls that have ended', () => {
  const hourMs = 3_600_000
  const nowMs = Date.now()
  const ended = (change: Partial<Callback>): Callback => ({
    ...{ ...aCallback, placeId: 'town-hall', tries: 3, state: 3, endedAtMs: nowMs - hourMs, about: 'Mon <dossier>' },
    ...change,
  })

  it('are shown with what became of them, who called, and how to go on', async () => {
    callbacks = [ended({ calledBy: byAgent })]
    const { body } = await browser.get('/appointments')
    const text = textOf(body)
    expect(text).toContain('We tried 3\u00a0times and did not reach you, and we no longer call')
    expect(text).toContain('Called by: Nadia Roux')
    expect(body).toContain('<a href="/book/papers/callback">Ask for another call</a>')
    expect(body).toContain('<a href="/book/papers">Make an appointment</a>')
    expect(body).toContain('href="tel:0199000004"')
    expect(body).toContain('Mon &lt;dossier&gt;')
    expect(text).not.toContain('You are called back')
  })

  it('say that they were made, when, and nothing of who called where nobody said', async () => {
    callbacks = [ended({ state: 2, tries: 1 })]
    const { body } = await browser.get('/appointments')
    const text = textOf(body)
    expect(text).toMatch(/We spoke to you on [A-Z][a-z]+day \d+\u00a0[A-Z][a-z]+ \d+ at \d\d:\d\d\./)
    expect(text).toContain('Ask for another call')
    expect(text).not.toContain('did not reach you')
    expect(text).not.toContain('Called by')
  })

  it('are the ones of the last week alone, the last first, after those that are open', async () => {
    const about = (change: Partial<Callback>) => ended({ calledBy: undefined, ...change })
    callbacks = [
      about({ about: 'old', endedAtMs: nowMs - 8 * 24 * hourMs }),
      about({ about: 'first', endedAtMs: nowMs - 2 * hourMs }),
      about({ about: 'last', endedAtMs: nowMs - hourMs }),
      // It ended before that was kept: when it was due says how long ago.
      about({ about: 'unsaid', endedAtMs: undefined, dueAtMs: nowMs - 3 * hourMs }),
      about({ about: 'unsaid-old', endedAtMs: undefined, dueAtMs: nowMs - 9 * 24 * hourMs }),
      { ...aCallback, about: 'open', tries: 2 },
    ]
    const { body } = await browser.get('/appointments')
    const said = [...body.matchAll(/<p class="said quiet">([^<]+)<\/p>/g)].map(([, word]) => word)
    expect(said).toEqual(['open', 'last', 'first', 'unsaid'])
    expect(textOf(body)).toContain('We tried 2\u00a0times and did not reach you.')
    const [{ request } = { request: undefined }] = asked('callbacks.listCallbacks')
    const { dueFromMs, pageSize } = request as { dueFromMs: number; pageSize: number }
    expect(pageSize).toBe(100)
    expect(nowMs - dueFromMs).toBeGreaterThan(30 * 24 * hourMs)
    expect((await browser.get('/appointments?past=yes')).body).not.toContain('Calls of the last days')
  })

  it('go on without what is offered no more', async () => {
    callbacks = [ended({ serviceTypeId: 'gone', placeId: 'gone' }), ended({ state: 2, serviceTypeId: 'gone' })]
    const { statusCode, body } = await browser.get('/appointments')
    expect(statusCode).toBe(200)
    expect(body).toContain('Your request for a call')
    expect(body).not.toContain('/book/gone')
    callbacks = []
    expect((await browser.get('/appointments')).body).not.toContain('id="callbacks"')
  })
})

describe('waiting for a time', () => {
  const wish = { from: '2026-11-24', to: '2026-12-24', how: 'offer', way: 'none' }
  const send = async (fields: Record<string, string>) =>
    browser.send(await browser.get('/book/papers/wait'), '/book/papers/wait', fields)

  it.each([
    ['fr', 'nous attendons un lieu adapté et un agent qui parle cette langue'],
    ['en', 'we wait for a suitable place and an agent who speaks that language'],
  ])('says that a need which is stated is waited for, in %s', async (language, words) => {
    expect((await browser.get(`/book/papers/wait?lang=${language}`)).body).toContain(words)
  })

  it.each([
    [{ ...wish, from: 'soon' }, 'from'],
    [{ ...wish, to: '' }, 'to'],
    [{ ...wish, to: '2026-11-01' }, 'to'],
    [{ ...wish, how: '' }, 'how'],
    [{ ...wish, way: 'email', address: 'ada' }, 'address'],
  ])('is refused at the field: %j', async (fields, field) => {
    const page = await send(fields)
    expect([page.statusCode, page.body.includes(`id="${field}-fault"`)]).toEqual([422, true])
    expect(joined).toEqual([])
  })

  it.each([
    ['RANGE_TOO_LONG', 422, 'one year at most'],
    ['TIME_PASSED', 422, 'This day has passed'],
    ['ALREADY_WAITING', 409, 'You are on the waiting list for this already'],
    ['BOOKING_NOT_ALLOWED', 403, 'an agent makes it with you'],
  ] as const)('is refused by the service (%s) with a next step', async (reason, status, words) => {
    refusal = reason
    const page = await send(wish)
    expect([page.statusCode, page.body.includes(words)]).toEqual([status, true])
  })

  it('begins with what was wished, and a free time is offered or booked', async () => {
    const offer = await send({ ...wish, place: 'branch', channel: 'counter' })
    expect([offer.statusCode, offer.headers.location]).toEqual([303, '/appointments#waiting'])
    await send({ ...wish, how: 'book' })
    expect(joined).toMatchObject([
      {
        waiting: {
          subject,
          placeIds: ['branch'],
          channel: 1,
          booksByItself: false,
          contact: { way: 'none', address: '' },
        },
      },
      { waiting: { placeIds: [], channel: 0, booksByItself: true } },
    ])
  })

  it('is answered: the offer is taken or left to others, or the waiting ends', async () => {
    const page = await browser.get('/appointments')
    const path = `/waiting/${aWaiting.waitingId}`
    expect((await browser.send(page, `${path}/take`)).headers.location).toBe(`${one}?done=booked`)
    expect((await browser.send(page, `${path}/decline`)).headers.location).toBe('/appointments#waiting')
    expect((await browser.send(page, `${path}/leave`)).headers.location).toBe('/appointments')
    // The own session says who they are.
    const own = { waitingId: aWaiting.waitingId, by: undefined, mandate: undefined }
    expect(asked('waitingList.answerOffer')).toMatchObject([
      { request: { ...own, isTaken: true } },
      { request: { ...own, isTaken: false } },
    ])
    expect(asked('waitingList.leaveWaitingList')).toMatchObject([{ request: own }])
    refusal = 'OFFER_EXPIRED'
    const late = await browser.send(page, `${path}/take`)
    expect([late.statusCode, late.body.includes('You are still waiting')]).toEqual([409, true])
    waiting = [
      { ...aWaiting, state: 1, slot: undefined },
      { ...aWaiting, state: 5 },
    ]
    const plain = await browser.get('/appointments')
    expect([plain.body.includes(`${path}/take`), plain.body.match(/\/leave"/g)?.length]).toEqual([false, 1])
  })
})

describe('asking to be called', () => {
  const send = async (fields: Record<string, string>) =>
    browser.send(await browser.get('/book/papers/callback'), '/book/papers/callback', fields)

  it.each([
    [{ telephone: '12' }, 'telephone'],
    [{ telephone: '0612345678', about: 'x'.repeat(501) }, 'about'],
  ])('is refused at the field: %j', async (fields, field) => {
    const page = await send(fields)
    expect([page.statusCode, page.body.includes(`id="${field}-fault"`)]).toEqual([422, true])
    expect(asked('callbacks.requestCallback')).toEqual([])
  })

  it.each([
    ['APPOINTMENT_LIMIT_REACHED', 409, 'You wait for several calls already'],
    ['PLACE_CLOSED', 409, 'Nobody can call you back for this at the moment'],
  ] as const)('is refused by the service (%s) with a next step', async (reason, status, words) => {
    refusal = reason
    const page = await send({ telephone: '0612345678' })
    expect([page.statusCode, page.body.includes(words)]).toEqual([status, true])
  })

  it('is recorded with the number as it is dialled from anywhere', async () => {
    const done = await send({ telephone: '0692 12 34 56', about: ' Bonjour ', place: 'branch' })
    expect(done.headers.location).toBe('/appointments#callbacks')
    expect(asked('callbacks.requestCallback')).toMatchObject([
      {
        request: { subject, serviceTypeId: 'papers', placeId: 'branch', telephone: '+262692123456', about: 'Bonjour' },
      },
    ])
  })
})
