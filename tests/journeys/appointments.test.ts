import { randomUUID } from 'node:crypto'
import { keptPassword } from '@unefois/deploy/sandbox/member-keys'
import { nationalHubToken } from '@unefois/deploy/sandbox/outside-config'
import {
  AppointmentState,
  AppointmentsServiceDefinition,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { SearchSlotsRequest, type Slot, SlotServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { VisitServiceDefinition, VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { WaitingListServiceDefinition, WaitingState } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { WalkInServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import { AgencyEventType, EventServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, asPerson, booking, chosen, Desk, sharedPlace } from './_appointments.js'
import { sharedFederation } from './_federation.js'
import { HostileNeighbour } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { fund, Resident, told, town } from './_resident.js'

let resident: Resident
let neighbour: Resident
let desk: Desk
let atFund: Desk
beforeAll(async () => {
  const places = await sharedFederation()
  resident = await Resident.settle(places)
  neighbour = await Resident.settle(places)
  desk = await Desk.open(places)
  atFund = await Desk.open(places, fund)
})
afterAll(() => {
  resident.leave()
  neighbour.leave()
  desk.close()
  atFund.close()
})

const ofPerson = (somebody: Resident) => asPerson(somebody.places, somebody.person)
const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)
const read = async (appointmentId: string) =>
  (await desk.appointments.getAppointment({ appointmentId }, await desk.system.call('appointments:read'))).appointment

/** Reads the agency's feed until what is looked for is there. */
const heard = async (type: AgencyEventType, reference: string): Promise<boolean> => {
  const feed = desk.system.service('documents', EventServiceDefinition)
  let position = ''
  for (;;) {
    const page = await feed.listEvents(
      { position, types: [type], pageSize: 500, waitMs: 5000 },
      { ...(await desk.system.call('events:read')), deadlineMs: 10_000 },
    )
    if (page.events.some((event) => event.reference === reference)) return true
    if (page.events.length === 0) return false
    position = page.position
  }
}

describe('a person books for themselves', () => {
  it('holds a slot, books it, moves it, takes it along as a calendar file, and gives it back', async () => {
    const slots = await desk.free('talk', 12)
    const first = chosen(slots[0] as Slot)
    const { holdId } = await desk.appointments.holdSlot(
      { subject: resident.subject, slot: first, isAccompanied: false },
      await ofPerson(resident),
    )
    const { appointments } = await desk.appointments.bookAppointment(
      booking({ subject: resident.subject, holdIds: [holdId], by: undefined }),
      await ofPerson(resident),
    )
    const appointmentId = appointments[0]?.appointmentId ?? ''
    expect(appointments).toMatchObject([{ state: AppointmentState.APPOINTMENT_STATE_BOOKED, zone: 'Europe/Paris' }])
    expect(await heard(AgencyEventType.AGENCY_EVENT_TYPE_APPOINTMENT_BOOKED, appointmentId)).toBe(true)
    expect((await desk.free('talk', 12)).map(({ startsAtMs }) => startsAtMs)).not.toContain(first.startsAtMs)

    const later = chosen(slots[3] as Slot)
    const moved = await desk.appointments.moveAppointment({ appointmentId, slot: later }, await ofPerson(resident))
    expect(moved.appointment).toMatchObject({ startsAtMs: later.startsAtMs })
    const { icalendar } = await desk.appointments.getCalendarFile({ appointmentId }, await ofPerson(resident))
    expect(icalendar).toMatch(/^BEGIN:VCALENDAR\r\n/)
    expect(icalendar).toContain('METHOD:REQUEST')
    expect(icalendar).toContain(`SEQUENCE:${moved.appointment?.revision}`)
    expect(icalendar).toContain('TZID:Europe/Paris')

    await desk.appointments.cancelAppointment(
      { appointmentId, because: '', wholeSeries: false },
      await ofPerson(resident),
    )
    expect(await heard(AgencyEventType.AGENCY_EVENT_TYPE_APPOINTMENT_CANCELLED, appointmentId)).toBe(true)
    expect(await read(appointmentId)).toMatchObject({
      state: AppointmentState.APPOINTMENT_STATE_CANCELLED,
      cancelledBy: { who: { $case: 'person' } },
    })
  })

  it('books by a link without an account, and sees it by the secret that they were given', async () => {
    const slot = chosen((await desk.free('talk', 13))[0] as Slot)
    const { secret } = await desk.appointments.inviteToBook(
      {
        ...{ serviceTypeId: 'talk', placeIds: ['house'], subject: '', isAccompanied: false, by: agent },
        expiresAtMs: Date.now() + 86_400_000 * 3,
      },
      await desk.system.call('appointments:book'),
    )
    const page = await fetch(`${resident.places.origin(town)}/book/link/${secret}`)
    expect(page.status).toBe(200)
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(await page.text()).toContain('Entretien')
    expect(slot.serviceTypeId).toBe('talk')
  })
})

describe('a slot that becomes free', () => {
  it('goes to who waits for it, before anybody finds it', async () => {
    const [slot] = await desk.free('scarce', 14)
    const appointmentId = await desk.book(chosen(slot as Slot), { subject: resident.subject })
    const list = desk.system.service('appointments', WaitingListServiceDefinition)
    const { waiting } = await list.joinWaitingList(
      {
        waiting: {
          ...{ waitingId: '', subject: neighbour.subject, serviceTypeId: 'scarce', placeIds: [], channel: 0 },
          ...{ fromDay: day(14), toDay: day(14), booksByItself: true, offerMinutes: 0, language: 'fr', state: 0 },
          ...{ contact: { way: 'none', address: '' }, sinceMs: 0, appointmentId: '', offeredUntilMs: 0 },
        },
      },
      await ofPerson(neighbour),
    )
    expect(waiting?.state).toBe(WaitingState.WAITING_STATE_WAITING)
    await desk.appointments.cancelAppointment(
      { appointmentId, because: 'La personne a téléphoné', wholeSeries: false, by: agent },
      await desk.system.call('appointments:book'),
    )
    expect(await desk.free('scarce', 14)).toEqual([])
    const { waiting: all } = await list.listWaiting(
      { subject: neighbour.subject, serviceTypeId: '', pageSize: 0, pageToken: '' },
      await ofPerson(neighbour),
    )
    expect(all).toMatchObject([{ state: WaitingState.WAITING_STATE_BOOKED }])
    expect(await read(all[0]?.appointmentId ?? '')).toMatchObject({ startsAtMs: slot?.startsAtMs })
  })
})

describe('what a meeting needs', () => {
  it('is asked of who holds it, and only the rest is brought', async () => {
    const slot = chosen((await desk.free('school', 15))[0] as Slot)
    const appointmentId = await desk.book(slot, { subject: resident.subject })
    const basisId = await resident.tell()
    const { appointment } = await desk.appointments.prepareAppointment(
      { appointmentId, bases: [{ provider: fund, purpose: told, basisId }] },
      await desk.system.call('appointments:book evidence:request'),
    )
    expect(appointment?.preparation?.had).toMatchObject([
      { provider: fund, fields: ['quotient_familial.valeur'], exchangeId: expect.stringMatching(/./) },
    ])
    const brought = appointment?.preparation?.toBring.map(({ title }) => title?.fr) ?? []
    expect(brought).toContain('Un vêtement de la taille')
    expect(brought.join()).not.toContain('Quotient')
  })
})

describe('one visit to two agencies', () => {
  it('is found, booked all or nothing, and given back whole', async () => {
    const visits = desk.system.service('appointments', VisitServiceDefinition)
    const { visits: found } = await visits.searchVisits(
      {
        ...{ sharedPlace, fromDay: day(17), toDay: day(17), longestWaitMinutes: 20, isAccompanied: false, most: 5 },
        ...{ accessibility: [], language: 'fr' },
        wishes: [
          { member: fund, serviceTypeId: 'family-file' },
          { member: town, serviceTypeId: 'talk' },
        ],
      },
      await desk.system.call('slots:read'),
    )
    const legs = (found[0]?.slots ?? []).map(({ member, slot }) => ({ member, slot: chosen(slot as Slot) }))
    expect(legs.map(({ member }) => member).sort()).toEqual([fund, town].sort())
    const visitId = randomUUID()
    const { visit } = await visits.bookVisit(
      {
        ...{ visitId, subject: resident.subject, legs, language: 'fr', contact: { way: 'none', address: '' } },
        by: agent,
      },
      await desk.system.call('appointments:book'),
    )
    expect(visit).toMatchObject({ state: VisitState.VISIT_STATE_BOOKED })
    const startsAtFund = legs.find(({ member }) => member === fund)?.slot.startsAtMs ?? 0
    const taken = async () =>
      !(await atFund.free('family-file', 17)).some(({ startsAtMs }) => startsAtMs === startsAtFund)
    expect(await taken()).toBe(true)
    await visits.cancelVisit(
      { visitId, because: 'La personne a téléphoné', by: agent },
      await desk.system.call('appointments:book'),
    )
    await expect.poll(taken, { timeout: 20_000 }).toBe(false)
  })
})

describe('somebody without housing', () => {
  it('is told where to come today, and is called before the others', async () => {
    const slots = desk.system.service('appointments', SlotServiceDefinition)
    const empty = SearchSlotsRequest.decode(new Uint8Array())
    const urgent = await slots.searchSlots(
      { ...empty, serviceTypeId: 'no-housing' },
      await desk.system.call('slots:read'),
    )
    expect(urgent.slots).toEqual([])
    // The town's own house sees people on working days too.
    expect(urgent.walkInPlaces).toContainEqual(expect.objectContaining({ placeId: 'house' }))
    const walkIns = desk.system.service('appointments', WalkInServiceDefinition)
    const { ticket } = await walkIns.takeTicket(
      { placeId: 'house', serviceTypeId: 'no-housing', subject: '', by: agent },
      await desk.system.call('walk-ins:run'),
    )
    expect(ticket).toMatchObject({ isUrgent: true })
    const { ticket: called } = await walkIns.callNextTicket(
      { practitionerId: 'pia', by: agent },
      await desk.system.call('walk-ins:run'),
    )
    expect(called).toMatchObject({ isUrgent: true, practitionerId: 'pia', calledBy: agent })
    await walkIns.closeTicket(
      { ticketId: called?.ticketId ?? '', isSeen: true },
      await desk.system.call('walk-ins:run'),
    )
  })
})

describe('the national hub', () => {
  it('lists places and free times in its own words, with its own token alone', async () => {
    const origin = resident.places.origin(town)
    const ask = (path: string, token?: string) =>
      fetch(`${origin}${path}`, { headers: token === undefined ? {} : { 'X-HUB-RDV-AUTH-TOKEN': token } })
    expect((await ask('/getManagedMeetingPoints')).status).toBe(401)
    expect((await ask('/getManagedMeetingPoints', 'wrong')).status).toBe(401)
    const { password: token } = keptPassword(resident.places.keys(town).folder, 'hub')
    const points = (await (await ask('/getManagedMeetingPoints', token)).json()) as { id: string }[]
    expect(points.map(({ id }) => id)).toContain('house')
    const asked = `start_date=${day(18)}&end_date=${day(18)}&reason=CNI&documents_number=2&meeting_point_ids=house`
    const times = (await (await ask(`/availableTimeSlots?${asked}`, token)).json()) as {
      house: { datetime: string; callback_url: string }[]
    }
    expect(times.house[0]?.datetime).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/)
    expect(times.house[0]?.callback_url).toContain(`${origin}/book/`)
    const free = await ask('/searchApplicationIds?application_ids=ABCDEFGH12&application_ids=ABCDEFGH13', token)
    expect(await free.json()).toEqual({ ABCDEFGH12: [], ABCDEFGH13: [] })
  })

  it('says which pre-applications may book, and hears of what was booked and given back', async () => {
    const { places } = resident
    const gateway = await HostileNeighbour.connect(places, town, 'gateway')
    const doors = gateway.of(AppointmentsServiceDefinition)
    const number = (first: string) => `${first}${randomUUID().replaceAll('-', '').slice(0, 9).toUpperCase()}`
    const slots = await desk.free('papers', 19)
    const book = (preApplication: string) =>
      doors.bookAppointment(
        booking({
          ...{ slots: [chosen(slots[0] as Slot)], preApplications: [preApplication], by: undefined },
          secret: { of: { $case: 'preApplication', value: preApplication } },
        }),
        gateway.call(),
      )
    const rpc = 'unefois.appointments.v1.AppointmentsService/BookAppointment'
    for (const first of ['C', 'D', 'E', 'X'])
      expect(await refusalOf(rpc, () => book(number(first)))).toBe('PRE_APPLICATION_NOT_VALIDATED')
    const validated = number('V')
    const { appointments, secret } = await book(validated)
    const appointmentId = appointments[0]?.appointmentId ?? ''

    const hub = `http://127.0.0.1:${places.port('national-hub')}`
    const known = async () => {
      const answer = await fetch(`${hub}/coordination/api/status?application_ids=${validated}`, {
        headers: { 'x-rdv-opt-auth-token': nationalHubToken(places.directory).password },
      })
      const { [validated]: told } = (await answer.json()) as Record<string, { appointments: object[] }>
      return told?.appointments ?? []
    }
    await expect
      .poll(known, { timeout: 20_000 })
      .toMatchObject([{ meeting_point_id: 'house', appointment_date: appointments[0]?.localStart.slice(0, 16) }])
    const { password } = keptPassword(places.keys(town).folder, 'hub')
    const asked = await fetch(`${places.origin(town)}/searchApplicationIds?application_ids=${validated}`, {
      headers: { 'X-HUB-RDV-AUTH-TOKEN': password },
    })
    expect(await asked.json()).toMatchObject({ [validated]: [{ datetime: expect.stringMatching(/T..:..Z$/) }] })

    await doors.cancelAppointment(
      { appointmentId, because: '', wholeSeries: false, secret: { of: { $case: 'appointment', value: secret } } },
      gateway.call(),
    )
    await expect.poll(known, { timeout: 20_000 }).toEqual([])
    await gateway.close()
  })
})
