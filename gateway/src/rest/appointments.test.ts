import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { agent, byAgent } from '../application.fixture.js'
import { anAppointment, aSlot, bookedId, holdId, secret, startsAtMs, townHall } from '../appointment.fixture.js'
import { type Fakes, gatewayForTest, personToken, subject, systemToken } from '../gateway.fixture.js'

const system = systemToken('hall', { scope: 'appointments:book' })
const person = personToken('hall')
const one = `/v1/appointments/${bookedId}`
const by = { who: 'agent', ...agent }
const startsAt = '2026-11-24T08:30:00Z'
const slot = { scheduleId: 'counter-1', serviceTypeId: 'papers', startsAt, channel: 'counter' }
const chosen = { scheduleId: 'counter-1', serviceTypeId: 'papers', startsAtMs, units: 1, channel: 1 }

interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly token?: string
  readonly body?: object
  readonly key?: string
}
const ask = async (
  { method, url, token = system, body, key = 'a-key-of-its-own' }: Asked,
  fakes: Pick<Fakes, 'appointments' | 'slots' | 'waitingList' | 'visits' | 'walkIns' | 'callbacks'> = {},
) => {
  const { app, calls } = await gatewayForTest('agency', fakes)
  const response = await app.inject({
    method: method ?? (body ? 'POST' : 'GET'),
    url,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { 'idempotency-key': key }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { payload: JSON.stringify(body) }),
  })
  const isJson = String(response.headers['content-type']).includes('json')
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    body: isJson ? response.json() : undefined,
    asked: calls.filter(({ rpc }) => !rpc.startsWith('identity.')),
  }
}
const answered = async () => ({ appointment: anAppointment, series: [] })

const hold = { subject, slot }
const booking = { subject, slots: [slot], language: 'fr' }
const waiting = { subject, serviceTypeId: 'papers', fromDay: '2026-11-24', toDay: '2026-12-24', language: 'fr' }
const invitation = { serviceTypeId: 'papers', expiresAt: '2026-12-24T00:00:00Z', by }
const visit = {
  visitId: holdId,
  subject,
  legs: [
    { member: 'hall', slot },
    { member: 'fund', slot },
  ],
  language: 'fr',
}
const wished = { member: 'hall', serviceTypeId: 'papers' }
const visitSearch = { sharedPlace: 'house-1', wishes: [wished, wished], fromDay: '2026-11-24', toDay: '2026-11-24' }

const effects: readonly (readonly [string, object])[] = [
  ['/v1/appointments/holds', hold],
  ['/v1/appointments', booking],
  ['/v1/appointments/links', invitation],
  [`${one}/move`, { slot }],
  [`${one}/cancellation`, {}],
  [`${one}/attendance`, { state: 'arrived' }],
  ['/v1/waiting', waiting],
  [`/v1/waiting/${bookedId}/answer`, { isTaken: true }],
  ['/v1/tickets', { placeId: 'town-hall', serviceTypeId: 'papers' }],
  ['/v1/tickets/next', { practitionerId: 'p-1' }],
  [`/v1/tickets/${bookedId}/closure`, { isSeen: true }],
  ['/v1/callbacks', { subject, serviceTypeId: 'papers', telephone: '+33612345678', language: 'fr' }],
  [`/v1/callbacks/${bookedId}/calls`, { isReached: true }],
  [`/v1/waiting/${bookedId}/departure`, {}],
]

