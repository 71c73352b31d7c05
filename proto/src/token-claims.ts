import { MeshError } from './reasons.js'

/** The claims of RFC 7519 §4.1 that every verification judges; times in seconds since 1970. `sub` is left to each type. */
export interface RegisteredClaims {
  readonly iss: string
  readonly aud?: string | readonly string[]
  readonly jti?: string
  readonly iat: number
  readonly exp?: number
  readonly nbf?: number
}

export interface ClaimRules {
  /** Required unless said otherwise; a type that never expires refuses an `exp`. */
  readonly expires?: 'required' | 'never'
  readonly isSingleUse: boolean
  readonly maxLifetimeSeconds?: number
  /** Only for tokens of the outside world: `aud` may be a list that contains us. */
  readonly allowsManyAudiences?: boolean
}

export interface ClaimExpectations {
  /** The audience that must be named; left out, a token that names any is refused (RFC 7519 §4.1.3). */
  readonly audience?: string
  readonly nowSeconds: number
  /** Tolerated difference between two clocks, 0 to 60 (the default). */
  readonly skewSeconds?: number
}

const invalid = (claim: string) => new MeshError('TOKEN_CLAIMS_INVALID', { facts: { claim } })

/**
 * The registered claims of a payload whose signature was verified. Throws TOKEN_CLAIMS_INVALID with the fact `claim`,
 * TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_AUDIENCE_WRONG; RangeError for a skew beyond 60 s.
 */
export const readRegisteredClaims = (
  payload: Readonly<Record<string, unknown>>,
  rules: ClaimRules,
  expected: ClaimExpectations,
): RegisteredClaims => {
  const skewSeconds = skewOf(expected)
  const { iss, iat } = payload
  if (typeof iss !== 'string') throw invalid('iss')
  if (!isNumericDate(iat)) throw invalid('iat')
  const jti = readJti(payload.jti, rules)
  const exp = readExp(payload.exp, iat, rules)
  const nbf = payload.nbf
  if (nbf !== undefined && !isNumericDate(nbf)) throw invalid('nbf')
  const aud = readAudience(payload.aud, rules, expected.audience)
  if (Math.max(iat, nbf ?? 0) > expected.nowSeconds + skewSeconds) throw new MeshError('TOKEN_NOT_YET_VALID')
  if (exp !== undefined && exp + skewSeconds <= expected.nowSeconds) throw new MeshError('TOKEN_EXPIRED')
  return {
    iss,
    iat,
    ...(aud !== undefined && { aud }),
    ...(jti !== undefined && { jti }),
    ...(exp !== undefined && { exp }),
    ...(nbf !== undefined && { nbf }),
  }
}

/** The skew in force, in seconds. Throws RangeError beyond 60 s, or when there is no clock to hold it against. */
export const skewOf = ({ nowSeconds, skewSeconds = 60 }: ClaimExpectations): number => {
  if (!Number.isFinite(nowSeconds)) throw new RangeError('nowSeconds must be a number of seconds')
  if (!(skewSeconds >= 0 && skewSeconds <= 60)) throw new RangeError('skewSeconds must be between 0 and 60')
  return skewSeconds
}

const isNumericDate = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER

const readJti = (jti: unknown, { isSingleUse }: ClaimRules): string | undefined => {
  if (jti === undefined && !isSingleUse) return undefined
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) throw invalid('jti')
  return jti
}

const readExp = (
  exp: unknown,
  iat: number,
  { expires = 'required', maxLifetimeSeconds }: ClaimRules,
): number | undefined => {
  if (expires === 'never') {
    if (exp !== undefined) throw invalid('exp')
    return undefined
  }
  if (!isNumericDate(exp) || exp <= iat) throw invalid('exp')
  if (maxLifetimeSeconds !== undefined && exp - iat > maxLifetimeSeconds) throw invalid('exp')
  return exp
}

const readAudience = (
  aud: unknown,
  { allowsManyAudiences = false }: ClaimRules,
  audience: string | undefined,
): string | readonly string[] | undefined => {
  if (aud === undefined && audience === undefined) return undefined
  if (typeof aud === 'string') {
    if (aud !== audience) throw new MeshError('TOKEN_AUDIENCE_WRONG')
    return aud
  }
  if (aud === undefined) throw new MeshError('TOKEN_AUDIENCE_WRONG')
  if (!allowsManyAudiences || !isTexts(aud)) throw invalid('aud')
  if (audience === undefined || !aud.includes(audience)) throw new MeshError('TOKEN_AUDIENCE_WRONG')
  return aud
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
