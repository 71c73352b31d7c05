import type { Authorisation } from '@unefois/proto/federation-list'
import type { JsonObject } from '@unefois/proto/mask'
import {
  type AskedPredicate,
  answerPredicates,
  type Holding,
  isStale,
  minimised,
  presentFields,
  releasedFields,
} from './evidence.js'
import { nothingReleased, type RecordedOutcome } from './exchange-record.js'
import { longestCollectionMs } from './proactive.js'

/** What a provider may say once every gate has let the request through. */
export type Release =
  | {
      readonly kind: 'released'
      readonly value: JsonObject
      readonly version: number
      readonly asOfMs: number
      readonly fields: readonly string[]
      readonly predicates: readonly { readonly predicate: string; readonly holds: boolean }[]
      readonly keepUntilMs: number
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'pending'; readonly retryAfterMs: number }

/** The end of a retention that starts now; milliseconds since the epoch. */
export const keepUntilMs = (
  { retentionSeconds, mode }: Pick<Authorisation, 'retentionSeconds' | 'mode'>,
  nowMs: number,
): number => {
  const retentionMs = retentionSeconds * 1000
  return Math.floor(nowMs) + (mode === 'proactive' ? Math.min(retentionMs, longestCollectionMs) : retentionMs)
}

/** Freshness, then minimisation: only what is authorised and asked for, of evidence that is fresh enough. */
export const decideRelease = (
  authorisation: Authorisation,
  holding: Holding,
  asked: { readonly fields: readonly string[]; readonly predicates: readonly AskedPredicate[] },
  nowMs: number,
): Release => {
  if (holding.kind === 'later') return { kind: 'pending', retryAfterMs: holding.retryAfterMs }
  if (holding.kind !== 'found') return holding
  const { evidence } = holding
  if (isStale(authorisation, evidence, nowMs)) return { kind: 'stale' }
  const fields = releasedFields(authorisation, asked)
  const value = minimised(evidence, fields)
  const predicates = answerPredicates(authorisation, evidence, asked.predicates)
  if (Object.keys(value).length === 0 && predicates.length === 0) return { kind: 'absent' }
  return {
    kind: 'released',
    value,
    version: evidence.version,
    asOfMs: evidence.asOfMs,
    fields: presentFields(evidence.value, fields),
    predicates,
    keepUntilMs: keepUntilMs(authorisation, nowMs),
  }
}

/** A release as its record tells it. */
export const releaseOutcome = (release: Release): RecordedOutcome =>
  release.kind === 'released'
    ? {
        kind: 'release',
        outcome: 'released',
        reason: 'none',
        fields: release.fields,
        predicates: release.predicates.map(({ predicate }) => predicate),
        evidence_version: release.version,
      }
    : { kind: 'release', outcome: release.kind, reason: 'none', ...nothingReleased }