describe('appointments over REST', () => {
  it.each(effects)('need a token and a key of its own at %s, and ask nobody without', async (url, body) => {
    const stranger = await ask({ url, body, token: '' })
    expect([stranger.status, stranger.body.reason, stranger.asked]).toEqual([401, 'TOKEN_MISSING', []])
    const keyless = await ask({ url, body, key: '' })
    expect([keyless.body.reason, keyless.asked]).toEqual(['IDEMPOTENCY_KEY_MISSING', []])
  })

  it.each<[string, string, object, string]>([
    ['a person who is no pseudonym', '/v1/appointments/holds', { ...hold, subject: 'ada' }, 'subject'],
    ['a system that names nobody', '/v1/appointments/holds', { slot }, 'subject'],
    ['no slot', '/v1/appointments/holds', { subject }, 'slot'],
    [
      'a schedule that is none',
      '/v1/appointments/holds',
      { subject, slot: { ...slot, scheduleId: 'A B' } },
      'slot.scheduleId',
    ],
    [
      'a time that is none',
      '/v1/appointments/holds',
      { subject, slot: { ...slot, startsAt: 'soon' } },
      'slot.startsAt',
    ],
    [
      'a time without its offset',
      '/v1/appointments/holds',
      { subject, slot: { ...slot, startsAt: '2026-11-24T09:30' } },
      'slot.startsAt',
    ],
    [
      'a channel that there is not',
      '/v1/appointments/holds',
      { subject, slot: { ...slot, channel: 'fax' } },
      'slot.channel',
    ],
    ['eleven people', '/v1/appointments/holds', { subject, slot: { ...slot, units: 11 } }, 'slot.units'],
    ['a secret, which is for pages', '/v1/appointments/holds', { ...hold, secret }, 'secret'],
    ['neither holds nor slots', '/v1/appointments', { subject, language: 'fr' }, 'slots'],
    ['both holds and slots', '/v1/appointments', { ...booking, holdIds: [holdId] }, 'slots'],
    ['thirteen slots', '/v1/appointments', { ...booking, slots: Array(13).fill(slot) }, 'slots'],
    ['a hold that is none', '/v1/appointments', { subject, language: 'fr', holdIds: ['seven'] }, 'holdIds.0'],
    ['a way that there is not', '/v1/appointments', { ...booking, contact: { way: 'pigeon' } }, 'contact.way'],
    ['a note of 1,001 characters', '/v1/appointments', { ...booking, note: 'x'.repeat(1001) }, 'note'],
    [
      'a need that there is not',
      '/v1/appointments',
      { ...booking, needs: { accessibility: ['lift'] } },
      'needs.accessibility.0',
    ],
    ['a mandate without its days', '/v1/appointments', { ...booking, mandate: { reference: 'm' } }, 'mandate.fromDay'],
    ['an id that is none', '/v1/appointments/seven/move', { slot }, 'id'],
    ['a state that nobody says', `${one}/attendance`, { state: 'booked' }, 'state'],
    ['a basis that is none', `${one}/preparation`, { bases: [{ provider: 'fund' }] }, 'bases.0.purpose'],
    ['nobody who invites', '/v1/appointments/links', { ...invitation, by: undefined }, 'by'],
    ['a helper who invites', '/v1/appointments/links', { ...invitation, by: { who: 'helper' } }, 'by.who'],
    ['a day that is none', '/v1/waiting', { ...waiting, fromDay: '2026-02-30' }, 'fromDay'],
    [
      'an answer by a mandate without its days',
      `/v1/waiting/${bookedId}/answer`,
      { isTaken: false, mandate: { reference: 'm' } },
      'mandate.fromDay',
    ],
    [
      'a departure by a mandate without its days',
      `/v1/waiting/${bookedId}/departure`,
      { mandate: { reference: 'm' } },
      'mandate.fromDay',
    ],
    ['a departure by nobody', `/v1/waiting/${bookedId}/departure`, { by: { who: 'nobody' } }, 'by.who'],
    ['an offer of a minute', '/v1/waiting', { ...waiting, offerMinutes: 1 }, 'offerMinutes'],
    ['a visit of one meeting', '/v1/visits', { ...visit, legs: visit.legs.slice(0, 1) }, 'legs'],
    [
      'a visit to a member that is none',
      '/v1/visits',
      {
        ...visit,
        legs: [
          { member: 'A B', slot },
          { member: 'fund', slot },
        ],
      },
      'legs.0.member',
    ],
    ['a search for one meeting', '/v1/visits/search', { ...visitSearch, wishes: [wished] }, 'wishes'],
    ['a search for a lift', '/v1/visits/search', { ...visitSearch, accessibility: ['lift'] }, 'accessibility.0'],
    [
      'a search for five accessibilities',
      '/v1/visits/search',
      { ...visitSearch, accessibility: Array(5).fill('wheelchair') },
      'accessibility',
    ],
    ['a search for a language that is none', '/v1/visits/search', { ...visitSearch, language: 'français' }, 'language'],
    ['a hand that is none', `/v1/callbacks/${bookedId}/calls`, { isReached: true, by: { who: 'robot' } }, 'by.who'],
    ['an agent without an id', '/v1/tickets/next', { practitionerId: 'p-1', by: { who: 'agent' } }, 'by.agentId'],
    ['a number that is none', '/v1/callbacks', { ...effects[11]?.[1], telephone: '0612345678' }, 'telephone'],
  ])('refuse %s, naming the field', async (_, url, body, field) => {
    const refused = await ask({ url, body })
    expect(refused.body).toMatchObject({ status: 400, reason: 'REQUEST_INVALID', facts: { field } })
    expect(refused.asked).toEqual([])
  })

  it.each([
    ['/v1/slots', 'serviceType'],
    ['/v1/slots?serviceType=A%20B', 'serviceType'],
    ['/v1/slots?serviceType=papers&place=A', 'place'],
    ['/v1/slots?serviceType=papers&near=Saint-Denis', 'near'],
    ['/v1/slots?serviceType=papers&near=93066&kilometres=201', 'kilometres'],
    ['/v1/slots?serviceType=papers&accessibility=lift', 'accessibility'],
    ['/v1/slots?serviceType=papers&from=today', 'from'],
    ['/v1/slots?serviceType=papers&units=0', 'units'],
    ['/v1/slots?serviceType=papers&accompanied=maybe', 'accompanied'],
    ['/v1/appointments?state=done', 'state'],
    ['/v1/appointments?since=yesterday', 'since'],
    ['/v1/tickets', 'place'],
    ['/v1/waiting?subject=ada', 'subject'],
    ['/v1/callbacks?since=yesterday', 'since'],
  ])('are not looked for by what is none: %s', async (url, field) => {
    const refused = await ask({ url })
    expect(refused.body).toMatchObject({ reason: 'REQUEST_INVALID', facts: { field } })
    expect(refused.asked).toEqual([])
  })

  it('are nobody’s but their person’s: the service’s refusal is passed on with its facts, and no cache keeps it', async () => {
    const refuse = () => {
      throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: 'eidas2' } })
    }
    for (const url of [one, `${one}/calendar`]) {
      const refused = await ask(
        { url, token: person },
        { appointments: { getAppointment: refuse, getCalendarFile: refuse } },
      )
      expect([refused.status, refused.body.reason, refused.body.facts]).toEqual([
        403,
        'ASSURANCE_TOO_LOW',
        { required_acr: 'eidas2' },
      ])
      expect(refused.headers['cache-control']).toBe('no-store')
      expect(refused.asked).toMatchObject([{ request: { appointmentId: bookedId, secret: undefined } }])
    }
    const mine = await ask({ url: one, token: person }, { appointments: { getAppointment: answered } })
    expect([mine.status, mine.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(mine.headers).not.toHaveProperty('etag')
  })

  it('are said to be broken inside where an answer carries nothing', async () => {
    const empty = async () => ({})
    for (const [url, body] of [
      [one, undefined],
      [`${one}/move`, { slot }],
      [`${one}/attendance`, { state: 'arrived' }],
    ] as const) {
      const rpcs = { getAppointment: empty, moveAppointment: empty, recordAttendance: empty }
      const refused = await ask({ url, ...(body && { body }) }, { appointments: rpcs as never })
      expect([refused.status, refused.body.reason], url).toEqual([500, 'INTERNAL'])
    }
  })
})

