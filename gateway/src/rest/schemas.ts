import { isBasisId, isMemberId, isSubjectId } from '@unefois/proto/ids'
import { type Reason, reasons } from '@unefois/proto/reasons'
import { z } from 'zod'

// Documented shapes of the REST door. Names are those of GLOSSARY.md in camelCase; instants are RFC 3339 in UTC.

export const bilingual = z.strictObject({ fr: z.string(), en: z.string() })
export const instant = z.string().meta({ format: 'date-time' })
export const memberId = z.string().max(40).refine(isMemberId, 'not a member id').meta({ description: 'A member id.' })
export const subjectId = z
  .string()
  .max(64)
  .refine(isSubjectId, 'not a pseudonym')
  .meta({ description: 'This agency’s own pseudonym of the person; a person’s own token implies it.' })
export const basisId = z.string().max(40).refine(isBasisId, 'not a basis id').meta({ description: 'A basis id.' })
export const name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z][a-z0-9-]*$/)
/** Whether a text could be the name of something in a contract. */
export const isName = (text: string): boolean => name.safeParse(text).success
export const opaqueId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21-\x7e]+$/)
export const fieldPath = z.string().min(1).max(200)

export const problem = z
  .strictObject({
    type: z.string().meta({ description: 'urn:unefois:reason:<reason>' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    next: z.string().meta({ description: 'What to do next.' }),
    reason: z.enum(Object.keys(reasons) as [Reason, ...Reason[]]),
    facts: z.record(z.string(), z.string()),
    traceId: z.string(),
  })
  .meta({ id: 'Problem', description: 'A refusal (RFC 9457).' })

export const route = z.strictObject({ kind: z.string(), text: bilingual })

export const evidence = z.strictObject({
  value: z.unknown().meta({ description: 'The released fields only.' }),
  version: z.number().int(),
  asOf: instant,
  predicates: z.array(z.strictObject({ predicate: z.string(), holds: z.boolean() })),
  keepUntil: instant,
})

export const access = z.strictObject({
  member: z.string().meta({ description: 'The agency whose record this is.' }),
  recordId: z.string(),
  side: z.enum(['requester', 'provider', 'unknown']),
  requester: z.string(),
  provider: z.string(),
  purpose: z.string(),
  procedure: z.string(),
  evidenceType: z.string(),
  fields: z.array(z.string()),
  predicates: z.array(z.string()),
  mode: z.enum(['information', 'consent', 'explicit-request', 'proactive', 'none']),
  outcome: z
    .enum([
      ...['released', 'refused', 'no-evidence', 'unconfirmed', 'unknown'],
      ...['subscribed', 'change-told', 'subscription-ended'],
    ] as const)
    .meta({
      description: 'The last three: who asked is told when this evidence changes, was told so, or is told no more.',
    }),
  reason: z.string().meta({ description: 'Of a refusal, from the closed list; empty otherwise.' }),
  at: instant,
  exchangeId: z.string(),
  proof: z.string().meta({ description: 'Path of the proof of this record; empty outside the portal.' }),
})

export const disclosure = z.strictObject({
  provider: z.string(),
  evidenceType: z.string(),
  fields: z.array(z.string()),
  predicates: z.array(z.string()),
})

export const consentState = z.enum(['requested', 'given', 'refused', 'withdrawn', 'expired', 'unknown'])

export const consent = z.strictObject({
  id: z.string(),
  requester: z.string(),
  purpose: z.string(),
  disclosures: z.array(disclosure),
  state: consentState,
  validFrom: instant,
  validUntil: instant,
  history: z.array(z.strictObject({ state: consentState, at: instant, actor: z.string() })),
  withdrawal: z
    .strictObject({ recordedAt: instant, inForceAt: instant.nullable() })
    .nullable()
    .meta({ description: 'When it was recorded, and since when no release can commit.' }),
  receipt: z.unknown().meta({ description: 'ISO/IEC TS 27560 consent record.' }),
})
