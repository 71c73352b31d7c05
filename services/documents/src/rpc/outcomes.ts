import type { EvidenceType } from '@unefois/proto/federation-list'
import { type Evidence, type OtherRoute, RouteCause } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { Release } from '../domain/release.js'

const causes = {
  absent: RouteCause.ROUTE_CAUSE_ABSENT,
  stale: RouteCause.ROUTE_CAUSE_STALE,
  unreachable: RouteCause.ROUTE_CAUSE_UNREACHABLE,
  ambiguous: RouteCause.ROUTE_CAUSE_AMBIGUOUS,
} as const
export type NoEvidence = keyof typeof causes

/** A cause as another member gave it; one that this version does not know is as good as no answer. */
export const causeOf = (cause: RouteCause): NoEvidence =>
  (Object.keys(causes) as NoEvidence[]).find((each) => causes[each] === cause) ?? 'unreachable'

/** Why there is no evidence, with the ways on that the federation's data names for this type. */
export const otherRoute = (cause: NoEvidence, type: EvidenceType): OtherRoute => ({
  cause: causes[cause],
  routes: type.routes.map(({ kind, text }) => ({ kind, textFr: text.fr, textEn: text.en })),
})

/** A release as it travels. */
export const releasedEvidence = (release: Release & { kind: 'released' }): Evidence => ({
  valueJson: JSON.stringify(release.value),
  version: release.version,
  asOfMs: release.asOfMs,
  predicates: release.predicates.map(({ predicate, holds }) => ({ predicate, holds })),
  keepUntilMs: release.keepUntilMs,
})
