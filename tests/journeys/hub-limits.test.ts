import { randomUUID } from 'node:crypto'
import { keptPassword } from '@unefois/deploy/sandbox/member-keys'
import type { Places } from '@unefois/deploy/sandbox/places'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chosen, Desk } from './_appointments.js'
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

let places: Places
let desk: Desk
let token: string
beforeAll(async () => {
  places = await sharedFederation()
  desk = await Desk.open(places)
  token = keptPassword(places.keys(town).folder, 'hub').password
})
afterAll(() => desk.close())

/** A pre-application of which the stand-in for the hub says that it is validated. */
const validated = (): string => `V${randomUUID().replaceAll('-', '').slice(0, 9).toUpperCase()}`

/** As the hub does: whoever has not answered whole within its limit has not answered. */
const askAsHub = async ([path, waitsMs]: (typeof calls)[number]) => {
  const headers = { 'X-HUB-RDV-AUTH-TOKEN': token }
  const startMs = performance.now()
  const response = await fetch(`${places.origin(town)}${path}`, { headers, signal: AbortSignal.timeout(waitsMs) })
  const body = await response.json()
  return { status: response.status, body, tookMs: performance.now() - startMs }
}

describe('the national hub', () => {
  it('has each of its answers within its own limits while the agency books', async () => {
    const slots = (await Promise.all([31, 32, 33, 34, 35].map((ahead) => desk.free('papers', ahead)))).flat()
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
    const slowestMs = new Map<string, number>()
    let rounds = 0
    while (!isOver || rounds === 0) {
      for (const call of calls) {
        const { status, tookMs } = await askAsHub(call)
        expect([call[0], status]).toEqual([call[0], 200])
        slowestMs.set(call[0], Math.max(slowestMs.get(call[0]) ?? 0, Math.round(tookMs)))
      }
      rounds += 1
    }
    await booking
    expect(booked).toBe(bookers * bookedByEach)
    console.info(
      `${booked} bookings, ${rounds} rounds of the hub, the slowest answers in ms: ${JSON.stringify([...slowestMs])}`,
    )
  })
})