describe('a slot over REST', () => {
  const found = { slots: [aSlot], nextPageToken: 'n', walkInPlaces: [], fromDay: '2026-11-24', toDay: '2026-12-24' }

  it('is looked for by service type and everything that narrows it, one or several times', async () => {
    const searchSlots = async () => found
    const plain = await ask({ url: '/v1/slots?serviceType=papers&place=town-hall' }, { slots: { searchSlots } })
    expect(plain.asked).toMatchObject([
      {
        rpc: 'slots.searchSlots',
        request: { serviceTypeId: 'papers', placeIds: ['town-hall'], channel: 0, pageSize: 0 },
      },
    ])
    expect(plain.body).toMatchObject({
      slots: [{ startsAt: '2026-11-24T08:30:00.000Z', localStart: '2026-11-24T09:30+01:00', channels: ['counter'] }],
      from: '2026-11-24',
      nextPageToken: 'n',
    })
    const query =
      'serviceType=papers&place=town-hall&place=branch&near=93066&kilometres=5&channel=video&accessibility=wheelchair&accessibility=quiet-room' +
      '&language=fsl&from=2026-11-24&to=2026-11-30&units=2&accompanied=true&allOfPeriod=true&pageSize=1000&pageToken=t'
    const all = await ask({ url: `/v1/slots?${query}` }, { slots: { searchSlots } })
    expect(all.asked[0]?.request).toEqual({
      serviceTypeId: 'papers',
      placeIds: ['town-hall', 'branch'],
      near: { commune: '93066', kilometres: 5 },
      channel: 3,
      accessibility: [1, 4],
      language: 'fsl',
      fromDay: '2026-11-24',
      toDay: '2026-11-30',
      units: 2,
      isAccompanied: true,
      allOfPeriod: true,
      pageSize: 1000,
      pageToken: 't',
    })
  })

  it('is none for what is urgent: where to come today is answered', async () => {
    const hours = [{ fromMs: startsAtMs, toMs: startsAtMs + 3_600_000 }]
    const walkInPlaces = [{ placeId: 'town-hall', title: townHall.title, address: 'a', telephone: 't', hours }]
    const searchSlots = async () => ({ ...found, slots: [], walkInPlaces, nextPageToken: '' })
    const { body } = await ask({ url: '/v1/slots?serviceType=tonight' }, { slots: { searchSlots } })
    expect(body).toMatchObject({
      slots: [],
      walkInPlaces: [{ placeId: 'town-hall', hours: [{ from: '2026-11-24T08:30:00.000Z' }] }],
      nextPageToken: null,
    })
  })

  it('is held and booked for the person of the token, or for whom a system names, and who did it is said', async () => {
    const holdSlot = async () => ({ holdId, untilMs: startsAtMs })
    const held = await ask(
      { url: '/v1/appointments/holds', body: { slot }, token: person },
      { appointments: { holdSlot } },
    )
    expect([held.status, held.body]).toEqual([201, { holdId, until: '2026-11-24T08:30:00.000Z' }])
    expect(held.asked).toMatchObject([
      {
        request: { subject, slot: chosen, by: undefined, secret: undefined },
        call: { idempotencyKey: 'a-key-of-its-own' },
      },
    ])
    const bookAppointment = async () => ({ appointments: [anAppointment], secret })
    const mandate = { reference: 'm-1', fromDay: '2026-01-01', toDay: '2026-12-31' }
    const helper = { who: 'helper', firstName: 'Ida', lastName: 'Bon', organisation: 'Maison France services' }
    const needs = { isAccompanied: true, accessibility: ['wheelchair'], language: 'fsl' }
    const contact = { way: 'sms', address: '+33612345678', reachedAt: '2 rue du Lac' }
    const body = { ...booking, needs, contact, note: 'Bonjour', preApplications: ['ABCDEFGH12'], by: helper, mandate }
    const booked = await ask({ url: '/v1/appointments', body }, { appointments: { bookAppointment } })
    expect(booked.status).toBe(201)
    // The secret is for somebody without an account, who has none of this door's tokens.
    expect(booked.text).not.toContain(secret)
    expect(booked.asked[0]?.request).toEqual({
      subject,
      holdIds: [],
      slots: [chosen],
      needs: { isAccompanied: true, accessibility: [1], language: 'fsl' },
      contact,
      language: 'fr',
      note: 'Bonjour',
      preApplications: ['ABCDEFGH12'],
      isSecondConfirmed: false,
      by: {
        who: { $case: 'helper', value: { firstName: 'Ida', lastName: 'Bon', organisation: 'Maison France services' } },
      },
      secret: undefined,
      mandate,
    })
  })
})

