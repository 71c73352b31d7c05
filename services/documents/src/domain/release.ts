import type { Authorisation } from '@unefois/proto/federation'
import type { JsonObject } from '@unefois/proto/mask'
import { type AskedPredicate, answerPredicates, type Holding, isStale, minimised, releasedFields } from './evidence.js'

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
  | { readonly kind: 'stale' }
  | { readonly kind: 'pending'; readonly retryAfterMs: number }

/** Freshness, then minimisation: only what is authorised and asked for, of evidence that is fresh enough. */
export const decideRelease = (
  authorisation: Authorisation,
  holding: Holding,
  asked: { readonly fields: readonly string[]; readonly predicates: readonly AskedPredicate[] },
  nowMs: number,
): Release => {
  if (holding.kind === 'absent') return { kind: 'absent' }
  if (holding.kind === 'later') return { kind: 'pending', retryAfterMs: holding.retryAfterMs }
  const { evidence } = holding
  if (isStale(authorisation, evidence, nowMs)) return { kind: 'stale' }
  const fields = releasedFields(authorisation, asked.fields, asked.predicates)
  return {
    kind: 'released',
    value: minimised(evidence, fields),
    version: evidence.version,
    asOfMs: evidence.asOfMs,
    fields,
    predicates: answerPredicates(authorisation, evidence, asked.predicates),
    keepUntilMs: Math.floor(nowMs) + authorisation.retentionSeconds * 1000,
  }
}
