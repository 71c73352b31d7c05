import { accessRuleOf, busNameOf, type ServiceDefinition } from '@unefois/chassis/method'
import { homeCalls, meshCalls, type ServiceName } from '@unefois/deploy/sandbox/topology'
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
import { DeliveryServiceDefinition } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
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
import {
  IdentityAuthorityServiceDefinition,
  IdentityServiceDefinition,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import {
  ProtectionAuthorityServiceDefinition,
  ProtectionServiceDefinition,
} from '@unefois/proto/gen/unefois/identity/v1/protection'
import { describe, expect, it } from 'vitest'
import { readSources, type Source } from './sources.js'

// Who may call whom stands in three places that must agree: the broker's permissions (topology), the access rules of the
// contracts, and the clients that the code makes.

const definitions: readonly ServiceDefinition[] = [
  IdentityServiceDefinition,
  IdentityAuthorityServiceDefinition,
  ConsentServiceDefinition,
  ConsentAuthorityServiceDefinition,
  DocumentsServiceDefinition,
  CorrectionServiceDefinition,
  DeclarationServiceDefinition,
  ChangeServiceDefinition,
  EventServiceDefinition,
  ReAskServiceDefinition,
  EligibilityServiceDefinition,
  RuleServiceDefinition,
  ProcedureServiceDefinition,
  ApplicationServiceDefinition,
  DecisionServiceDefinition,
  ReviewServiceDefinition,
  RightsServiceDefinition,
  AppointmentsServiceDefinition,
  CalendarServiceDefinition,
  SlotServiceDefinition,
  WaitingListServiceDefinition,
  WalkInServiceDefinition,
  CallbackServiceDefinition,
  VisitServiceDefinition,
  ProtectionServiceDefinition,
  ProtectionAuthorityServiceDefinition,
]

/** The service that fulfils a contract: another one only where it has several. */
const furtherContracts = new Map<string, string>([
  [CorrectionServiceDefinition.name, 'documents'],
  [DeclarationServiceDefinition.name, 'documents'],
  [ChangeServiceDefinition.name, 'documents'],
  [EventServiceDefinition.name, 'documents'],
  [ReAskServiceDefinition.name, 'documents'],
  [RuleServiceDefinition.name, 'eligibility'],
  [ProcedureServiceDefinition.name, 'eligibility'],
  [ApplicationServiceDefinition.name, 'eligibility'],
  [DecisionServiceDefinition.name, 'eligibility'],
  [ReviewServiceDefinition.name, 'eligibility'],
  [RightsServiceDefinition.name, 'eligibility'],
  [CalendarServiceDefinition.name, 'appointments'],
  [SlotServiceDefinition.name, 'appointments'],
  [WaitingListServiceDefinition.name, 'appointments'],
  [WalkInServiceDefinition.name, 'appointments'],
  [CallbackServiceDefinition.name, 'appointments'],
  [VisitServiceDefinition.name, 'appointments'],
  [ProtectionServiceDefinition.name, 'identity'],
  [ProtectionAuthorityServiceDefinition.name, 'identity-authority'],
])
const serviceOf = (definition: { readonly name: string }): string =>
  furtherContracts.get(definition.name) ?? busNameOf(definition)

/** Calls by RPC inside a member; events travel besides, from outbox to inbox. */
const homeRpcs: Record<ServiceName, readonly string[]> = {
  gateway: ['identity', 'consent', 'consent-authority', 'documents', 'eligibility', 'appointments'],
  documents: ['identity', 'consent'],
  eligibility: ['identity', 'documents', 'consent'],
  appointments: ['identity', 'documents', 'eligibility'],
  consent: ['identity'],
  'consent-authority': ['identity'],
  identity: [],
  'identity-authority': [],
}
const homeEvents = [
  'documents → eligibility',
  'consent → documents',
  'documents → consent',
  'identity → documents',
  'identity → consent',
  'identity → consent-authority',
  'identity → eligibility',
  'identity → appointments',
]

const meshRpcs = [
  'documents → documents',
  'appointments → appointments',
  'identity → identity-authority',
  'consent → consent-authority',
  'gateway → documents',
  'gateway → consent-authority',
]
const meshEvents = [
  'documents → documents',
  'appointments → appointments',
  'consent-authority → consent',
  'consent → consent-authority',
  'identity-authority → identity',
]

const arrows = (graph: Record<string, readonly string[]>): string[] =>
  Object.entries(graph).flatMap(([from, to]) => to.map((each) => `${from} → ${each}`))

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort()

const roleOfFile = (path: string): string | undefined => /^(?:services\/)?([a-z]+)\/src\//.exec(path)?.[1]

/** The clients that a source makes: `neighbourClient(…, XServiceDefinition` and `memberClient(…, XServiceDefinition`. */
const clientsIn = ({ path, text }: Source, kind: 'neighbourClient' | 'memberClient'): string[] =>
  [...text.matchAll(new RegExp(`\\b${kind}\\(\\s*[^,()]+,\\s*([A-Za-z]+)Definition`, 'g'))].map(
    ([, name]) => `${roleOfFile(path)} → ${serviceOf({ name: name ?? '' })}`,
  )

describe('the graph inside a member', () => {
  it('is what the broker permits, with events besides', () => {
    expect(sorted(arrows(homeCalls))).toEqual(sorted([...arrows(homeRpcs), ...homeEvents]))
  })

  it('is what the contracts let neighbours do', () => {
    const inContracts = definitions.flatMap((definition) =>
      Object.values(definition.methods).flatMap((method) =>
        (accessRuleOf(method as never)?.neighbours ?? []).map((from) => `${from} → ${serviceOf(definition)}`),
      ),
    )
    expect(sorted(inContracts).filter((arrow) => !arrows(homeRpcs).includes(arrow))).toEqual([])
  })

  it('is what the code calls', () => {
    const seen = clientsIn(
      { path: 'services/documents/src/a.ts', text: 'neighbourClient(bus, GatewayServiceDefinition)' },
      'neighbourClient',
    )
    expect(seen).toEqual(['documents → gateway'])
    const inCode = readSources()
      .filter(({ path }) => /^(services|gateway)\//.test(path) && !/(test|fixture)\.ts$/.test(path))
      .filter(({ path }) => !path.startsWith('services/chassis/'))
      .flatMap((source) => clientsIn(source, 'neighbourClient'))
    expect(inCode.length).toBeGreaterThan(0)
    expect(sorted(inCode).filter((arrow) => !arrows(homeRpcs).includes(arrow))).toEqual([])
  })
})

describe('the graph between members', () => {
  const permitted = meshCalls.map(({ from, to }) => `${from} → ${to}`)

  it('is what the broker permits, with events besides', () => {
    expect(sorted(permitted)).toEqual(sorted([...meshRpcs, ...meshEvents]))
  })

  it('lets only the portal’s gateway out', () => {
    const fromGateways = meshCalls.filter(({ from }) => from === 'gateway')
    expect(sorted(fromGateways.map(({ fromRole }) => fromRole))).toEqual(['portal'])
  })

  it('is what the contracts let other members do', () => {
    const inContracts = definitions.flatMap((definition) =>
      Object.values(definition.methods).flatMap((method) =>
        (accessRuleOf(method as never)?.memberServices ?? []).map((from) => `${from} → ${serviceOf(definition)}`),
      ),
    )
    expect(sorted(inContracts)).toEqual(sorted(meshRpcs))
    const events = accessRuleOf(DeliveryServiceDefinition.methods.deliver as never)?.memberServices ?? []
    expect(sorted(events)).toEqual(sorted(meshEvents.map((arrow) => arrow.split(' → ')[0] as string)))
  })

  it('is what the code calls', () => {
    const inCode = readSources()
      .filter(({ path }) => /^(services|gateway)\//.test(path) && !/(test|fixture)\.ts$/.test(path))
      .filter(({ path }) => !path.startsWith('services/chassis/'))
      .flatMap((source) => clientsIn(source, 'memberClient'))
    expect(inCode.length).toBeGreaterThan(0)
    expect(sorted(inCode).filter((arrow) => !meshRpcs.includes(arrow))).toEqual([])
  })
})

describe('the contracts', () => {
  it('give every RPC an access rule', () => {
    const without = [...definitions, DeliveryServiceDefinition].flatMap((definition) =>
      Object.values(definition.methods)
        .filter((method) => accessRuleOf(method as never) === undefined)
        .map((method) => `${definition.fullName}/${method.name}`),
    )
    expect(without).toEqual([])
  })
})
