/**
 * What an agency states of an application, and of its decision on it, for anybody to verify offline with the federation list: an
 * acknowledgement, an attestation of acceptance by silence, and a decision (each signed by the agency's key of use `decision`);
 * and what an agent signs with their own key before it becomes a decision. Each has a typ of its own, so that none can serve as
 * another. Receipt and attestation name no person: who shows one to somebody shows no pseudonym with it.
 */
import { z } from 'zod'
import type { TokenType } from './token.js'

const seconds = z.number().int().nonnegative()
const milliseconds = z.number().int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const bilingual = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) })
/** YYYY-MM-DD, in Europe/Paris. */
const day = z.iso.date()

const silence = z.strictObject({
  means: z.enum(['acceptance', 'rejection', 'none']),
  due_day: day.optional(),
  is_waiting: z.boolean(),
  reference: z.string(),
})

/** What can be done against a decision, and within how long. */
const remedy = z.strictObject({
  title: bilingual,
  count: z.number().int().positive(),
  unit: z.enum(['days', 'weeks', 'months']),
  is_mandatory_first: z.boolean(),
  reference: z.string().min(1),
})
/** The same with its last day, once there is one. */
const openRemedy = z.strictObject({ ...remedy.shape, last_day: day.optional() })

const receipt = z.strictObject({
  iss: z.string(),
  application: z.string().min(1),
  procedure: z.string().min(1),
  /** Of the procedure's source as it was in force at the deposit. */
  procedure_sha256: sha256,
  received_at_ms: milliseconds,
  service: bilingual,
  address: z.string().min(1),
  telephone: z.string().min(1),
  /** As it was known when the receipt was made. */
  silence,
  remedies: z.array(openRemedy),
  is_attestable: z.boolean(),
  missing_fields: z.array(z.string()),
  missing_until_day: day.optional(),
  iat: seconds,
})

const attestation = z.strictObject({
  iss: z.string(),
  application: z.string().min(1),
  procedure: z.string().min(1),
  procedure_sha256: sha256,
  accepted_day: day,
  deposited_at_ms: milliseconds,
  service: bilingual,
  /** The text by which silence accepts. */
  reference: z.string().min(1),
  iat: seconds,
})

const statement = z.strictObject({
  /** The agency that decides. */
  iss: z.string(),
  /** The person, by the agency's own pseudonym. */
  sub: z.string().min(1),
  /** When it was prepared. */
  iat: seconds,
  /** A UUID in its one spelling of RFC 9562, section 4: two would be one decision in a database, and two in a file. */
  decision: z.uuid().regex(/^[^A-Z]*$/),
  application: z.string().min(1),
  /** The state of the file that was read. */
  revision: z.number().int().positive(),
  appealed_decision: z.string().min(1).optional(),
  /** Where it comes in the place of another decision: the review that it ends, and the reassessment that was read. */
  review: z.strictObject({ id: z.uuid(), replaces: z.uuid(), reassessed_at_ms: milliseconds }).optional(),
  procedure: z.string().min(1),
  procedure_sha256: sha256,
  /** Where a rule took part: the release, and what it finds. */
  release_sha256: sha256.optional(),
  finding: z.enum(['yes', 'no', 'unknown']).optional(),
  outcome: z.enum(['granted', 'partly-granted', 'refused']),
  reasons: z.string(),
  gives: z.string(),
  from_day: day.optional(),
  to_day: day.optional(),
  remedies: z.array(remedy),
  /** Of the notice; of reasons and gifts as far as the agent knows. */
  language: z.enum(['fr', 'en']),
  /** The notice of CRPA L311-3-1, where a rule took part. */
  algorithm_notice: z.string().min(1).optional(),
  /** Absent where the procedure decides favourably by itself. */
  delegation: z.string().min(1).optional(),
  /** The capacity alone where a reason of safety keeps the agent unnamed; the agency knows them by the delegation. */
  agent: z
    .strictObject({
      id: z.string(),
      first_name: z.string(),
      last_name: z.string(),
      capacity: z.string().min(1),
      is_unnamed: z.boolean(),
    })
    .optional(),
})

const decision = z.strictObject({
  iss: z.string(),
  statement,
  /** The agent's own signature of the statement, a compact JWS; absent where nobody needed to sign. */
  signature: z.string().min(1).optional(),
  issued_at_ms: milliseconds,
  /** Those of the statement, with their last days. */
  remedies: z.array(openRemedy),
  iat: seconds,
})

export type ApplicationReceiptClaims = z.infer<typeof receipt>
export type AcceptanceAttestationClaims = z.infer<typeof attestation>
export type DecisionStatement = z.infer<typeof statement>
export type DecisionClaims = z.infer<typeof decision>

const readerOf =
  <T>(schema: z.ZodType<T>) =>
  (payload: Readonly<Record<string, unknown>>): T | undefined => {
    const read = schema.safeParse(payload)
    return read.success ? read.data : undefined
  }

/** typ application-receipt+jws; signed by the agency's key of use `decision` (CRPA L112-11, R112-5, R112-11-1). */
export const applicationReceiptType: TokenType<ApplicationReceiptClaims> = {
  typ: 'application-receipt+jws',
  maxBytes: 64 * 1024,
  algorithms: ['EdDSA'],
  isSingleUse: false,
  expires: 'never',
  readClaims: readerOf(receipt),
}

/** typ acceptance-attestation+jws; signed by the agency's key of use `decision` (CRPA L232-3). */
export const acceptanceAttestationType: TokenType<AcceptanceAttestationClaims> = {
  ...applicationReceiptType,
  typ: 'acceptance-attestation+jws',
  readClaims: readerOf(attestation),
}

/**
 * typ decision-signature+jws; signed by the agent's own Ed25519 key, which a delegation of the agency names and the federation
 * list does not. Its payload is the RFC 8785 form of the statement.
 */
export const decisionSignatureType: TokenType<DecisionStatement> = {
  ...applicationReceiptType,
  typ: 'decision-signature+jws',
  readClaims: readerOf(statement),
}

/** typ decision+jws; signed by the agency's key of use `decision`. */
export const decisionType: TokenType<DecisionClaims> = {
  ...applicationReceiptType,
  typ: 'decision+jws',
  // Reasons of 8,000 characters stand in it twice: once in clear, and once in what the agent signed.
  maxBytes: 192 * 1024,
  readClaims: readerOf(decision),
}
