import { randomBytes } from 'node:crypto'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { FileKeys } from '@unefois/chassis/file-keys'
import { createLog } from '@unefois/chassis/log'
import { migrate } from '@unefois/chassis/migrate'
import { Outbox } from '@unefois/chassis/outbox'
import { Postgres } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { Runtime } from '@unefois/chassis/runtime'
import {
  Accessibility,
  Booker,
  MeetingChannel,
  type Place,
  type PublishCalendarRequest,
  type Resource,
  type Schedule,
  type ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { AgentNamed, Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError } from '@unefois/proto/reasons'
import { Subjects } from '@unefois/subjects/subjects'
import { inject } from 'vitest'
import { CalendarBook } from './calendar/book.js'
import type { AppointmentsContext } from './context.js'
import { hubCheck } from './hub/check.js'
import type { Hub } from './hub/hub.js'
import { tellHub, tellNobody } from './hub/tell-hub.js'
import { FullOpenings } from './search/full-openings.js'
import { readCommunes } from './search/read-communes.js'
import { Appointments } from './store/appointments.js'
import { BookingLinks } from './store/booking-links.js'
import { CalendarStore } from './store/calendar.js'
import { Callbacks } from './store/callbacks.js'
import { Claims } from './store/claims.js'
import { Feeds } from './store/feeds.js'
import { HubNotices } from './store/hub-notices.js'
import { migrations } from './store/migrations.js'
import { Openings } from './store/openings.js'
import { ProtectedSubjects } from './store/protected-subjects.js'
import { subjectTables } from './store/subject-tables.js'
import { Tickets } from './store/tickets.js'
import { WaitingList } from './store/waiting.js'
import { serveFreed } from './waiting/waiting.js'

/** Monday 23 November 2026, 7:00 in Paris: the clock of a test stands there until it is put elsewhere. */
export const startMs = Date.parse('2026-11-23T06:00:00Z')

const words = (text: string) => ({ fr: text, en: text })
const quiet = createLog({ member: 'hall', service: 'appointments' }, 'silent')
const databaseName = (): string => `appointments_${randomBytes(6).toString('hex')}`

/** A database with what set-up creates and this service's migrations, for others to be copied from. */
const makeTemplate = async (server: Postgres): Promise<string> => {
  const { host, port, user, password } = inject('postgres')
  const template = databaseName()
  await server.query(`CREATE DATABASE ${template}`)
  const own = { host, port, user, password, database: template, schema: 'appointments', poolSize: 1 }
  const postgres = new Postgres(own, quiet)
  await postgres.query('CREATE SCHEMA appointments')
  await postgres.query('CREATE SCHEMA appointments_keys')
  await postgres.query('CREATE EXTENSION btree_gist SCHEMA appointments')
  await migrate(postgres, migrations, 'appointments')
  // Nobody can copy a database that somebody is connected to.
  await postgres.close()
  return template
}
let template: Promise<string> | undefined

const communesKnown = {
  '08362': { name: 'Rethel', latitude: 49.511, longitude: 4.367 },
  '08105': { name: 'Charleville-Mézières', latitude: 49.773, longitude: 4.72 },
  '97411': { name: 'Saint-Denis', latitude: -20.879, longitude: 55.448 },
}

type Needed = Partial<Pick<AppointmentsContext, 'documents' | 'procedures' | 'visitsOf' | 'afterFreed'>> & {
  readonly hub?: Hub
  /** Which member it is; the hall, unless it is said. */
  readonly member?: string
}

/**
 * The appointments service of the hall, real down to PostgreSQL; its neighbours and other members are a test's, and no pseudonym is
 * known beside those of the first epoch.
 */
export const openAgency = async (needed: Needed = {}) => {
  const { host, port, user, password, database } = inject('postgres')
  const server = new Postgres({ host, port, user, password, database, schema: 'public', poolSize: 1 }, quiet)
  template ??= makeTemplate(server)
  const own = databaseName()
  await server.query(`CREATE DATABASE ${own} TEMPLATE ${await template}`)
  const postgres = new Postgres(
    { host, port, user, password, database: own, schema: 'appointments', poolSize: 8 },
    quiet,
  )
  let nowMs = startMs
  const clock = { ...systemClock, nowMs: () => nowMs }
  const outbox = new Outbox(postgres, clock, quiet)
  const member = needed.member ?? 'hall'
  const runtime = { member, postgres, clock, log: quiet, outbox } as unknown as Runtime
  const fileKeys = new FileKeys('appointments', randomBytes(32))
  const calendars = new CalendarStore(postgres)
  const publicUrl = 'https://hall.example'
  const hubNotices = new HubNotices(postgres)
  const protectedSubjects = new ProtectedSubjects(postgres)
  const { hub } = needed
  const down = () => Promise.reject(new MeshError('UNAVAILABLE'))
  const serving = {
    runtime,
    book: new CalendarBook(calendars),
    openings: new Openings(postgres),
    fullOpenings: new FullOpenings(),
    claims: new Claims(postgres),
    appointments: new Appointments({ postgres, fileKeys }),
    waiting: new WaitingList({ postgres, fileKeys }),
  }
  const context: AppointmentsContext = {
    ...serving,
    publicUrl,
    calendars,
    tickets: new Tickets({ postgres, fileKeys }),
    callbacks: new Callbacks({ postgres, fileKeys }),
    bookingLinks: new BookingLinks(postgres),
    protectedSubjects,
    afterFreed: needed.afterFreed ?? serveFreed(serving),
    feeds: new Feeds(postgres),
    hub,
    hubCheck: hub && hubCheck({ hub, hubNotices, publicUrl, clock }),
    tellHub: hub ? tellHub({ notices: hubNotices, protectedSubjects, clock, publicUrl }) : tellNobody,
    hubNotices,
    fileKeys,
    communes: readCommunes(JSON.stringify(communesKnown)),
    documents: needed.documents ?? { requestEvidence: down },
    procedures: needed.procedures ?? { getProcedure: down },
    visitsOf:
      needed.visitsOf ??
      (() => {
        throw new Error('no other member is there')
      }),
    subjects: new Subjects({
      member,
      service: 'appointments',
      postgres,
      clock,
      log: quiet,
      tables: subjectTables,
      lookInto: async ({ subjects }) => ({
        subjects: subjects.map(() => ({ standing: { $case: 'unknown', value: {} } })),
      }),
    }),
  }
  return {
    ...context,
    postgres,
    /** Puts the clock to a moment; milliseconds since the epoch. */
    setNow: (ms: number) => {
      nowMs = ms
    },
    close: async () => {
      await postgres.close()
      await server.query(`DROP DATABASE ${own} WITH (FORCE)`)
      await server.close()
    },
  }
}
export type Agency = Awaited<ReturnType<typeof openAgency>>

const around = () => ({ deadline: Deadline.after(10_000, systemClock), door: 'grpc' as const })

/** A call of the agency's own software. */
export const system = (): Call => ({ ...around(), caller: { kind: 'system', clientId: 'desk', scopes: [] } })

/** A call of the gateway for somebody without an account. */
export const atGateway = (): Call => ({ ...around(), caller: { kind: 'neighbour', service: 'gateway' } })

/** A pseudonym of the first epoch. */
export const someone = (): string => `p1.1.${randomBytes(16).toString('base64url')}`

/** A call of a person by their own token. */
export const person = (subject: string): Call => ({
  ...around(),
  caller: {
    kind: 'person',
    clientId: 'portal',
    subject: subject as never,
    acr: 'eidas1',
    authTimeSeconds: Math.floor(startMs / 1000),
    loginHandle: 'login',
  },
})

export const byAgent: Hand = {
  who: {
    $case: 'agent',
    value: { agentId: 'a-1', firstName: 'Aya', lastName: 'Agent', capacity: 'Officer', isUnnamed: false },
  },
}
/** The agent of a hand that is an agent's. */
export const agentOf = ({ who }: Hand): AgentNamed => {
  if (who?.$case !== 'agent') throw new Error('this hand is no agent’s')
  return who.value
}
export const byHelper: Hand = {
  who: { $case: 'helper', value: { firstName: 'Hugo', lastName: 'Helper', organisation: 'Maison France services' } },
}

export const hallPlace = (change: Partial<Place> = {}): Place => ({
  placeId: 'hall',
  title: words('Mairie'),
  address: '1 place de la République',
  postCode: '08300',
  city: 'Rethel',
  commune: '08362',
  latitude: 49.51,
  longitude: 4.37,
  zone: 'Europe/Paris',
  sharedPlace: '',
  accessibility: [Accessibility.ACCESSIBILITY_WHEELCHAIR],
  telephone: '01 99 00 00 04',
  website: '',
  isConfidential: false,
  ...change,
})

export const practitioner = (id = 'ada', placeId = 'hall', languages = ['fr']): Resource => ({
  resourceId: id,
  placeId,
  kind: {
    $case: 'practitioner',
    value: { agentId: id, firstName: id, lastName: 'Agent', capacity: 'Officer', isUnnamed: false, languages },
  },
})

export const room = (id = 'counters', lanes = 1, placeId = 'hall'): Resource => ({
  resourceId: id,
  placeId,
  kind: { $case: 'room', value: { title: words(id), lanes, accessibility: [] } },
})

export const serviceType = (change: Partial<ServiceType> = {}): ServiceType => ({
  serviceTypeId: 'id-card',
  title: words('Carte d’identité'),
  summary: words('Déposer une demande'),
  durationMinutes: 30,
  gapMinutes: 0,
  channels: [MeetingChannel.MEETING_CHANNEL_COUNTER],
  booker: Booker.BOOKER_ANYBODY,
  needsMandate: false,
  motive: '',
  isUrgent: false,
  reservedPercent: 0,
  reservedUntilHours: 0,
  noticeMinutes: 0,
  horizonDays: 0,
  changeUntilMinutes: 0,
  reminderHours: [],
  holdMinutes: 0,
  keptDays: 0,
  procedure: '',
  evidence: [],
  toBring: [],
  visitMembers: [],
  hubReasons: [],
  callbackMinutes: 0,
  longestSeries: 0,
  isRetired: false,
  ...change,
})

/** Ada's Mondays to Fridays, 9:00 to 12:00, from the test's Monday on. */
export const weekdays = (change: Partial<Schedule> = {}): Schedule => ({
  scheduleId: 'ada-mornings',
  placeId: 'hall',
  practitionerId: 'ada',
  roomId: '',
  serviceTypeIds: ['id-card'],
  channels: [MeetingChannel.MEETING_CHANNEL_COUNTER],
  firstDay: '2026-11-23',
  lastDay: '',
  rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  hours: [{ from: '09:00', to: '12:00' }],
  exceptions: [],
  seats: 1,
  isRetired: false,
  ...change,
})

/** One place, one agent, one service type and one schedule, and what a test wants otherwise. */
export const hallCalendar = (change: Partial<PublishCalendarRequest> = {}): PublishCalendarRequest => ({
  places: [hallPlace()],
  resources: [practitioner()],
  serviceTypes: [serviceType()],
  schedules: [weekdays()],
  closures: [],
  ...change,
})
