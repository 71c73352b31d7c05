import { randomUUID } from 'node:crypto'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { inbox } from '@unefois/chassis/inbox'
import { OutboxTable } from '@unefois/chassis/outbox-table'
import type { Call } from '@unefois/chassis/rpc'
import { MeetingChannel, type PublishCalendarRequest } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type {
  BookVisitRequest,
  OfferVisitSlotsRequest,
  PledgeSlotRequest,
  PledgeSlotResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import {
  type Agency,
  hallCalendar,
  hallPlace,
  openAgency,
  person,
  serviceType,
  someone,
  startMs,
  system,
  weekdays,
} from '../agency.fixture.js'
import { bookVisit } from '../rpc/book-visit.js'
import { getVisitOutcome } from '../rpc/get-visit-outcome.js'
import { offerVisitServices } from '../rpc/offer-visit-services.js'
import { offerVisitSlots } from '../rpc/offer-visit-slots.js'
import { pledgeSlot } from '../rpc/pledge-slot.js'
import { publishCalendar } from '../rpc/publish-calendar.js'
import { askForOutcomes, releaseUndecided } from './chores.js'
import { type VisitNeeds, visitNeeds } from './needs.js'
import { visitConsumers } from './service.js'

const around = () => ({ deadline: Deadline.after(10_000, systemClock), door: 'mesh' as const })

/** A call of the appointments service of another member. */
export const ofMember = (member: string): Call => ({
  ...around(),
  caller: { kind: 'member', member: member as never, service: 'appointments' },
})

/** Tuesday 24 November 2026, at that time of Paris. */
export const at = (time: string): number => Date.parse(`2026-11-24T${time}:00+01:00`)

export const counter = MeetingChannel.MEETING_CHANNEL_COUNTER
/** Of meetings that are no part of a visit. */
export const elsewhere = [
  MeetingChannel.MEETING_CHANNEL_TELEPHONE,
  MeetingChannel.MEETING_CHANNEL_VIDEO,
  MeetingChannel.MEETING_CHANNEL_HOME_VISIT,
]
const channels = [counter, ...elsewhere]
export const slotOf = (
  time: string,
  change: Partial<PledgeSlotRequest['slot']> = {},
): NonNullable<PledgeSlotRequest['slot']> => ({
  scheduleId: 'ada-mornings',
  serviceTypeId: 'id-card',
  startsAtMs: at(time),
  units: 1,
  channel: counter,
  ...change,
})

/** What the other member sends, and what becomes of it on its way. */
export type OnItsWay = (send: () => Promise<PledgeSlotResponse>) => Promise<PledgeSlotResponse>

const house = { places: [hallPlace({ sharedPlace: 'house' })], schedules: [weekdays({ channels })] }

/** Two agencies in one house, each with its own database; what goes from one to the other goes as the test says. */
export const openHouse = async (calendars: { readonly fund?: Partial<PublishCalendarRequest> } = {}) => {
  const agencies = new Map<string, { readonly agency: Agency; readonly needs: VisitNeeds }>()
  let onItsWay: OnItsWay = (send) => send()
  let isCutOff = false
  let knowsNeeds = true
  const offer = async (from: string, to: string, request: OfferVisitSlotsRequest) => {
    const understood = knowsNeeds ? request : { ...request, accessibility: [], language: '' }
    const answer = await offerVisitSlots(of(to)).handle(understood, ofMember(from))
    return knowsNeeds ? answer : { ...answer, areNeedsMet: false }
  }
  const of = (member: string) => {
    const found = agencies.get(member)
    if (!found || isCutOff) throw new MeshError('PROVIDER_UNREACHABLE')
    return found.needs
  }
  const visitsOf = (from: string) => (to: string) =>
    ({
      pledgeSlot: async (request: PledgeSlotRequest) =>
        onItsWay(() => pledgeSlot(of(to)).handle(request, ofMember(from))),
      getVisitOutcome: async (request: { visitId: string }) => getVisitOutcome(of(to)).handle(request, ofMember(from)),
      offerVisitServices: async (request: never) => offerVisitServices(of(to)).handle(request, ofMember(from)),
      offerVisitSlots: async (request: OfferVisitSlotsRequest) => offer(from, to, request),
    }) as never

  const open = async (member: string, calendar: PublishCalendarRequest): Promise<Agency> => {
    const agency = await openAgency({ member, visitsOf: visitsOf(member) })
    agencies.set(member, { agency, needs: visitNeeds(agency) })
    await publishCalendar(agency).handle(calendar, system())
    return agency
  }
  const hall = await open(
    'hall',
    hallCalendar({ ...house, serviceTypes: [serviceType({ channels, visitMembers: ['fund'] })] }),
  )
  const fund = await open(
    'fund',
    hallCalendar({ ...house, serviceTypes: [serviceType({ channels, visitMembers: ['hall'] })], ...calendars.fund }),
  )

  /** Carries what one member has to tell the other, in its order. With 'unconfirmed' it comes and is not taken off the list. */
  const carry = async (from: string, to: string, how: 'confirmed' | 'unconfirmed' = 'confirmed'): Promise<number> => {
    const sender = agencies.get(from)?.agency.postgres
    const receiver = agencies.get(to)
    if (!sender || !receiver) throw new Error('no such member')
    const { deliver } = inbox(receiver.agency.postgres, visitConsumers(receiver.agency), () => undefined)
    const table = new OutboxTable(sender, systemClock)
    const orders = (await table.due()).filter((order) => order.receiver === `${to}/appointments`)
    const events = (await Promise.all(orders.map((order) => table.first(order)))).flat()
    for (const event of events) {
      if (!('handle' in deliver)) throw new Error('an inbox handles')
      await deliver.handle({ ...event, data: Buffer.from(event.data), following: [] }, ofMember(from))
      if (how === 'confirmed') await table.remove([event])
    }
    return events.length
  }

  const states = async (agency: Agency): Promise<string[]> => {
    const { rows } = await agency.postgres.query<{ state: string }>(
      'SELECT state FROM appointment WHERE visit_id IS NOT NULL ORDER BY starts_at_ms, appointment_id',
    )
    return rows.map(({ state }) => state)
  }
  const claims = async (agency: Agency): Promise<number> =>
    (await agency.postgres.query('SELECT FROM claim')).rowCount ?? 0

  const ada = someone()
  const request = (change: Partial<BookVisitRequest> = {}): BookVisitRequest => ({
    visitId: randomUUID(),
    subject: ada,
    legs: [
      { member: 'hall', slot: slotOf('09:00') },
      { member: 'fund', slot: slotOf('09:30') },
    ],
    contact: { way: 'none', address: '' },
    language: 'fr',
    needs: undefined,
    by: undefined,
    mandate: undefined,
    ...change,
  })

  return {
    hall,
    fund,
    ada,
    hallNeeds: visitNeeds(hall),
    fundNeeds: visitNeeds(fund),
    /** What becomes of the pledges that are asked for from now on. */
    meanwhile: (next: OnItsWay) => {
      onItsWay = next
    },
    /** Nothing comes through between the members any more, or again. */
    cutOff: (to: 'cut' | 'joined') => {
      isCutOff = to === 'cut'
    },
    /** The other member is of a version that knows no accessibility and no language of a search, from now on. */
    forgetNeeds: () => {
      knowsNeeds = false
    },
    setNow: (ms: number) => {
      hall.setNow(ms)
      fund.setNow(ms)
    },
    request,
    book: async (change: Partial<BookVisitRequest> = {}, call: Call = person(ada)) =>
      (await bookVisit(visitNeeds(hall)).handle(request(change), call)).visit,
    carry,
    /** Everything arrives, and each chore runs, until nothing is left to do. */
    settle: async () => {
      isCutOff = false
      const now = hall.runtime.clock.nowMs()
      for (const later of [31_000, 400_000]) {
        hall.setNow(now + later)
        fund.setNow(now + later)
        await releaseUndecided(visitNeeds(hall))
        await carry('hall', 'fund')
        await askForOutcomes(visitNeeds(fund))
        await carry('fund', 'hall')
      }
    },
    /** What the two databases have of visits. */
    stand: async () => ({
      hall: await states(hall),
      fund: await states(fund),
      claims: { hall: await claims(hall), fund: await claims(fund) },
      visits: (await hall.postgres.query<{ state: string }>('SELECT state FROM visit')).rows.map(({ state }) => state),
      pledges: (
        await fund.postgres.query<{ state: string }>('SELECT state FROM pledge ORDER BY visit_id, leg')
      ).rows.map(({ state }) => state),
    }),
    empty: async () => {
      onItsWay = (send) => send()
      isCutOff = false
      knowsNeeds = true
      hall.setNow(startMs)
      fund.setNow(startMs)
      for (const { postgres } of [hall, fund])
        await postgres.query(`TRUNCATE appointment, claim, visit, pledge, outbox, outbox_position, inbox_position,
          appointments_keys.file_key CASCADE`)
    },
    close: async () => {
      await hall.close()
      await fund.close()
    },
  }
}
export type House = Awaited<ReturnType<typeof openHouse>>
