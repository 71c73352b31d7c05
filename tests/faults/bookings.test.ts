import { connectGrpc, type GrpcConnection } from '@unefois/chassis/grpc-client'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { AppointmentsServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import {
  Booker,
  CalendarServiceDefinition,
  MeetingChannel,
  type PublishCalendarRequest,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ContestedSlot, contest } from './_booking-load.js'
import { type FaultFederation, forBookings, parts, startFaultFederation } from './_fault-federation.js'
import { killServer, type Replica, restartPostgres, startReplica } from './_ground.js'
import { MeshBooker } from './_mesh-booker.js'
import { NaiveBooker } from './_naive-booker.js'
import { Records } from './_records.js'
import { seeded } from './_seed.js'

/** A minute is the whole proof (`npm run prove:bookings`). */
const forMs = Number(process.env.UNEFOIS_BOOKING_SECONDS ?? 12) * 1000
const naiveMs = Math.min(forMs, 5000)
const clients = 64
const practitioners = 20
const slotsEach = 50
const lengthMs = 12 * 60_000
const serviceTypeId = 'contested'
const { requester: town } = parts
const draw = seeded('bookings')

const day = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)
const opensAtMs = Date.parse(`${day}T08:00:00Z`)
const words = (text: string) => ({ fr: text, en: text })
const ids = Array.from({ length: practitioners }, (_, at) => `agent-${at}`)

/** Twenty agents who see people for ten hours of one day, 12 minutes each, at fifteen counters: so both can be taken. */
const calendar: PublishCalendarRequest = {
  places: [
    {
      ...{ placeId: 'hall', title: words('Mairie'), address: '1 place', postCode: '08000', city: 'Saint-Aubin' },
      ...{ commune: '08105', latitude: 49.7, longitude: 4.7, zone: 'UTC', sharedPlace: '', accessibility: [] },
      ...{ telephone: '', website: '', isConfidential: false },
    },
  ],
  resources: [
    {
      ...{ resourceId: 'counters', placeId: 'hall' },
      kind: { $case: 'room', value: { title: words('Guichets'), lanes: 15, accessibility: [] } },
    },
    ...ids.map((id) => ({
      ...{ resourceId: id, placeId: 'hall' },
      kind: {
        $case: 'practitioner' as const,
        value: { agentId: id, firstName: 'A', lastName: 'B', capacity: 'Agent', isUnnamed: false, languages: [] },
      },
    })),
  ],
  serviceTypes: [
    {
      ...{ serviceTypeId, title: words('Essai'), summary: words('Essai'), durationMinutes: 12, gapMinutes: 0 },
      ...{ channels: [MeetingChannel.MEETING_CHANNEL_COUNTER], booker: Booker.BOOKER_ANYBODY, needsMandate: false },
      ...{ motive: '', isUrgent: false, reservedPercent: 0, reservedUntilHours: 0, noticeMinutes: 0, horizonDays: 0 },
      ...{ changeUntilMinutes: 0, reminderHours: [], holdMinutes: 1, keptDays: 0, procedure: '', evidence: [] },
      ...{ toBring: [], visitMembers: [], hubReasons: [], callbackMinutes: 0, longestSeries: 0, isRetired: false },
    },
  ],
  schedules: ids.map((id) => ({
    ...{ scheduleId: `of-${id}`, placeId: 'hall', practitionerId: id, roomId: 'counters' },
    ...{ serviceTypeIds: [serviceTypeId], channels: [MeetingChannel.MEETING_CHANNEL_COUNTER] },
    ...{ firstDay: day, lastDay: '', rrule: '', hours: [{ from: '08:00', to: '18:00' }], exceptions: [], seats: 1 },
    isRetired: false,
  })),
  closures: [],
}
const slots: readonly ContestedSlot[] = ids.flatMap((id) =>
  Array.from({ length: slotsEach }, (_, at) => ({ scheduleId: `of-${id}`, startsAtMs: opensAtMs + at * lengthMs })),
)

let broken: FaultFederation
let system: AgencySystem
let token: string
let records: Records
let replicas: readonly Replica[] = []
let connections: readonly GrpcConnection[] = []

beforeAll(async () => {
  broken = await startFaultFederation({ leaseMs: 10_000, people: 0, parts: forBookings })
  const { federation } = broken
  system = new AgencySystem(federation, town)
  await system
    .service('appointments', CalendarServiceDefinition)
    .publishCalendar(calendar, await system.call('calendar:publish'))
  token = (await system.call('appointments:book')).accessToken ?? ''
  records = new Records(federation, town, 'appointments')
  replicas = [
    await startReplica(federation, town, 'appointments'),
    await startReplica(federation, town, 'appointments'),
  ]
  const { authority } = federation.grpc(town, 'appointments')
  connections = replicas.map(({ grpcPort }) => connectGrpc(`localhost:${grpcPort}`, authority))
})

afterAll(async () => {
  system?.close()
  for (const connection of connections) connection.close()
  await broken?.end()
})

/**
 * Kills the replicas in turn while the clients fight, and PostgreSQL once in the middle. Then they stay up: a client that found none for
 * long asks again ever more rarely, and would find them by luck alone.
 */