describe('an appointment over REST', () => {
  it('is shown whole, with null for what is absent', async () => {
    const { body } = await ask({ url: one }, { appointments: { getAppointment: answered } })
    expect(body.appointment).toMatchObject({
      appointmentId: bookedId,
      state: 'booked',
      place: { placeId: 'town-hall', address: '1 place de la Mairie', zone: 'Europe/Paris' },
      practitionerShown: 'Nadia Roux',
      contact: { way: 'sms' },
      note: 'Avec <ma> fille',
      seriesId: null,
      cancelledBy: null,
      cancelledBecause: null,
      attendedBy: null,
      preparation: null,
      heldUntil: null,
    })
    const strange = { ...anAppointment, state: 99 as never, channel: 99 as never, subject: '', place: undefined }
    const odd = await ask(
      { url: one },
      { appointments: { getAppointment: async () => ({ appointment: strange, series: [] }) } },
    )
    expect(odd.body.appointment).toMatchObject({ state: 'unknown', channel: 'unknown', subject: null, place: null })
  })

  it('is shown with what was prepared, and what is to be brought', async () => {
    const preparation = {
      preparedAtMs: startsAtMs,
      had: [
        {
          title: { fr: 'a', en: 'a' },
          provider: 'fund',
          evidenceType: 'resources',
          fields: ['month'],
          exchangeId: 'x',
        },
      ],
      notObtained: [],
      toBring: [
        { title: { fr: 'Photo', en: 'Photograph' }, routes: [{ kind: 'paper', textFr: 'Papier', textEn: 'Paper' }] },
      ],
    }
    const prepareAppointment = async () => ({ appointment: { ...anAppointment, preparation } })
    const bases = [{ provider: 'fund', purpose: 'school-meals', basisId: `b1.${'B'.repeat(22)}` }]
    const { body, asked } = await ask(
      { url: `${one}/preparation`, body: { bases }, token: person, key: '' },
      { appointments: { prepareAppointment } },
    )
    expect(asked).toMatchObject([{ request: { appointmentId: bookedId, bases } }])
    expect(body.appointment.preparation).toMatchObject({
      had: [{ provider: 'fund' }],
      toBring: [{ title: { en: 'Photograph' }, routes: [{ kind: 'paper', text: { fr: 'Papier', en: 'Paper' } }] }],
    })
  })

  it('is listed for a person as theirs alone, and by what a system filters by', async () => {
    const listAppointments = async () => ({ appointments: [anAppointment], nextPageToken: '' })
    const own = await ask({ url: '/v1/appointments', token: person }, { appointments: { listAppointments } })
    expect(own.body).toMatchObject({ appointments: [{ appointmentId: bookedId }], nextPageToken: null })
    expect(own.asked).toMatchObject([{ request: { subject, state: 0, fromMs: 0, toMs: 0 } }])
    const query =
      'place=town-hall&practitioner=p-1&state=no-show&since=2026-11-24T00:00:00%2B01:00&until=2026-11-25T00:00:00Z&pageSize=5'
    const all = await ask({ url: `/v1/appointments?${query}` }, { appointments: { listAppointments } })
    expect(all.asked[0]?.request).toEqual({
      subject: '',
      placeId: 'town-hall',
      practitionerId: 'p-1',
      state: 6,
      fromMs: Date.parse('2026-11-23T23:00:00Z'),
      toMs: Date.parse('2026-11-25T00:00:00Z'),
      pageSize: 5,
      pageToken: '',
    })
  })

  it('is moved, cancelled and attended with whose hand it was', async () => {
    const rpcs = {
      moveAppointment: answered,
      recordAttendance: answered,
      cancelAppointment: async () => ({ appointments: [anAppointment] }),
    }
    const moved = await ask({ url: `${one}/move`, body: { slot, by } }, { appointments: rpcs })
    expect(moved.asked).toMatchObject([{ request: { appointmentId: bookedId, slot: chosen, by: byAgent } }])
    const body = { because: 'Agent malade', wholeSeries: true, by }
    const cancelled = await ask({ url: `${one}/cancellation`, body }, { appointments: rpcs })
    expect(cancelled.asked).toMatchObject([{ request: { because: 'Agent malade', wholeSeries: true, by: byAgent } }])
    expect(cancelled.body.appointments).toHaveLength(1)
    const missed = await ask({ url: `${one}/attendance`, body: { state: 'no-show', by } }, { appointments: rpcs })
    expect(missed.asked).toMatchObject([{ request: { state: 6, by: byAgent } }])
    const released = await ask(
      { method: 'DELETE', url: `/v1/appointments/holds/${holdId}`, token: person, key: '' },
      { appointments: { releaseHold: async () => ({}) } },
    )
    expect([released.status, released.body]).toEqual([200, { holdId }])
  })

  it('is a calendar file, and nothing else, under its media type', async () => {
    const icalendar = 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n'
    const file = await ask(
      { url: `${one}/calendar`, token: person },
      { appointments: { getCalendarFile: async () => ({ icalendar }) } },
    )
    expect([file.status, file.text]).toEqual([200, icalendar])
    expect(file.headers['content-type']).toBe('text/calendar; charset=utf-8')
    expect(file.headers['cache-control']).toBe('no-store')
  })

  it('is booked without an account by a link, whose address is answered once', async () => {
    const inviteToBook = async () => ({ linkId: holdId, secret })
    const invited = await ask({ url: '/v1/appointments/links', body: invitation }, { appointments: { inviteToBook } })
    expect([invited.status, invited.body]).toEqual([
      201,
      { linkId: holdId, url: `http://127.0.0.1:4001/book/link/${secret}` },
    ])
    expect(invited.asked).toMatchObject([
      { request: { subject: '', placeIds: [], expiresAtMs: Date.parse('2026-12-24'), by: byAgent } },
    ])
  })
})

