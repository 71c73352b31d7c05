import type { Federation } from '@unefois/proto/federation'
import type { RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type PreviewOwed, previewAddress } from '../preview-address.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { basisId, evidence, fieldPath, memberId, name, route, subjectId } from './schemas.js'
import { evidenceView, otherRouteView } from './views.js'

const outcome = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('evidence'), exchangeId: z.string(), evidence }),
  z.strictObject({ outcome: z.literal('pending'), exchangeId: z.string(), retryAfterSeconds: z.number().int() }),
  z.strictObject({
    outcome: z.literal('other-route'),
    exchangeId: z.string(),
    cause: z.string(),
    routes: z.array(route),
  }),
])
export type ExchangeOutcome = z.infer<typeof outcome>

/** The three answers of an exchange: evidence, later, or another route. */
export const exchangeOutcome = ({ exchangeId, outcome: given }: RequestEvidenceResponse): ExchangeOutcome => {
  switch (given?.$case) {
    case 'evidence':
      return { outcome: 'evidence', exchangeId, evidence: evidenceView(given.value) }
    case 'pending':
      return { outcome: 'pending', exchangeId, retryAfterSeconds: Math.ceil(given.value.retryAfterMs / 1000) }
    case 'otherRoute':
      return { outcome: 'other-route', exchangeId, ...otherRouteView(given.value) }
    case undefined:
      throw new MeshError('INTERNAL', { cause: 'an exchange was answered without an outcome' })
  }
}

/** Where the person sees first what would be released is a fact of that refusal. */
const withPreviewAddress = (thrown: unknown, federation: Federation, owed: PreviewOwed): unknown => {
  if (!(thrown instanceof MeshError) || thrown.reason !== 'PREVIEW_REQUIRED') return thrown
  const address = previewAddress(federation, owed)
  if (address === undefined) return thrown
  return new MeshError('PREVIEW_REQUIRED', { facts: { ...thrown.facts, preview_url: address } })
}

export const requestEvidence = operation({
  id: 'requestEvidence',
  method: 'POST',
  path: '/v1/exchanges',
  summary: 'Asks another agency for evidence; absent, late or unreachable is an answer with another route',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId.optional(),
    provider: memberId,
    evidenceType: name,
    purpose: name,
    procedure: z.string().min(1).max(100),
    basisId,
    fields: z.array(fieldPath).max(200).default([]).meta({ description: 'None: all that the authorisation lists.' }),
    predicates: z
      .array(z.strictObject({ predicate: name, argumentSubject: subjectId.optional() }))
      .max(20)
      .default([]),
  }),
  responses: {
    201: { description: 'Answered: evidence, or another route.', schema: outcome },
    202: { description: 'The provider will know later; see Retry-After.', schema: outcome },
  },
  refusals: [
    'PURPOSE_NOT_AUTHORISED',
    'FIELD_NOT_AUTHORISED',
    'NOTICE_REQUIRED',
    'NOTICE_MISMATCH',
    'STATEMENT_REQUIRED',
    'STATEMENT_MISMATCH',
    'PREVIEW_REQUIRED',
    'PREVIEW_DECLINED',
    'ASSURANCE_TOO_LOW',
    'OPPOSITION_STANDS',
    'CONSENT_REQUIRED',
    'CONSENT_MISMATCH',
    'CONSENT_EXPIRED',
    'CONSENT_REVOKED',
    'REVOCATION_FEED_STALE',
    'PREDICATE_LIMIT_REACHED',
    'CALLER_NOT_ALLOWED',
  ],
  handle: async ({ body, caller, deadline, accessToken, idempotencyKey }, context) => {
    const { neighbours, federation, config } = context
    const predicates = body.predicates.map(({ predicate, argumentSubject = '' }) => ({ predicate, argumentSubject }))
    const answer = await neighbours.documents
      .requestEvidence(
        { ...body, predicates, subject: concernedSubject(body.subject, caller()) },
        { deadline, accessToken, idempotencyKey },
      )
      .catch((thrown) => {
        throw withPreviewAddress(thrown, federation.current, { ...body, requester: config.member })
      })
    const shown = exchangeOutcome(answer)
    const location = `/v1/exchanges/${encodeURIComponent(shown.exchangeId)}`
    return shown.outcome === 'pending'
      ? { status: 202, headers: { location, 'retry-after': String(shown.retryAfterSeconds) }, body: shown }
      : { status: 201, headers: { location }, body: shown }
  },
})
