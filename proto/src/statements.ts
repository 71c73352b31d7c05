/**
 * Statements that two members read alike, each naming one basis id: a notice, an explicit request and a proactive use (signed
 * by the requester's consent service), and a consent artefact (signed by the consent authority for one party). Each has a typ
 * of its own, so that none can serve as another.
 */
import { z } from 'zod'
import type { TokenType } from './token.js'

const seconds = z.number().int().nonnegative()

const notice = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  basis: z.string(),
  purpose: z.string(),
  evidence_types: z.array(z.string()).min(1),
  text_version: z.string(),
  language: z.string(),
  channel: z.enum(['online', 'counter', 'telephone', 'paper']),
  iat: seconds,
})

const explicitRequest = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  basis: z.string(),
  mode: z.literal('explicit-request'),
  purpose: z.string(),
  evidence_types: z.array(z.string()).min(1),
  text_version: z.string(),
  language: z.string(),
  iat: seconds,
})

const proactiveUse = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  basis: z.string(),
  mode: z.literal('proactive'),
  purpose: z.string(),
  evidence_types: z.array(z.string()).min(1),
  /** The requester's own name of the search for rights that this is part of. */
  campaign: z.string(),
  iat: seconds,
})

const artefact = z.strictObject({
  iss: z.string(),
  /** The party that this copy is for. */
  aud: z.string(),
  basis: z.string(),
  requester: z.string(),
  provider: z.string(),
  /** Only in the requester's copy: the id of the consent request that this answers. */
  request: z.string().optional(),
  purpose: z.string(),
  evidence_types: z.array(z.string()).min(1),
  state: z.enum(['given', 'refused', 'withdrawn']),
  /** Of the session in which the person answered. */
  acr: z.string(),
  auth_time: seconds,
  iat: seconds,
  valid_from: seconds,
  valid_until: seconds,
  /** Position in the authority's feed for this party; starts at 1 and has no gaps. */
  position: z.number().int().positive(),
  /** The person, sealed by the identity authority for this party. */
  sealed_subject: z.string(),
})

export type NoticeClaims = z.infer<typeof notice>
export type ExplicitRequestClaims = z.infer<typeof explicitRequest>
export type ProactiveUseClaims = z.infer<typeof proactiveUse>
export type ConsentArtefactClaims = z.infer<typeof artefact>

const readerOf =
  <T>(schema: z.ZodType<T>) =>
  (payload: Readonly<Record<string, unknown>>): T | undefined => {
    const read = schema.safeParse(payload)
    return read.success ? read.data : undefined
  }

/** typ notice+jws; signed by the requester's key of use `statement`. Valid as long as its exchange is asked for. */
export const noticeType: TokenType<NoticeClaims> = {
  typ: 'notice+jws',
  maxBytes: 8 * 1024,
  algorithms: ['EdDSA'],
  isSingleUse: false,
  expires: 'never',
  readClaims: readerOf(notice),
}

/**
 * typ explicit-request+jws; signed by the requester's key of use `statement`: the person asked for this exchange, in a session
 * of their own (Regulation (EU) 2018/1724, article 14).
 */
export const explicitRequestType: TokenType<ExplicitRequestClaims> = {
  ...noticeType,
  typ: 'explicit-request+jws',
  readClaims: readerOf(explicitRequest),
}

/**
 * typ proactive+jws; signed by the requester's key of use `statement`: it searches for a right of a person who asked for
 * nothing and has not opposed (CRPA L114-8 II).
 */
export const proactiveUseType: TokenType<ProactiveUseClaims> = {
  ...noticeType,
  typ: 'proactive+jws',
  readClaims: readerOf(proactiveUse),
}

/** typ consent+jws; signed by the consent authority's key of use `statement`. */
export const consentArtefactType: TokenType<ConsentArtefactClaims> = {
  typ: 'consent+jws',
  maxBytes: 16 * 1024,
  algorithms: ['EdDSA'],
  isSingleUse: false,
  expires: 'never',
  readClaims: readerOf(artefact),
}
