/** Access tokens of one agency (RFC 9068, typ at+jwt): issued by its identity service, valid nowhere else. */
import { z } from 'zod'
import { isSubjectId, type SubjectId } from './ids.js'
import type { TokenType } from './token.js'

const all = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  /** The person's pseudonym at this agency; the client's id when no person is concerned (RFC 9068 section 2.2). */
  sub: z.string(),
  client_id: z.string(),
  jti: z.string(),
  iat: z.number().int(),
  exp: z.number().int(),
  scope: z.string().optional(),
  acr: z.string().optional(),
  auth_time: z.number().int().optional(),
  /** Login handle of the identity authority, opaque here. */
  lgh: z.string().optional(),
})

/** A person comes whole or not at all: half a person would pass for a system. */
const claims = all.refine(({ sub, acr, auth_time, lgh }) => {
  const personal = [acr, auth_time, lgh].filter((claim) => claim !== undefined).length
  return isSubjectId(sub) ? personal === 3 : personal === 0
})

export type AccessTokenClaims = z.infer<typeof claims>

export const accessTokenType: TokenType<AccessTokenClaims> = {
  typ: 'at+jwt',
  maxBytes: 4096,
  algorithms: ['EdDSA'],
  isSingleUse: false,
  expires: 'required',
  maxLifetimeSeconds: 3600,
  readClaims: (payload) => {
    const read = claims.safeParse(payload)
    return read.success ? read.data : undefined
  },
}

/** The person in a token; undefined when it stands for a system. */
export const personOf = (
  token: AccessTokenClaims,
): { subject: SubjectId; acr: string; authTimeSeconds: number; loginHandle: string } | undefined =>
  token.acr !== undefined && token.auth_time !== undefined && token.lgh !== undefined && isSubjectId(token.sub)
    ? { subject: token.sub, acr: token.acr, authTimeSeconds: token.auth_time, loginHandle: token.lgh }
    : undefined
