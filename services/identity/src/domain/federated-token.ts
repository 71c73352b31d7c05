import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { TokenType } from '@unefois/proto/token'

const levels = ['eidas1', 'eidas2', 'eidas3'] as const
/** Assurance levels of FranceConnect (eIDAS low, substantial, high). */
export type Acr = (typeof levels)[number]

/** What an identity provider says of a person who logged in (OpenID Connect Core, FranceConnect's claims). */
export interface FederatedIdentity {
  readonly iss: string
  readonly sub: string
  readonly acr: Acr
  /** Seconds. */
  readonly auth_time: number
  readonly pivot: PivotIdentity
}

const clockSkewSeconds = 60
const birthdate = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 500
const isPlace = (value: unknown): value is string => typeof value === 'string' && /^([0-9AB]{5})?$/.test(value)
const isAcr = (value: unknown): value is Acr => levels.some((level) => level === value)
const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const readPivot = ({
  given_name,
  family_name,
  birthdate: born,
  gender,
  birthplace = '',
  birthcountry,
  preferred_username,
}: Readonly<Record<string, unknown>>): PivotIdentity | undefined =>
  isText(given_name) &&
  isText(family_name) &&
  isText(born) &&
  birthdate.test(born) &&
  (gender === 'male' || gender === 'female') &&
  isPlace(birthplace) &&
  isPlace(birthcountry)
    ? {
        givenName: given_name,
        familyName: family_name,
        birthdate: born,
        gender,
        birthplace,
        birthcountry,
        ...(isText(preferred_username) && { preferredUsername: preferred_username }),
      }
    : undefined

/** An ID token of a federated provider; reusable until it expires, because a gateway may exchange it again. */
export const federatedToken: TokenType<FederatedIdentity> = {
  typ: ['JWT', null],
  maxBytes: 16 * 1024,
  algorithms: ['EdDSA', 'ES256', 'RS256'],
  isSingleUse: false,
  expires: 'required',
  allowsManyAudiences: true,
  readClaims: (payload) => {
    const { iss, sub, acr, auth_time, iat } = payload
    const pivot = readPivot(payload)
    return isText(iss) &&
      isText(sub) &&
      isAcr(acr) &&
      isSeconds(auth_time) &&
      isSeconds(iat) &&
      auth_time <= iat + clockSkewSeconds &&
      pivot !== undefined
      ? { iss, sub, acr, auth_time, pivot }
      : undefined
  },
}

/** A provider is believed up to the level that the federation accepts of it, however high it claims. */
export const capAcr = (acr: Acr, maximum: Acr): Acr => (levels.indexOf(acr) > levels.indexOf(maximum) ? maximum : acr)
