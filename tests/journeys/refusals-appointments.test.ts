import { randomBytes, randomUUID } from 'node:crypto'
import {
  AppointmentState,
  AppointmentsServiceDefinition,
  type BookAppointmentRequest,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agent, asPerson, booking, chosen, Desk, helper } from './_appointments.js'
import { sharedFederation } from './_federation.js'
import { HostileNeighbour } from './_raw-callers.js'
import { refusalOf, refused } from './_refusals.js'
import { fund, Resident, told, town } from './_resident.js'

let resident: Resident
/** Another person whom the town knows. */
let neighbour: Resident
let desk: Desk
/** The gateway of the town, taken over. */
let gateway: HostileNeighbour
let free: readonly Slot[]
let next = 0
beforeAll(async () => {
  const places = await sharedFederation()
  resident = await Resident.settle(places)
  neighbour = await Resident.settle(places)
  desk = await Desk.open(places)
  gateway = await HostileNeighbour.connect(places, town, 'gateway')
  free = await desk.free('talk', 2)
})
afterAll(async () => {
  resident.leave()
  neighbour.leave()
  desk.close()
  await gateway.close()
})

const slot = () => chosen(free[next++] as Slot)
const ofPerson = (somebody: Resident) => asPerson(somebody.places, somebody.person)
const asDesk = (scope: string) => desk.system.call(scope)
const atGateway = () => gateway.of(AppointmentsServiceDefinition)
const own = (change: Partial<BookAppointmentRequest>): BookAppointmentRequest =>
  booking({ subject: resident.subject, by: undefined, ...change })
const mandate = (fromDay: string, toDay: string) => ({ reference: 'M-1', fromDay, toDay })

describe('a hold', () => {
  it('is refused for what is no slot, is taken, or is for somebody else', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/HoldSlot'
    const request = (change: object) => ({ subject: '', slot: slot(), isAccompanied: false, by: agent, ...change })
    const hold = async (change: object) =>
      desk.appointments.holdSlot(request(change), await asDesk('appointments:book'))
    const held = slot()
    await hold({ slot: held })
    expect(await refusalOf(rpc, () => hold({ slot: held }))).toBe('SLOT_TAKEN')
    expect(await refusalOf(rpc, () => hold({ slot: { ...slot(), startsAtMs: held.startsAtMs + 60_000 } }))).toBe(
      'SLOT_UNKNOWN',
    )
    expect(await refusalOf(rpc, () => hold({ slot: { ...slot(), startsAtMs: 1_700_000_000_000 } }))).toBe('TIME_PASSED')
    expect(await refusalOf(rpc, () => hold({ slot: { ...slot(), serviceTypeId: 'castle' } }))).toBe(
      'SERVICE_TYPE_UNKNOWN',
    )
    expect(await refusalOf(rpc, () => hold({ slot: { ...slot(), serviceTypeId: 'no-housing' } }))).toBe(
      'URGENT_SEEN_TODAY',
    )
    expect((await refused(rpc, () => hold({ by: undefined })))?.facts.field).toBe('by')
    const forAnother = async () =>
      desk.appointments.holdSlot(
        { ...request({ by: undefined }), subject: neighbour.subject },
        await ofPerson(resident),
      )
    expect(await refusalOf(rpc, forAnother)).toBe('CALLER_NOT_ALLOWED')
  })

  it('is not released by somebody else', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/ReleaseHold'
    const { holdId } = await desk.appointments.holdSlot(
      { subject: resident.subject, slot: slot(), isAccompanied: false },
      await ofPerson(resident),
    )
    const release = async (call: object) => desk.appointments.releaseHold({ holdId }, call as never)
    expect(await refusalOf(rpc, async () => release(await ofPerson(neighbour)))).toBe('HOLD_UNKNOWN')
    expect(await refusalOf(rpc, async () => release(await ofPerson(resident)))).toBe('nothing')
  })
})

