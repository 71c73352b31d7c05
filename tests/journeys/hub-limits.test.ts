import { randomUUID } from 'node:crypto'
import { keptPassword } from '@unefois/deploy/sandbox/member-keys'
import type { Places } from '@unefois/deploy/sandbox/places'
import {
  CalendarServiceDefinition,
  type Place,
  type PublishCalendarRequest,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chosen, Desk, everyDay, serviceType, townCalendar } from './_appointments.js'
import { sharedFederation } from './_federation.js'
import { town } from './_resident.js'

const dayOf = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10)

/** What the hub asks, and how long it waits for an answer: `x-hub-timeout-seconds` of its contract. */
const period = `start_date=${dayOf(1)}&end_date=${dayOf(60)}&reason=CNI&meeting_point_ids=house`
const calls: readonly (readonly [string, number])[] = [
  ['/getManagedMeetingPoints', 20_000],
  [`/availableTimeSlots?${period}`, 15_000],
  ['/searchApplicationIds?application_ids=ABCDEFGH12', 5_000],
]
const bookers = 16
const bookedByEach = 15

/** What the door takes in one question. */
const mostAsked = 1000
const largestAtOnce = 2
/** Ids of the greatest length. */
const longIds = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name}-${at}-`.padEnd(64, 'x'))
const placeIds = longIds('annexe', 200)
const repeated = (name: string, values: readonly string[]): string =>
  values.map((value) => `${name}=${value}`).join('&')
const twentyYears = `start_date=${dayOf(-3650)}&end_date=${dayOf(3650)}`
const everywhere = repeated('meeting_point_ids', [...placeIds, ...longIds('away', mostAsked - placeIds.length)])
const numbers = Array.from({ length: mostAsked }, (_, at) => `N${String(at).padStart(9, '0')}`)
const largestCalls: typeof calls = [
  [`/availableTimeSlots?${twentyYears}&reason=PASSPORT&${everywhere}`, 15_000],
  [`/searchApplicationIds?${repeated('application_ids', numbers)}`, 5_000],
]

/** A further service type, booked as far ahead as any, day and night in many places. */
const annexes = ({ isRetired }: { readonly isRetired: boolean }): PublishCalendarRequest => ({
  places: placeIds.map((placeId) => ({ ...(townCalendar.places[0] as Place), placeId, sharedPlace: '' })),
  resources: placeIds.map((placeId) => ({
    ...{ resourceId: placeId, placeId },
    kind: { $case: 'room', value: { title: { fr: 'Guichet', en: 'Counter' }, lanes: 1, accessibility: [] } },
  })),
  serviceTypes: [serviceType({ serviceTypeId: 'passports', hubReasons: ['PASSPORT'], horizonDays: 366, isRetired })],
  schedules: placeIds.map((placeId) =>
    everyDay({
      ...{ scheduleId: placeId, placeId, practitionerId: '', roomId: placeId, serviceTypeIds: ['passports'] },
      isRetired,
    }),
  ),
  closures: [],
})

let places: Places
let desk: Desk
let token: string
beforeAll(async () => {
  places = await sharedFederation()
  desk = await Desk.open(places)
  token = keptPassword(places.keys(town).folder, 'hub').password
})
afterAll(() => desk.close())

const publish = async (calendar: PublishCalendarRequest): Promise<void> => {
  await desk.system
    .service('appointments', CalendarServiceDefinition)
    .publishCalendar(calendar, { ...(await desk.system.call('calendar:publish')), deadlineMs: 60_000 })
}

/** So many slots of a place are in one page of a search: places that are alike are at most as far apart. */
const slotsOfPage = 10

/** All that the door puts into one answer, and how long it reads for less than that. */
const [wholeAnswer, longestReadingMs] = [50_000, 9000]

/** There are more slots than fit into one answer, and fewer fit only where time runs out: the later ones of all places are left out. */
const expectFirstOfAll = ({ body, tookMs }: Awaited<ReturnType<typeof askAsHub>>): void => {
  const counts = placeIds.map((placeId) => body[placeId]?.length ?? 0)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  expect(least).toBeGreaterThan(0)
  if (tookMs < longestReadingMs) expect(Object.values(body).flat().length).toBeGreaterThan(wholeAnswer)
  expect(most - least).toBeLessThanOrEqual(slotsOfPage)
}

/** A pre-application of which the stand-in for the hub says that it is validated. */
const validated = (): string => `V${randomUUID().replaceAll('-', '').slice(0, 9).toUpperCase()}`

/** Of this test so far, by path. */
const slowestMs = new Map<string, number>()

/** As the hub does: whoever has not answered whole within its limit has not answered. */
const askAsHub = async ([path, waitsMs]: (typeof calls)[number]) => {
  const headers = { 'X-HUB-RDV-AUTH-TOKEN': token }
  const startMs = performance.now()
  const response = await fetch(`${places.origin(town)}${path}`, { headers, signal: AbortSignal.timeout(waitsMs) })
  const body = (await response.json()) as Record<string, unknown[]>
  const name = path.replace(/\?.*/, '')
  const tookMs = Math.round(performance.now() - startMs)
  slowestMs.set(name, Math.max(slowestMs.get(name) ?? 0, tookMs))
  return { status: response.status, body, tookMs }
}

/** Many book at once from so many days ahead on, while rounds of the hub's questions follow each other: one at least. */
const askWhileBooking = async (daysAhead: number, round: () => Promise<void>): Promise<void> => {
  const days = [0, 1, 2, 3, 4].map((later) => daysAhead + later)
  const slots = (await Promise.all(days.map((ahead) => desk.free('papers', ahead)))).flat()
  const waiting = slots.slice(0, bookers * bookedByEach)
  expect(waiting).toHaveLength(bookers * bookedByEach)
  let booked = 0
  let isOver = false
  const book = async (): Promise<void> => {
    for (let slot = waiting.pop(); slot; slot = waiting.pop()) {
      await desk.book(chosen(slot), { preApplications: [validated()] })
      booked += 1
    }
  }
  const booking = Promise.all(Array.from({ length: bookers }, book)).finally(() => {
    isOver = true
  })
  let rounds = 0
  while (!isOver || rounds === 0) {
    await round()
    rounds += 1
  }
  await booking
  expect(booked).toBe(bookers * bookedByEach)
  console.info(
    `${booked} bookings, ${rounds} rounds of the hub, the slowest answers in ms: ${JSON.stringify([...slowestMs])}`,
  )
  slowestMs.clear()
}

describe('the national hub', () => {
  it('has each of its answers within its own limits while the agency books', async () => {
    await askWhileBooking(31, async () => {
      for (const call of calls) expect([call[0], (await askAsHub(call)).status]).toEqual([call[0], 200])
    })
  })

  it('has its largest answers within the same limits, several at once, while the agency books', async () => {
    await publish(annexes({ isRetired: false }))
    try {
      await askWhileBooking(41, async () => {
        for (const call of largestCalls)
          for (const answer of await Promise.all(Array.from({ length: largestAtOnce }, () => askAsHub(call)))) {
            expect(answer.status).toBe(200)
            expect(Object.keys(answer.body)).toHaveLength(mostAsked)
            if (call === largestCalls[0]) expectFirstOfAll(answer)
          }
      })
    } finally {
      await publish(annexes({ isRetired: true }))
    }
  })
})
