import {
  type Consent,
  ConsentState,
  ExchangeMode,
  type RequestedDisclosure,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import {
  type Access,
  AccessOutcome,
  type Evidence,
  ExchangeSide,
  type OtherRoute,
  RouteCause,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { z } from 'zod'
import type { access, consent, consentState, disclosure, evidence, route } from './schemas.js'

// From the messages of the contracts to what the REST door and the pages show.

export type EvidenceView = z.infer<typeof evidence>
export type AccessView = z.infer<typeof access>
export type ConsentView = z.infer<typeof consent>
export type DisclosureView = z.infer<typeof disclosure>
export type RouteView = z.infer<typeof route>

/** RFC 3339 in UTC. */
export const instantOf = (ms: number): string => new Date(ms).toISOString()

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

const modes: Readonly<Record<number, AccessView['mode']>> = {
  [ExchangeMode.EXCHANGE_MODE_INFORMATION]: 'information',
  [ExchangeMode.EXCHANGE_MODE_CONSENT]: 'consent',
  [ExchangeMode.EXCHANGE_MODE_EXPLICIT_REQUEST]: 'explicit-request',
  [ExchangeMode.EXCHANGE_MODE_PROACTIVE]: 'proactive',
}
const outcomes: Readonly<Record<number, AccessView['outcome']>> = {
  [AccessOutcome.ACCESS_OUTCOME_RELEASED]: 'released',
  [AccessOutcome.ACCESS_OUTCOME_REFUSED]: 'refused',
  [AccessOutcome.ACCESS_OUTCOME_NO_EVIDENCE]: 'no-evidence',
  [AccessOutcome.ACCESS_OUTCOME_UNCONFIRMED]: 'unconfirmed',
  [AccessOutcome.ACCESS_OUTCOME_SUBSCRIBED]: 'subscribed',
  [AccessOutcome.ACCESS_OUTCOME_CHANGE_TOLD]: 'change-told',
  [AccessOutcome.ACCESS_OUTCOME_SUBSCRIPTION_ENDED]: 'subscription-ended',
}
const states: Readonly<Record<number, z.infer<typeof consentState>>> = {
  [ConsentState.CONSENT_STATE_REQUESTED]: 'requested',
  [ConsentState.CONSENT_STATE_GIVEN]: 'given',
  [ConsentState.CONSENT_STATE_REFUSED]: 'refused',
  [ConsentState.CONSENT_STATE_WITHDRAWN]: 'withdrawn',
  [ConsentState.CONSENT_STATE_EXPIRED]: 'expired',
}
const causes: Readonly<Record<number, string>> = {
  [RouteCause.ROUTE_CAUSE_ABSENT]: 'absent',
  [RouteCause.ROUTE_CAUSE_STALE]: 'stale',
  [RouteCause.ROUTE_CAUSE_UNREACHABLE]: 'unreachable',
  [RouteCause.ROUTE_CAUSE_AMBIGUOUS]: 'ambiguous',
}

export const consentStateOf = (state: ConsentState): ConsentView['state'] => states[state] ?? 'unknown'

export const evidenceView = ({ valueJson, version, asOfMs, predicates, keepUntilMs }: Evidence): EvidenceView => ({
  value: parsed(valueJson),
  version,
  asOf: instantOf(asOfMs),
  predicates: predicates.map(({ predicate, holds }) => ({ predicate, holds })),
  keepUntil: instantOf(keepUntilMs),
})

export const otherRouteView = ({ cause, routes }: OtherRoute): { cause: string; routes: RouteView[] } => ({
  cause: causes[cause] ?? 'unknown',
  routes: routes.map(({ kind, textFr, textEn }) => ({ kind, text: { fr: textFr, en: textEn } })),
})

/** One entry of `member`'s own record; `hasProof` where the portal can fetch its proof. */
export const accessView = (member: string, entry: Access, { hasProof }: { hasProof: boolean }): AccessView => {
  const isRequester = entry.side === ExchangeSide.EXCHANGE_SIDE_REQUESTER
  const isProvider = entry.side === ExchangeSide.EXCHANGE_SIDE_PROVIDER
  return {
    member,
    recordId: entry.recordId,
    side: isRequester ? 'requester' : isProvider ? 'provider' : 'unknown',
    requester: isProvider ? entry.counterparty : member,
    provider: isProvider ? member : entry.counterparty,
    purpose: entry.purpose,
    procedure: entry.procedure,
    evidenceType: entry.evidenceType,
    fields: entry.fields,
    predicates: entry.predicates,
    mode: modes[entry.mode] ?? 'none',
    outcome: outcomes[entry.outcome] ?? 'unknown',
    reason: entry.reason,
    at: instantOf(entry.atMs),
    exchangeId: entry.exchangeId,
    proof: hasProof ? proofPath(member, entry.recordId) : '',
  }
}

export const proofPath = (member: string, recordId: string): string =>
  `/v1/me/accesses/${encodeURIComponent(member)}/${encodeURIComponent(recordId)}/proof`

export const disclosureView = (one: RequestedDisclosure): DisclosureView => ({
  provider: one.provider,
  evidenceType: one.evidenceType,
  fields: one.fields,
  predicates: one.predicates,
})

export const consentView = (one: Consent): ConsentView => ({
  id: one.consentId,
  requester: one.requester,
  purpose: one.purpose,
  disclosures: one.disclosures.map(disclosureView),
  state: consentStateOf(one.state),
  validFrom: instantOf(one.validFromMs),
  validUntil: instantOf(one.validUntilMs),
  history: one.events.map(({ state, atMs, actor }) => ({ state: consentStateOf(state), at: instantOf(atMs), actor })),
  withdrawal: one.withdrawalRecordedAtMs ? withdrawalView(one.withdrawalRecordedAtMs, one.withdrawalInForceAtMs) : null,
  receipt: parsed(one.receiptJson),
})

/** When a withdrawal was recorded, and since when it is in force; null while a provider may still release. */
export const withdrawalView = (
  recordedAtMs: number,
  inForceAtMs: number,
): { recordedAt: string; inForceAt: string | null } => ({
  recordedAt: instantOf(recordedAtMs),
  inForceAt: inForceAtMs === 0 ? null : instantOf(inForceAtMs),
})