describe('a booking', () => {
  const rpc = 'unefois.appointments.v1.AppointmentsService/BookAppointment'
  const book = async (change: Partial<BookAppointmentRequest>) =>
    desk.appointments.bookAppointment(booking(change), await asDesk('appointments:book'))

  it('is refused for a hold of another, a slot that somebody took, and a second one of one person', async () => {
    const { holdId } = await desk.appointments.holdSlot(
      { subject: neighbour.subject, slot: slot(), isAccompanied: false },
      await ofPerson(neighbour),
    )
    const byPerson = async (change: Partial<BookAppointmentRequest>) =>
      desk.appointments.bookAppointment(own(change), await ofPerson(resident))
    expect(await refusalOf(rpc, () => byPerson({ holdIds: [holdId] }))).toBe('HOLD_UNKNOWN')
    expect(await refusalOf(rpc, () => byPerson({ slots: [], holdIds: [] }))).toBe('APPOINTMENT_INVALID')
    const mine = slot()
    await byPerson({ slots: [mine] })
    expect(await refusalOf(rpc, () => book({ slots: [mine] }))).toBe('SLOT_TAKEN')
    expect(await refusalOf(rpc, () => byPerson({ slots: [slot()] }))).toBe('APPOINTMENT_LIMIT_REACHED')
    expect(await refusalOf(rpc, () => book({ subject: resident.subject, slots: [slot()] }))).toBe('nothing')
  })

  it('is refused to who may not book, and to a helper without a mandate in force', async () => {
    const helped = (await desk.free('helped', 2))[0] as Slot
    const byHelper = (change: Partial<BookAppointmentRequest>) =>
      book({ subject: resident.subject, slots: [chosen(helped)], by: helper, ...change })
    expect(await refusalOf(rpc, () => byHelper({}))).toBe('MANDATE_MISSING')
    expect(await refusalOf(rpc, () => byHelper({ mandate: mandate('2020-01-01', '2020-12-31') }))).toBe('MANDATE_ENDED')
    const staff = (await desk.free('staff-only', 2))[0] as Slot
    const byPerson = async () =>
      desk.appointments.bookAppointment(own({ slots: [chosen(staff)] }), await ofPerson(neighbour))
    expect(await refusalOf(rpc, byPerson)).not.toBe('nothing')
  })

  it('is refused with what is no pre-application, and without a secret at the gateway', async () => {
    const papers = chosen((await desk.free('papers', 2))[0] as Slot)
    expect(await refusalOf(rpc, () => book({ slots: [papers], preApplications: ['123456789'] }))).toBe(
      'PRE_APPLICATION_INVALID',
    )
    const link = randomBytes(32).toString('base64url')
    const byLink = (secret: BookAppointmentRequest['secret']) =>
      atGateway().bookAppointment(booking({ slots: [slot()], by: undefined, secret }), gateway.call())
    expect(await refusalOf(rpc, () => byLink({ of: { $case: 'link', value: link } }))).toBe('BOOKING_LINK_UNKNOWN')
    expect(await refusalOf(rpc, () => byLink(undefined))).toBe('BOOKING_NOT_ALLOWED')
  })
})

describe('an appointment', () => {
  const read = (appointmentId: string, call: object) =>
    desk.appointments.getAppointment({ appointmentId }, call as never)

  it('is not shown to another person, nor for a secret that is none', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/GetAppointment'
    const appointmentId = await desk.book(slot(), { subject: resident.subject })
    expect(await refusalOf(rpc, async () => read(appointmentId, await ofPerson(neighbour)))).toBe('APPOINTMENT_UNKNOWN')
    const secret = { of: { $case: 'appointment' as const, value: randomBytes(32).toString('base64url') } }
    const bySecret = () => atGateway().getAppointment({ appointmentId, secret }, gateway.call())
    expect(await refusalOf(rpc, bySecret)).toBe('APPOINTMENT_UNKNOWN')
    expect(await refusalOf(rpc, () => atGateway().getAppointment({ appointmentId }, gateway.call()))).toBe(
      'APPOINTMENT_UNKNOWN',
    )
    expect((await read(appointmentId, await ofPerson(resident))).appointment?.appointmentId).toBe(appointmentId)
  })

  it('is listed to its person only, who names themselves', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/ListAppointments'
    const all = { placeId: '', practitionerId: '', state: 0 as const, fromMs: 0, toMs: 0, pageSize: 0, pageToken: '' }
    const list = async (subject: string) =>
      desk.appointments.listAppointments({ ...all, subject }, await ofPerson(neighbour))
    expect(await refusalOf(rpc, () => list(''))).toBe('CALLER_NOT_ALLOWED')
    expect(await refusalOf(rpc, () => list(resident.subject))).toBe('CALLER_NOT_ALLOWED')
  })

  it('is moved only to what is free, and cancelled once, with a reason where an agency does it', async () => {
    const appointmentId = await desk.book(slot(), { subject: resident.subject })
    const taken = slot()
    await desk.book(taken)
    const moveTo = async (to: ReturnType<typeof slot>, call: object, by = agent) =>
      desk.appointments.moveAppointment({ appointmentId, slot: to, by }, call as never)
    const asBooker = () => asDesk('appointments:book')
    expect(
      await refusalOf('unefois.appointments.v1.AppointmentsService/MoveAppointment', async () =>
        moveTo(taken, await asBooker()),
      ),
    ).toBe('SLOT_TAKEN')
    const another = async () =>
      desk.appointments.moveAppointment({ appointmentId, slot: slot() }, await ofPerson(neighbour))
    expect(await refusalOf('unefois.appointments.v1.AppointmentsService/MoveAppointment', another)).toBe(
      'APPOINTMENT_UNKNOWN',
    )
    const end = async (because: string) =>
      desk.appointments.cancelAppointment({ appointmentId, because, wholeSeries: false, by: agent }, await asBooker())
    expect(await refusalOf('unefois.appointments.v1.AppointmentsService/CancelAppointment', () => end(''))).toBe(
      'APPOINTMENT_INVALID',
    )
    await end('Agent malade')
    expect(
      await refusalOf('unefois.appointments.v1.AppointmentsService/CancelAppointment', () => end('Agent malade')),
    ).toBe('APPOINTMENT_ENDED')
    expect(
      await refusalOf('unefois.appointments.v1.AppointmentsService/MoveAppointment', async () =>
        moveTo(slot(), await asBooker()),
      ),
    ).toBe('APPOINTMENT_ENDED')
  })

  it('is not attended before it begins, nor twice', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/RecordAttendance'
    const appointmentId = await desk.book(slot())
    const record = async (state: AppointmentState) =>
      desk.appointments.recordAttendance({ appointmentId, state, by: agent }, await asDesk('appointments:attend'))
    expect(await refusalOf(rpc, () => record(AppointmentState.APPOINTMENT_STATE_NO_SHOW))).not.toBe('nothing')
    expect(await refusalOf(rpc, () => record(AppointmentState.APPOINTMENT_STATE_BOOKED))).not.toBe('nothing')
  })

  it('is prepared for its person, by bases that fit', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/PrepareAppointment'
    const proofs = chosen((await desk.free('proofs', 3))[0] as Slot)
    const appointmentId = await desk.book(proofs, { subject: resident.subject })
    const bases = [{ provider: fund, purpose: told, basisId: basisIdFrom(Buffer.alloc(16)) }]
    const prepare = async (id: string, call: object) =>
      desk.appointments.prepareAppointment({ appointmentId: id, bases }, call as never)
    expect(await refusalOf(rpc, async () => prepare(appointmentId, await ofPerson(neighbour)))).toBe(
      'APPOINTMENT_UNKNOWN',
    )
    const both = () => asDesk('appointments:book evidence:request')
    expect(await refusalOf(rpc, async () => prepare(randomUUID(), await both()))).toBe('APPOINTMENT_UNKNOWN')
    const { appointment } = await prepare(appointmentId, await both())
    expect(appointment?.preparation).toMatchObject({
      had: [],
      notObtained: [{ provider: fund, why: { $case: 'refused' } }],
    })
  })

  it('has no calendar file for somebody else', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/GetCalendarFile'
    const appointmentId = await desk.book(slot(), { subject: resident.subject })
    const file = async () => desk.appointments.getCalendarFile({ appointmentId }, await ofPerson(neighbour))
    expect(await refusalOf(rpc, file)).toBe('APPOINTMENT_UNKNOWN')
  })
})

