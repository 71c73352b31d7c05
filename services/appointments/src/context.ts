import { readFileSync } from 'node:fs'
import { FileKeys } from '@unefois/chassis/file-keys'
import { readSecretKey } from '@unefois/chassis/keys'
import { type MemberClient, memberClient } from '@unefois/chassis/member-client'
import { type NeighbourClient, neighbourClient } from '@unefois/chassis/neighbour'
import { openRuntime, type Runtime, type RuntimeOverrides } from '@unefois/chassis/runtime'
import { VisitServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { ProcedureServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { Subjects } from '@unefois/subjects/subjects'
import type { AfterFreed } from './booking/freed.js'
import { CalendarBook } from './calendar/book.js'
import type { AppointmentsConfig } from './config.js'
import type { Communes } from './domain/communes.js'
import { type HubCheck, hubCheck } from './hub/check.js'
import { Hub } from './hub/hub.js'
import { type TellHub, tellHub, tellNobody } from './hub/tell-hub.js'
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

/** What an appointments instance works with. An RPC takes the parts that it needs, never the whole. */
export interface AppointmentsContext {
  readonly runtime: Runtime
  readonly publicUrl: string
  readonly calendars: CalendarStore
  /** The calendar in memory, read again when its revision has grown. */
  readonly book: CalendarBook
  readonly openings: Openings
  /** Openings in which searches found nothing, until a chore has looked. */
  readonly fullOpenings: FullOpenings
  readonly claims: Claims
  readonly appointments: Appointments
  readonly bookingLinks: BookingLinks
  readonly protectedSubjects: ProtectedSubjects
  readonly waiting: WaitingList
  readonly tickets: Tickets
  readonly callbacks: Callbacks
  /** Gives what becomes free to who waits for it. */
  readonly afterFreed: AfterFreed
  readonly feeds: Feeds
  /** Absent where this agency takes no part in the national hub, as is whatever only the hub can say. */
  readonly hubCheck: HubCheck | undefined
  readonly tellHub: TellHub
  readonly hub: Hub | undefined
  readonly hubNotices: HubNotices
  readonly fileKeys: FileKeys
  /** Whoever is kept here, by pseudonyms that may change. */
  readonly subjects: Subjects
  readonly communes: Communes
  readonly documents: Pick<NeighbourClient<typeof DocumentsServiceDefinition>, 'requestEvidence'>
  readonly procedures: Pick<NeighbourClient<typeof ProcedureServiceDefinition>, 'getProcedure'>
  /** The appointments service of another member, for visits. */
  readonly visitsOf: (member: string) => MemberClient<typeof VisitServiceDefinition>
}

export const fromConfig = async (
  config: AppointmentsConfig,
  overrides: RuntimeOverrides = {},
): Promise<AppointmentsContext> => {
  const fileKeys = new FileKeys('appointments', readSecretKey(config.keyEncryptionKey))
  const communes = readCommunes(config.communes === undefined ? '{}' : readFileSync(config.communes, 'utf8'))
  const runtime = await openRuntime(config, 'appointments', migrations, overrides)
  const { postgres, member, service, clock, log } = runtime
  const identity = neighbourClient(runtime.bus, IdentityServiceDefinition)
  const calendars = new CalendarStore(postgres)
  const hubNotices = new HubNotices(postgres)
  const protectedSubjects = new ProtectedSubjects(postgres)
  const hub = config.hub && new Hub({ ...config.hub, token: readFileSync(config.hub.tokenFile, 'utf8').trim() })
  const serving = {
    runtime,
    book: new CalendarBook(calendars),
    openings: new Openings(postgres),
    fullOpenings: new FullOpenings(),
    claims: new Claims(postgres),
    appointments: new Appointments({ postgres, fileKeys }),
    waiting: new WaitingList({ postgres, fileKeys }),
  }
  return {
    ...serving,
    publicUrl: config.publicUrl,
    calendars,
    tickets: new Tickets({ postgres, fileKeys }),
    callbacks: new Callbacks({ postgres, fileKeys }),
    bookingLinks: new BookingLinks(postgres),
    protectedSubjects,
    afterFreed: serveFreed(serving),
    feeds: new Feeds(postgres),
    hub,
    hubCheck: hub && hubCheck({ hub, hubNotices, publicUrl: config.publicUrl, clock }),
    tellHub: hub ? tellHub({ notices: hubNotices, protectedSubjects, clock, publicUrl: config.publicUrl }) : tellNobody,
    hubNotices,
    fileKeys,
    communes,
    documents: neighbourClient(runtime.bus, DocumentsServiceDefinition),
    procedures: neighbourClient(runtime.bus, ProcedureServiceDefinition, 'eligibility'),
    visitsOf: (other) => memberClient(runtime, VisitServiceDefinition, other, 'appointments'),
    subjects: new Subjects({
      member,
      service,
      postgres,
      clock,
      log,
      tables: subjectTables,
      lookInto: identity.resolveSubjects,
    }),
  }
}
