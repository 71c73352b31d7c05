import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { accessTokenVerifier } from '@unefois/chassis/access-token'
import { type Bus, connectBus } from '@unefois/chassis/bus'
import type { Caller } from '@unefois/chassis/caller'
import { type Clock, systemClock } from '@unefois/chassis/clock'
import { FederationCache } from '@unefois/chassis/federation-cache'
import { readPrivateKey } from '@unefois/chassis/keys'
import { createLog, type Log } from '@unefois/chassis/log'
import { type MemberClient, memberClient } from '@unefois/chassis/member-client'
import { migrate } from '@unefois/chassis/migrate'
import { type NeighbourClient, neighbourClient } from '@unefois/chassis/neighbour'
import { Postgres } from '@unefois/chassis/postgres'
import { Seal } from '@unefois/chassis/seal'
import type { Federation } from '@unefois/proto/federation'
import { AppointmentsServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { CalendarServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { SlotServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { VisitServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { WaitingListServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { CallbackServiceDefinition, WalkInServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import {
  ConsentAuthorityServiceDefinition,
  ConsentServiceDefinition,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { EventServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { ChangeServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { CorrectionServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { DeclarationServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { ReAskServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { ApplicationServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { DecisionServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { EligibilityServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { ProcedureServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { ReviewServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/reviews'
import { RightsServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rights'
import { RuleServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { GatewayConfig } from './config.js'
import { openIdSignIn, type SignIn } from './login/sign-in.js'
import { PersonalTickets } from './personal-tickets.js'
import { SessionSecrets } from './session/secrets.js'
import { WebhookCourier } from './webhooks/webhook-courier.js'
import { Webhooks } from './webhooks/webhooks.js'

export type IdentityClient = NeighbourClient<typeof IdentityServiceDefinition>

/** The services of this member that a gateway asks; which of them exist depends on its kind. */
export interface Neighbours {
  readonly identity: IdentityClient
  readonly consent: NeighbourClient<typeof ConsentServiceDefinition>
  readonly documents: NeighbourClient<typeof DocumentsServiceDefinition>
  readonly corrections: NeighbourClient<typeof CorrectionServiceDefinition>
  readonly declarations: NeighbourClient<typeof DeclarationServiceDefinition>
  readonly reAsks: NeighbourClient<typeof ReAskServiceDefinition>
  readonly events: Pick<NeighbourClient<typeof EventServiceDefinition>, 'listEvents'>
  readonly changes: NeighbourClient<typeof ChangeServiceDefinition>
  readonly eligibility: NeighbourClient<typeof EligibilityServiceDefinition>
  readonly rules: NeighbourClient<typeof RuleServiceDefinition>
  readonly procedures: NeighbourClient<typeof ProcedureServiceDefinition>
  readonly applications: NeighbourClient<typeof ApplicationServiceDefinition>
  readonly decisions: NeighbourClient<typeof DecisionServiceDefinition>
  readonly rights: NeighbourClient<typeof RightsServiceDefinition>
  readonly reviews: NeighbourClient<typeof ReviewServiceDefinition>
  readonly appointments: NeighbourClient<typeof AppointmentsServiceDefinition>
  readonly calendar: NeighbourClient<typeof CalendarServiceDefinition>
  readonly slots: NeighbourClient<typeof SlotServiceDefinition>
  readonly waitingList: NeighbourClient<typeof WaitingListServiceDefinition>
  readonly walkIns: NeighbourClient<typeof WalkInServiceDefinition>
  readonly callbacks: NeighbourClient<typeof CallbackServiceDefinition>
  readonly visits: NeighbourClient<typeof VisitServiceDefinition>
  readonly consentAuthority: NeighbourClient<typeof ConsentAuthorityServiceDefinition>
}

/** The services of other members that the portal's gateway asks, under its own seal. */
export interface Members {
  documentsOf(member: string): MemberClient<typeof DocumentsServiceDefinition>
  correctionsOf(member: string): MemberClient<typeof CorrectionServiceDefinition>
  declarationsOf(member: string): MemberClient<typeof DeclarationServiceDefinition>
  consentAuthority(): MemberClient<typeof ConsentAuthorityServiceDefinition>
}

/** What a gateway works with. */
export interface GatewayContext {
  readonly config: GatewayConfig
  readonly clock: Clock
  readonly log: Log
  readonly postgres: Postgres
  readonly federation: { readonly current: Federation }
  readonly neighbours: Neighbours
  readonly members: Members
  readonly tickets: PersonalTickets
  readonly signIn: SignIn
  readonly sessionKey: Buffer
  readonly webhooks: Webhooks
  readonly webhookCourier: WebhookCourier
  /** Who an access token of this member stands for. Errors: TOKEN_*. */
  readonly callerOf: (accessToken: string) => Caller
  isReady(): boolean
  close(): Promise<void>
}

/** What a test may put in the place of the real thing; with a federation, neighbours and callerOf no bus is needed. */
export type GatewayOverrides = Partial<
  Pick<GatewayContext, 'clock' | 'log' | 'federation' | 'neighbours' | 'members' | 'signIn' | 'callerOf'>
>

/** The gateway's own migrations, beside `src` and `dist`. */
const migrations = fileURLToPath(new URL('../migrations', import.meta.url))

const readSessionKey = (path: string): Buffer => {
  const key = readFileSync(path)
  if (key.length !== 32) throw new Error(`${path} has ${key.length} bytes; a key has 32: generate it again`)
  return key
}

const neighboursOn = (bus: Bus): Neighbours => ({
  identity: neighbourClient(bus, IdentityServiceDefinition),
  consent: neighbourClient(bus, ConsentServiceDefinition),
  documents: neighbourClient(bus, DocumentsServiceDefinition),
  corrections: neighbourClient(bus, CorrectionServiceDefinition, 'documents'),
  declarations: neighbourClient(bus, DeclarationServiceDefinition, 'documents'),
  reAsks: neighbourClient(bus, ReAskServiceDefinition, 'documents'),
  events: neighbourClient(bus, EventServiceDefinition, 'documents'),
  changes: neighbourClient(bus, ChangeServiceDefinition, 'documents'),
  eligibility: neighbourClient(bus, EligibilityServiceDefinition),
  rules: neighbourClient(bus, RuleServiceDefinition, 'eligibility'),
  procedures: neighbourClient(bus, ProcedureServiceDefinition, 'eligibility'),
  applications: neighbourClient(bus, ApplicationServiceDefinition, 'eligibility'),
  decisions: neighbourClient(bus, DecisionServiceDefinition, 'eligibility'),
  rights: neighbourClient(bus, RightsServiceDefinition, 'eligibility'),
  reviews: neighbourClient(bus, ReviewServiceDefinition, 'eligibility'),
  appointments: neighbourClient(bus, AppointmentsServiceDefinition),
  calendar: neighbourClient(bus, CalendarServiceDefinition, 'appointments'),
  slots: neighbourClient(bus, SlotServiceDefinition, 'appointments'),
  waitingList: neighbourClient(bus, WaitingListServiceDefinition, 'appointments'),
  walkIns: neighbourClient(bus, WalkInServiceDefinition, 'appointments'),
  callbacks: neighbourClient(bus, CallbackServiceDefinition, 'appointments'),
  visits: neighbourClient(bus, VisitServiceDefinition, 'appointments'),
  consentAuthority: neighbourClient(bus, ConsentAuthorityServiceDefinition),
})

const noMembers: Members = {
  documentsOf: () => {
    throw new Error('only the portal asks other members')
  },
  correctionsOf: () => {
    throw new Error('only the portal asks other members')
  },
  declarationsOf: () => {
    throw new Error('only the portal asks other members')
  },
  consentAuthority: () => {
    throw new Error('only the portal asks other members')
  },
}

const membersOn = (bus: Bus, config: GatewayConfig, federation: FederationCache, clock: Clock, log: Log): Members => {
  if (!config.seal) return noMembers
  const keys = { sign: readPrivateKey(config.seal.signKey), seal: readPrivateKey(config.seal.sealKey) }
  const seal = new Seal({ member: config.member, service: 'gateway', keys, federation, clock })
  const sending = { bus, seal, log }
  return {
    documentsOf: (member) => memberClient(sending, DocumentsServiceDefinition, member),
    correctionsOf: (member) => memberClient(sending, CorrectionServiceDefinition, member, 'documents'),
    declarationsOf: (member) => memberClient(sending, DeclarationServiceDefinition, member, 'documents'),
    consentAuthority: () =>
      memberClient(
        sending,
        ConsentAuthorityServiceDefinition,
        federation.current.memberWithRole('consent-authority').id,
      ),
  }
}

interface Mesh extends Pick<GatewayContext, 'federation' | 'neighbours' | 'members' | 'callerOf' | 'isReady'> {
  close(): Promise<void>
}

const joinMesh = async (config: GatewayConfig, clock: Clock, log: Log): Promise<Mesh> => {
  const federation = await FederationCache.open(config.federation, clock, log)
  const bus = await connectBus(config.bus, config.member, 'gateway', log)
  return {
    federation,
    neighbours: neighboursOn(bus),
    members: membersOn(bus, config, federation, clock, log),
    callerOf: accessTokenVerifier(config.member, federation, clock),
    isReady: () => bus.isConnected() && federation.current !== undefined,
    close: async () => {
      federation.close()
      await bus.close()
    },
  }
}

const givenMesh = ({ federation, neighbours, members, callerOf }: GatewayOverrides): Mesh | undefined =>
  federation && neighbours && callerOf
    ? {
        federation,
        neighbours,
        callerOf,
        members: members ?? noMembers,
        isReady: () => true,
        close: async () => undefined,
      }
    : undefined

/** Opens everything a gateway stands on: database (migrated), federation list, bus, and for the portal its seal. */
export const fromConfig = async (config: GatewayConfig, overrides: GatewayOverrides = {}): Promise<GatewayContext> => {
  const clock = overrides.clock ?? systemClock
  const log = overrides.log ?? createLog({ member: config.member, service: 'gateway' }, config.logLevel)
  const sessionKey = readSessionKey(config.sessionKey)
  const signIn = overrides.signIn ?? openIdSignIn(config)
  const { passwordFile, ...database } = config.postgres
  const postgres = new Postgres({ ...database, password: readFileSync(passwordFile, 'utf8').trim() }, log)
  await migrate(postgres, migrations, 'gateway')
  const { close, isReady, ...mesh } = givenMesh(overrides) ?? (await joinMesh(config, clock, log))
  const webhooks = new Webhooks({ postgres, secrets: new SessionSecrets(sessionKey) })
  const webhookCourier = new WebhookCourier({
    member: config.member,
    origins: config.webhooks.origins,
    webhooks,
    events: mesh.neighbours.events,
    postgres,
    clock,
    log,
  })
  return {
    config,
    clock,
    log,
    postgres,
    signIn,
    tickets: new PersonalTickets({ identity: mesh.neighbours.identity, clock }),
    sessionKey,
    webhooks,
    webhookCourier,
    ...mesh,
    isReady: () => {
      try {
        return isReady()
      } catch {
        return false
      }
    },
    close: async () => {
      await close()
      await postgres.close()
    },
  }
}