const killMeanwhile = async (
  work: Promise<unknown>,
): Promise<{ readonly processes: number; readonly database: number }> => {
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  const killed = { processes: 0, database: 0 }
  const beganMs = performance.now()
  for (let at = 0; !isDone && performance.now() < beganMs + forMs; at++) {
    await Promise.race([done, (replicas[at % replicas.length] as Replica).kill()])
    killed.processes++
    if (killed.database === 0 && performance.now() > beganMs + forMs / 2) {
      await killServer(broken.federation.postgres.pid)
      await restartPostgres(broken.federation)
      killed.database++
    }
  }
  return killed
}

describe('64 clients fight for 1,000 slots while processes are killed', () => {
  // With much else on the machine processes come back slowly, and the last answers with them.
  const timeout = forMs + 240_000
  it('never books two into one, loses nothing that was confirmed, and leaves no hold behind', { timeout }, async () => {
    const doors = connections.map((connection) => connection.client(AppointmentsServiceDefinition))
    const booker = new MeshBooker(doors, { serviceTypeId, accessToken: token })
    const contested = contest(booker, slots, { clients, forMs, draw })
    const killed = await killMeanwhile(contested)
    const { confirmed, answers } = await contested
    process.stdout.write(`bookings: ${JSON.stringify({ seconds: forMs / 1000, ...answers, killed })}\n`)
    expect(killed.processes).toBeGreaterThan(0)
    expect(killed.database).toBe(1)
    expect(Math.min(answers.booked, answers.taken, answers.held, answers.moved, answers.cancelled)).toBeGreaterThan(0)

    // Of the rows themselves, whatever any constraint says.
    const twice = await records.query(
      `SELECT a.appointment_id FROM appointment AS a JOIN appointment AS b
         ON a.practitioner_no = b.practitioner_no AND a.appointment_id < b.appointment_id
        AND a.starts_at_ms < b.ends_at_ms AND b.starts_at_ms < a.ends_at_ms
       WHERE a.state = 'booked' AND b.state = 'booked'`,
      [],
    )
    expect(twice).toEqual([])
    const crowded = await records.query(
      `SELECT starts_at_ms FROM appointment WHERE state = 'booked' GROUP BY starts_at_ms HAVING count(*) > 15`,
      [],
    )
    expect(crowded).toEqual([])

    const booked = await records.query(
      `SELECT appointment_id, schedule_id, starts_at_ms::float8 AS starts_at_ms FROM appointment JOIN schedule USING (schedule_no)
       WHERE state = 'booked'`,
      [],
    )
    const kept = new Map(booked.map((row) => [row.appointment_id, `${row.schedule_id} ${Number(row.starts_at_ms)}`]))
    const lost = [...confirmed.values()].filter(
      ({ appointmentId, scheduleId, startsAtMs }) => kept.get(appointmentId) !== `${scheduleId} ${startsAtMs}`,
    )
    expect(lost).toEqual([])
    expect(kept.size).toBe(confirmed.size)

    const orphans = await records.query(
      `SELECT claim.holder_id FROM claim LEFT JOIN appointment ON appointment_id = holder_id
       WHERE state IS NULL OR state NOT IN ('held', 'booked')
          OR claim.expires_at_ms IS DISTINCT FROM appointment.held_until_ms
          OR lower(claim.during) <> appointment.starts_at_ms
       UNION ALL
       SELECT appointment_id FROM appointment WHERE state IN ('held', 'booked')
         AND (SELECT count(*) FROM claim WHERE holder_id = appointment_id) <> 2`,
      [],
    )
    expect(orphans).toEqual([])
  })

  it('leaves no hold once its time is over', async () => {
    // What a minute does by itself.
    await records.query('UPDATE claim SET expires_at_ms = 1 WHERE expires_at_ms IS NOT NULL', [])
    await records.query('UPDATE appointment SET held_until_ms = 1 WHERE held_until_ms IS NOT NULL', [])
    await expect
      .poll(
        () =>
          records.query(
            `SELECT holder_id FROM claim WHERE expires_at_ms IS NOT NULL
             UNION ALL SELECT appointment_id FROM appointment WHERE state = 'held'`,
            [],
          ),
        { timeout: 30_000 },
      )
      .toEqual([])
  })

  it('finds what is wrong with who looks first and writes then', async () => {
    const { host, port, user, password } = broken.federation.postgres
    const pool = new pg.Pool({ host, port, user, password, database: 'postgres', max: 16 })
    try {
      const naive = new NaiveBooker(pool, lengthMs)
      await naive.open()
      await contest(naive, slots, { clients, forMs: naiveMs, draw })
      const { rows } = await pool.query(
        `SELECT a.appointment_id FROM naive AS a JOIN naive AS b
           ON a.schedule_id = b.schedule_id AND a.appointment_id < b.appointment_id
          AND a.starts_at_ms < b.ends_at_ms AND b.starts_at_ms < a.ends_at_ms`,
      )
      process.stdout.write(`bookings: the naive control booked ${rows.length} twice\n`)
      expect(rows.length).toBeGreaterThan(0)
    } finally {
      await pool.end()
    }
  })
})
