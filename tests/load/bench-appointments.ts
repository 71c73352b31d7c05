import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GrpcClient } from '@unefois/chassis/grpc-client'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { stopChildren, stopChildrenOnExit } from '@unefois/deploy/sandbox/children'
import { removeElsewhere } from '@unefois/deploy/sandbox/directory'
import { type RunningFederation, startFederation } from '@unefois/deploy/sandbox/federation'
import type { FederationPlan } from '@unefois/deploy/sandbox/plan'
import { CalendarServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { SearchSlotsRequest, type Slot, SlotServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { publications, serviceTypeIds } from './appointments-calendar.js'
import { benchPlan, parts } from './bench-plan.js'
import { bookingCalls } from './booking-calls.js'
import { cpuMicros } from './cpu.js'
import { fillHistory, occupyDays, settleOpenings } from './fill-appointments.js'
import { schemaOf } from './fill-lists.js'
import { leanCaller } from './lean-caller.js'
import { closedLoop, type Figures, openLoop } from './load-shapes.js'
import { countingSettings, pageCounter } from './pages-touched.js'

// npm run bench:appointments [-- --schedules N] [-- --history N] [-- --seconds N]. Searches of an agency with ten thousand schedules
// and 90 days, bookings, and both again after ten million appointments; beside each in the same run, what the database alone
// does with the same rows. CPU is what the servers and the database use for one call; bookings are asked for by a caller that takes little.

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const schedules = option('--schedules', 10_000)
const history = option('--history', 10_000_000)
const forMs = option('--seconds', 20) * 1000
const daysTaken = option('--days-taken', 20)
const perSecond = 50
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const member = parts.requester
const planned = (): FederationPlan => {
  const plan = benchPlan()
  return {
    ...plan,
    agencies: plan.agencies
      .filter(({ id, process }) => id === member || process === 'authorities')
      .map((each) =>
        each.id === member ? { ...each, services: ['identity', 'documents', 'appointments', 'gateway'] } : each,
      ),
    people: [],
  }
}

/** What the federation's processes and the database's have used; the caller, who is this process, has not. */
const serverCpu = (): number => {
  const { user, system } = process.cpuUsage()
  return cpuMicros([process.pid]) - user - system
}

interface Measured extends Figures {
  /** What the agency's database looked at for one call. */
  readonly pages: number
}

const shown = (
  what: string,
  { perSecond: rate, p50, p99, cpuMicrosPerCall, failures, pages }: Measured,
  yardstick: Figures | undefined,
): void =>
  say(
    [
      what.padEnd(64),
      `${rate}/s`.padStart(9),
      `p50 ${p50} ms`.padStart(15),
      `p99 ${p99} ms`.padStart(15),
      `CPU ${(cpuMicrosPerCall / 1000).toFixed(1)} ms`.padStart(14),
      `${Math.round(pages)} pages`.padStart(12),
      yardstick ? `${(p50 / yardstick.p50).toFixed(1)} × the plain one`.padStart(22) : '',
      failures > 0 ? `  ${failures} FAILED` : '',
    ].join(''),
  )

const any = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T

type Search = Partial<SearchSlotsRequest>
const searches: readonly (readonly [string, () => Search])[] = [
  ['anywhere', () => ({})],
  ['one place', () => ({ placeIds: [`place-${Math.floor((Math.random() * schedules) / 100)}`] })],
  ['within 20 km of a commune', () => ({ near: { commune: '08105', kilometres: 20 } })],
  ['in sign language, accompanied', () => ({ language: 'fsl', isAccompanied: true })],
]

/** Searches, bookings and the database alone, in one state of the data; answers the figures by name. */
const measure = async (federation: RunningFederation, system: AgencySystem): Promise<Map<string, Measured>> => {
  const slots = system.service('appointments', SlotServiceDefinition)
  const { address, authority } = federation.grpc(member, 'appointments')
  const caller = leanCaller(address, authority)
  const searching = await system.call('slots:read')
  const booking = await system.call('appointments:book')
  const empty = SearchSlotsRequest.decode(new Uint8Array())
  const search = async (change: Search): Promise<readonly Slot[]> => {
    const found = await slots.searchSlots({ ...empty, serviceTypeId: any(serviceTypeIds), ...change }, searching)
    if (found.slots.length === 0) throw new Error('nothing was found')
    return found.slots
  }
  const db = schemaOf(federation, member, 'appointments')
  const { rows: users } = await db.query<{ name: string }>('SELECT current_user AS name')
  const counter = await pageCounter(federation.postgres, users[0]?.name ?? '')
  const figures = new Map<string, Measured>()
  const note = async (what: string, run: () => Promise<Figures>, yardstick?: Figures): Promise<Measured> => {
    const before = await counter.pages()
    const found = await run()
    const measured = { ...found, pages: ((await counter.pages()) - before) / found.calls }
    shown(what, measured, yardstick)
    figures.set(what, measured)
    return measured
  }
  const shape = { perSecond, forMs }
  /** What runs often is compiled by and by: what is measured has been. */
  const warm = async (act: () => Promise<void>, inFlight: number) =>
    void (await closedLoop(act, { inFlight, forMs: 2 * forMs }, serverCpu))

  const plain = `SELECT opening_no, schedule_no, starts_at_ms, ends_at_ms FROM opening
    WHERE starts_at_ms >= $1 AND NOT is_full ORDER BY starts_at_ms LIMIT 20`
  const row = async () => void (await db.query(plain, [Date.now()]))
  const select = await note(`yardstick: SELECT of 20 openings by an index, ${perSecond}/s`, () =>
    openLoop(row, shape, serverCpu),
  )
  const mixed = async () => void (await search(any(searches)[1]()))
  await warm(mixed, 8)
  await note(`search, all kinds, ${perSecond}/s`, () => openLoop(mixed, shape, serverCpu), select)
  for (const [what, change] of searches)
    await note(
      `search, ${what}, one after the other`,
      () => closedLoop(async () => void (await search(change())), { inFlight: 1, forMs: forMs / 4 }, serverCpu),
      select,
    )

  await db.query('CREATE TABLE IF NOT EXISTS plain_row (id uuid PRIMARY KEY, starts_at_ms bigint, content bytea)')
  const insert = async () =>
    void (await db.query('INSERT INTO plain_row VALUES ($1, $2, $3)', [randomUUID(), Date.now(), Buffer.alloc(400)]))
  const inserted = await note('yardstick: INSERT of a row, 64 in flight', () =>
    closedLoop(insert, { inFlight: 64, forMs: forMs / 2 }, serverCpu),
  )

  const free = await freeSlots(slots.searchSlots, empty, searching)
  const bookings = bookingCalls(caller, free, booking)
  await warm(bookings.book, 64)
  const bookingFor = forMs / 2
  for (const inFlight of [64, 8, 1])
    await note(
      `booking, ${inFlight} in flight`,
      () => closedLoop(bookings.book, { inFlight, forMs: bookingFor }, serverCpu),
      inserted,
    )
  await note(
    'holding and booking what is held, 64 in flight',
    () => closedLoop(bookings.holdAndBook, { inFlight: 64, forMs: bookingFor }, serverCpu),
    inserted,
  )
  caller.close()
  await counter.close()
  await db.close()
  return figures
}

/** A day so many days from now. */
const dayIn = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

/**
 * Free slots of different agents, so that what is measured is booking and not refusals; in the last weeks, so that what searches find
 * first is as free when they are measured again.
 */
const freeSlots = async (
  searchSlots: GrpcClient<typeof SlotServiceDefinition>['searchSlots'],
  empty: SearchSlotsRequest,
  options: Awaited<ReturnType<AgencySystem['call']>>,
): Promise<Slot[]> => {
  const found: Slot[] = []
  const lastWeeks = { allOfPeriod: true, pageSize: 1000, fromDay: dayIn(50), toDay: dayIn(85) }
  for (let place = 0; place < schedules / 100; place += 1) {
    const placeIds = [`place-${place}`]
    const { slots } = await searchSlots({ ...empty, serviceTypeId: 'identity', placeIds, ...lastWeeks }, options)
    found.push(...slots)
  }
  return found.sort(() => Math.random() - 0.5)
}

const run = async (directory: string): Promise<void> => {
  const federation = await startFederation({ plan: planned(), directory, postgresSettings: countingSettings })
  const system = new AgencySystem(federation, member)
  const calendar = system.service('appointments', CalendarServiceDefinition)
  const startedAt = performance.now()
  const firstDay = new Date().toISOString().slice(0, 10)
  for (const publication of publications(schedules, firstDay))
    await calendar.publishCalendar(publication, { ...(await system.call('calendar:publish')), deadlineMs: 60_000 })
  say(`published ${schedules} schedules of 90 days in ${Math.round((performance.now() - startedAt) / 1000)} s\n`)
  await settleOpenings(federation, member)
  await measure(federation, system)
  await occupyDays(federation, member, daysTaken)
  say(`\nthe first ${daysTaken} days are taken`)
  const before = await measure(federation, system)
  await fillHistory(federation, member, history)
  say(`\nafter ${history} appointments in the past`)
  const after = await measure(federation, system)
  say('')
  for (const [what, { p50, pages }] of before) {
    const then = after.get(what)
    const times = (one: number | undefined, other: number): string => ((one ?? Number.NaN) / other).toFixed(2)
    say(`${what}: ${times(then?.p50, p50)} times after so much history, ${times(then?.pages, pages)} times the pages`)
  }
  system.close()
  await federation.stop()
}

stopChildrenOnExit()
const directory = mkdtempSync(join(tmpdir(), 'unefois-appointments-'))
try {
  await run(join(directory, 'appointments'))
} finally {
  await stopChildren()
  removeElsewhere(join(directory, 'appointments', 'postgres'))
  rmSync(directory, { recursive: true, force: true })
}
process.exit(0)
