import { accessRuleOf, busNameOf, type Method, type ServiceDefinition } from '@unefois/chassis/method'
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
import { EvidenceSourceServiceDefinition } from '@unefois/proto/gen/unefois/source/v1/source'
import { MeshError } from '@unefois/proto/reasons'

/** Every service of the contracts; refusal-coverage.test.ts holds this list against the generated code. */
export const contracts = [
  ConsentServiceDefinition,
  ConsentAuthorityServiceDefinition,
  DeliveryServiceDefinition,
  DocumentsServiceDefinition,
  CorrectionServiceDefinition,
  DeclarationServiceDefinition,
  ReAskServiceDefinition,
  ChangeServiceDefinition,
  EventServiceDefinition,
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
  IdentityServiceDefinition,
  IdentityAuthorityServiceDefinition,
  ProtectionServiceDefinition,
  ProtectionAuthorityServiceDefinition,
  EvidenceSourceServiceDefinition,
] as const

/** Contracts that a service fulfils beside the one named like it; on the bus they share its name. */
const furtherContracts = new Map<unknown, string>([
  [CorrectionServiceDefinition, 'documents'],
  [ProtectionServiceDefinition, 'identity'],
  [ProtectionAuthorityServiceDefinition, 'identity-authority'],
  [DeclarationServiceDefinition, 'documents'],
  [ReAskServiceDefinition, 'documents'],
  [ChangeServiceDefinition, 'documents'],
  [EventServiceDefinition, 'documents'],
  [RuleServiceDefinition, 'eligibility'],
  [ProcedureServiceDefinition, 'eligibility'],
  [ApplicationServiceDefinition, 'eligibility'],
  [ReviewServiceDefinition, 'eligibility'],
  [RightsServiceDefinition, 'eligibility'],
  [DecisionServiceDefinition, 'eligibility'],
  [CalendarServiceDefinition, 'appointments'],
  [SlotServiceDefinition, 'appointments'],
  [WaitingListServiceDefinition, 'appointments'],
  [WalkInServiceDefinition, 'appointments'],
  [CallbackServiceDefinition, 'appointments'],
  [VisitServiceDefinition, 'appointments'],
])

type NamesOf<D> = D extends { readonly fullName: infer F extends string; readonly methods: infer M }
  ? { [K in keyof M]: M[K] extends { readonly name: infer N extends string } ? `${F}/${N}` : never }[keyof M]
  : never

/** The full name of an RPC, as a contract spells it. */
export type RpcName = NamesOf<(typeof contracts)[number]>

export interface Rpc {
  readonly name: RpcName
  readonly definition: ServiceDefinition
  readonly method: Method<never, never>
  /** The service that serves it, by bus name. */
  readonly service: string
}

/** Every RPC that one of our servers answers; an agency's own register is not one of them, and has no access rule. */
export const rpcs: readonly Rpc[] = contracts.flatMap((definition: ServiceDefinition) =>
  Object.values(definition.methods)
    .map((method) => ({
      name: `${definition.fullName}/${method.name}` as RpcName,
      definition,
      method: method as Method<never, never>,
      service: furtherContracts.get(definition) ?? busNameOf(definition),
    }))
    .filter(({ method }) => accessRuleOf(method) !== undefined),
)

/** An RPC by its full name. */
export const rpcOf = (name: RpcName): Rpc => {
  const found = rpcs.find((rpc) => rpc.name === name)
  if (!found) throw new Error(`no server answers ${name}`)
  return found
}

/** What an RPC refused with: its reason, and the facts that go with it. */
export const refused = async (_rpc: RpcName, act: () => Promise<unknown>): Promise<MeshError | undefined> => {
  try {
    await act()
    return undefined
  } catch (thrown) {
    if (thrown instanceof MeshError) return thrown
    throw thrown
  }
}

/** The reason with which an RPC refused, or `nothing`. The name is what refusal-coverage.test.ts counts. */
export const refusalOf = async (rpc: RpcName, act: () => Promise<unknown>): Promise<string> =>
  (await refused(rpc, act))?.reason ?? 'nothing'