describe('booking without an account', () => {
  const invite = async (change: object) =>
    desk.appointments.inviteToBook(
      {
        ...{ serviceTypeId: 'talk', placeIds: [], subject: '', isAccompanied: false },
        ...{ expiresAtMs: Date.now() + 7 * 86_400_000, by: agent },
        ...change,
      },
      await asDesk('appointments:book'),
    )

  it('is not offered for what nobody is seen for, or for ever', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/InviteToBook'
    expect(await refusalOf(rpc, () => invite({ serviceTypeId: 'castle' }))).toBe('SERVICE_TYPE_UNKNOWN')
    expect(await refusalOf(rpc, () => invite({ expiresAtMs: Date.now() + 400 * 86_400_000 }))).toBe(
      'APPOINTMENT_INVALID',
    )
    expect((await refused(rpc, () => invite({ by: undefined })))?.facts.field).toBe('by')
  })

  it('is not possible with a link that was used, and each appointment has a secret of its own', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/GetBookingLink'
    const { secret } = await invite({})
    const link = () => atGateway().getBookingLink({ secret }, gateway.call())
    expect(await refusalOf(rpc, link)).toBe('nothing')
    const { appointments, secret: own } = await atGateway().bookAppointment(
      booking({ slots: [slot()], by: undefined, secret: { of: { $case: 'link', value: secret } } }),
      gateway.call(),
    )
    expect(await refusalOf(rpc, link)).toBe('BOOKING_LINK_UNKNOWN')
    const appointmentId = appointments[0]?.appointmentId ?? ''
    const shown = await atGateway().getAppointment(
      { appointmentId, secret: { of: { $case: 'appointment', value: own } } },
      gateway.call(),
    )
    expect(shown.appointment).toMatchObject({ appointmentId, subject: '' })
  })

  it('is told to the national hub by a hundred numbers at once at most', async () => {
    const rpc = 'unefois.appointments.v1.AppointmentsService/FindByPreApplications'
    const find = (preApplications: string[]) => atGateway().findByPreApplications({ preApplications }, gateway.call())
    expect(await refusalOf(rpc, () => find(Array.from({ length: 101 }, () => 'ABCDEFGH12')))).toBe('REQUEST_INVALID')
    expect(await find(['not a number'])).toEqual({ booked: [] })
  })
})