describe('who waits, comes or wants to be called, over REST', () => {
  const aWaiting = {
    waitingId: bookedId,
    subject,
    serviceTypeId: 'papers',
    placeIds: [],
    channel: 0 as const,
    fromDay: '2026-11-24',
    toDay: '2026-12-24',
    booksByItself: false,
    offerMinutes: 120,
    needs: undefined,
    contact: undefined,
    language: 'fr',
    state: 2 as const,
    sinceMs: startsAtMs,
    appointmentId: '',
    slot: aSlot,
    offeredUntilMs: startsAtMs,
  }
  const aTicket = {
    ticketId: bookedId,
    placeId: 'town-hall',
    serviceTypeId: 'tonight',
    day: '2026-11-24',
    number: 7,
    state: 1 as const,
    isUrgent: true,
    takenAtMs: startsAtMs,
    before: 0,
    practitionerId: '',
    calledAtMs: 0,
    untilMs: 0,
    subject: '',
  }
  const aCallback = {
    callbackId: bookedId,
    subject,
    serviceTypeId: 'papers',
    placeId: 'town-hall',
    telephone: '+33612345678',
    about: 'Ma demande',
    language: 'fr',
    state: 1 as const,
    requestedAtMs: startsAtMs,
    dueAtMs: startsAtMs,
    practitionerId: 'p-1',
    practitionerShown: 'Nadia Roux',
    tries: 0,
  }

  it('waits, is offered a slot, and takes or leaves it', async () => {
    const waitingList = {
      joinWaitingList: async () => ({ waiting: aWaiting }),
      listWaiting: async () => ({ waiting: [aWaiting], nextPageToken: '' }),
      answerOffer: async () => ({ waiting: { ...aWaiting, state: 3 as const }, appointment: anAppointment }),
      leaveWaitingList: async () => ({}),
    }
    const { subject: _, ...own } = waiting
    const joined = await ask(
      { url: '/v1/waiting', body: { ...own, channel: 'counter' }, token: person },
      { waitingList },
    )
    expect([joined.status, joined.body.waiting]).toMatchObject([
      201,
      { state: 'offered', channel: null, slot: { placeId: 'town-hall' }, appointmentId: null },
    ])
    expect(joined.asked).toMatchObject([
      { request: { waiting: { subject, channel: 1, offerMinutes: 0, state: 0, needs: { isAccompanied: false } } } },
    ])
    const listed = await ask({ url: '/v1/waiting?serviceType=papers', token: person }, { waitingList })
    expect(listed.asked).toMatchObject([{ request: { subject, serviceTypeId: 'papers' } }])
    const taken = await ask(
      { url: `/v1/waiting/${bookedId}/answer`, body: { isTaken: true }, token: person },
      { waitingList },
    )
    expect(taken.body).toMatchObject({ waiting: { state: 'booked' }, appointment: { appointmentId: bookedId } })
    const left = await ask({ method: 'DELETE', url: `/v1/waiting/${bookedId}`, token: person }, { waitingList })
    expect([left.status, left.body]).toEqual([200, { waitingId: bookedId }])
    expect(left.asked).toEqual([
      { ...left.asked[0], request: { waitingId: bookedId, by: undefined, mandate: undefined } },
    ])
  })

  it('has a helper answer and leave for somebody by the mandate they show', async () => {
    const mandate = { reference: 'm1', fromDay: '2026-11-01', toDay: '2026-12-31' }
    const lou = { firstName: 'Lou', lastName: 'Petit', organisation: 'Maison France services' }
    const body = { by: { who: 'helper', ...lou }, mandate }
    const hand = { who: { $case: 'helper', value: lou } }
    const waitingList = {
      answerOffer: async () => ({ waiting: aWaiting, appointment: undefined }),
      leaveWaitingList: async () => ({}),
    }
    const declined = await ask(
      { url: `/v1/waiting/${bookedId}/answer`, body: { ...body, isTaken: false } },
      { waitingList },
    )
    expect(declined.asked).toMatchObject([{ request: { isTaken: false, by: hand, mandate } }])
    const left = await ask({ url: `/v1/waiting/${bookedId}/departure`, body }, { waitingList })
    expect([left.status, left.body]).toEqual([200, { waitingId: bookedId }])
    expect(left.asked).toMatchObject([{ request: { waitingId: bookedId, by: hand, mandate } }])
    const refusal = { leaveWaitingList: () => Promise.reject(new MeshError('MANDATE_MISSING')) }
    const refused = await ask({ url: `/v1/waiting/${bookedId}/departure`, body: {} }, { waitingList: refusal })
    expect([refused.status, refused.body.reason]).toEqual([409, 'MANDATE_MISSING'])
  })

  it('takes a ticket, is called and seen; nobody called is no error', async () => {
    const walkIns = {
      takeTicket: async () => ({ ticket: aTicket }),
      callNextTicket: async () => ({}),
      closeTicket: async () => ({ ticket: { ...aTicket, state: 3 as const } }),
      listTickets: async () => ({ tickets: [aTicket], nextPageToken: '' }),
    }
    const taken = await ask({ url: '/v1/tickets', body: effects[8]?.[1] ?? {} }, { walkIns })
    expect([taken.status, taken.body.ticket]).toMatchObject([
      201,
      { number: 7, isUrgent: true, subject: null, takenBy: null },
    ])
    const called = await ask({ url: '/v1/tickets/next', body: { practitionerId: 'p-1' } }, { walkIns })
    expect(called.body).toEqual({ ticket: null })
    expect(called.asked).toMatchObject([{ request: { practitionerId: 'p-1', by: undefined } }])
    const byNadia = { practitionerId: 'p-1', by: { who: 'agent', ...agent } }
    const named = await ask(
      { url: '/v1/tickets/next', body: byNadia },
      { walkIns: { callNextTicket: async () => ({ ticket: { ...aTicket, calledBy: byAgent } }) } },
    )
    expect(named.asked).toMatchObject([{ request: { by: byAgent } }])
    expect(named.body.ticket).toMatchObject({ calledBy: { who: 'agent', ...agent }, takenBy: null })
    const closed = await ask({ url: `/v1/tickets/${bookedId}/closure`, body: { isSeen: true } }, { walkIns })
    expect(closed.body.ticket.state).toBe('seen')
    const listed = await ask({ url: '/v1/tickets?place=town-hall&withClosed=true' }, { walkIns })
    expect(listed.asked).toMatchObject([{ request: { placeId: 'town-hall', withClosed: true, pageSize: 0 } }])
    expect(listed.body.nextPageToken).toBeNull()
    const more = { walkIns: { listTickets: async () => ({ tickets: [aTicket], nextPageToken: 'usual.8~t' }) } }
    const next = await ask({ url: '/v1/tickets?place=town-hall&pageSize=1&pageToken=usual.7~t' }, more)
    expect(next.asked).toMatchObject([{ request: { pageSize: 1, pageToken: 'usual.7~t' } }])
    expect(next.body.nextPageToken).toBe('usual.8~t')
  })

  it('is called by when and by whom it was said', async () => {
    const callbacks = {
      requestCallback: async () => ({ callback: aCallback }),
      listCallbacks: async () => ({ callbacks: [aCallback], nextPageToken: '' }),
      recordCall: async () => ({ callback: { ...aCallback, state: 3 as const, tries: 3 } }),
    }
    const asked = await ask({ url: '/v1/callbacks', body: effects[11]?.[1] ?? {} }, { callbacks })
    expect(asked.body.callback).toMatchObject({ dueAt: '2026-11-24T08:30:00.000Z', practitionerShown: 'Nadia Roux' })
    const listed = await ask({ url: '/v1/callbacks', token: person }, { callbacks })
    expect(listed.asked).toMatchObject([{ request: { subject, practitionerId: '', callbackId: '' } }])
    const one = await ask({ url: `/v1/callbacks?callback=${bookedId}` }, { callbacks })
    expect(one.asked).toMatchObject([{ request: { subject: '', callbackId: bookedId } }])
    const called = await ask({ url: `/v1/callbacks/${bookedId}/calls`, body: { isReached: false } }, { callbacks })
    expect(called.body.callback).toMatchObject({ state: 'not-reached', tries: 3, endedAt: null, calledBy: null })
    const ended = { ...aCallback, state: 2 as const, endedAtMs: startsAtMs, calledBy: byAgent }
    const reached = await ask(
      { url: `/v1/callbacks/${bookedId}/calls`, body: { isReached: true, by: { who: 'agent', ...agent } } },
      { callbacks: { recordCall: async () => ({ callback: ended }) } },
    )
    expect(reached.asked).toMatchObject([{ request: { callbackId: bookedId, isReached: true, by: byAgent } }])
    expect(reached.body.callback).toMatchObject({
      ...{ endedAt: '2026-11-24T08:30:00.000Z', calledBy: { who: 'agent', ...agent } },
    })
    const recent = await ask({ url: '/v1/callbacks?since=2026-11-24T08:30:00Z', token: person }, { callbacks })
    expect(recent.asked).toMatchObject([{ request: { subject, dueFromMs: startsAtMs } }])
  })

  it('finds communes by name, and asks for one', async () => {
    const slots = { findCommunes: async () => ({ communes: [{ code: '2A004', name: 'Ajaccio', department: '2A' }] }) }
    expect((await ask({ url: '/v1/slots/communes' }, { slots })).status).toBe(400)
    const found = await ask({ url: '/v1/slots/communes?name=ajaccio' }, { slots })
    expect(found.body).toEqual({ communes: [{ code: '2A004', name: 'Ajaccio', department: '2A' }] })
    expect(found.asked).toMatchObject([{ request: { name: 'ajaccio' } }])
  })

  it('tells what can be done in one visit, and where', async () => {
    const offer = {
      ...{ member: 'fund', serviceTypeId: 'file', title: { fr: 'Dossier', en: 'File' }, summary: { fr: '', en: '' } },
      ...{ durationMinutes: 30, sharedPlace: 'house-1' },
    }
    const visits = {
      listVisitOffers: async () => ({ places: [townHall], offers: [offer], withoutMembers: ['school'] }),
    }
    const found = await ask({ url: '/v1/visits/offers', token: person }, { visits })
    expect(found.body).toMatchObject({
      places: [{ placeId: 'town-hall', sharedPlace: 'house-1' }],
      offers: [offer],
      withoutMembers: ['school'],
    })
    expect(found.asked).toMatchObject([{ request: { sharedPlace: '' } }])
    expect((await ask({ url: `/v1/visits/offers?sharedPlace=${'x'.repeat(65)}` }, { visits })).status).toBe(400)
  })

  it('visits several agencies at once, or none of them', async () => {
    const aVisit = {
      visitId: holdId,
      state: 3 as const,
      legs: [
        {
          ...{ member: 'hall', slot: chosen as never, endsAtMs: startsAtMs, appointmentId: '', isConfirmed: true },
          ...{ isCancelled: false, cancelledBecause: '', needsMandate: false },
        },
      ],
      code: 'ABCD2345',
      refusedBy: 'fund',
      refusedBecause: 'SLOT_TAKEN',
    }
    const visits = {
      searchVisits: async () => ({ visits: [{ slots: [{ member: 'hall', slot: aSlot }] }], withoutMembers: ['fund'] }),
      bookVisit: async () => ({ visit: aVisit }),
      getVisit: async () => ({ visit: aVisit }),
      cancelVisit: async () => ({ visit: { ...aVisit, state: 4 as const } }),
    }
    const found = await ask({ url: '/v1/visits/search', body: visitSearch, token: person, key: '' }, { visits })
    expect(found.body).toMatchObject({ visits: [{ slots: [{ member: 'hall' }] }], withoutMembers: ['fund'] })
    expect(found.asked).toMatchObject([{ request: { accessibility: [], language: '' } }])
    const needs = { accessibility: ['wheelchair', 'quiet-room'], language: 'fsl' }
    const needed = { url: '/v1/visits/search', body: { ...visitSearch, ...needs }, token: person, key: '' }
    expect((await ask(needed, { visits })).asked).toMatchObject([
      { request: { accessibility: [1, 4], language: 'fsl' } },
    ])
    const { subject: _, ...own } = visit
    const booked = await ask({ url: '/v1/visits', body: own, token: person, key: '' }, { visits })
    expect([booked.status, booked.body.visit]).toMatchObject([
      200,
      { state: 'released', refusedBy: 'fund', refusedBecause: 'SLOT_TAKEN', legs: [{ appointmentId: null }] },
    ])
    expect(booked.asked).toMatchObject([{ request: { visitId: holdId, subject, legs: [{ slot: chosen }, {}] } }])
    const shown = await ask({ url: `/v1/visits/${holdId}`, token: person }, { visits })
    expect(shown.body.visit.code).toBe('ABCD2345')
    const cancelled = await ask(
      { url: `/v1/visits/${holdId}/cancellation`, body: {}, token: person, key: '' },
      { visits },
    )
    expect(cancelled.body.visit.state).toBe('cancelled')
  })
})
