import { commonConfig } from '@unefois/chassis/runtime'
import { z } from 'zod'
import { keepers } from './domain/identity-event.js'

const scope = z.string().regex(/^[a-z][a-z0-9:_.-]{0,63}$/)

const client = z.strictObject({
  clientId: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  /** Public key of the client, a JWK with a kid (Ed25519 or P-256). */
  jwk: z.record(z.string(), z.unknown()),
  scopes: z.array(scope),
})

/** An agency's identity service. */
export const identityConfig = z.strictObject({
  ...commonConfig,
  /** Private JWK file; its public half is the member's key of use `token`. */
  tokenKey: z.string(),
  /** The agency's own systems. */
  clients: z.array(client),
  accessTokenSeconds: z.number().int().min(30).max(3600).default(600),
  /** The services of this member that keep pseudonyms: they are told what the identity authority says of people. */
  forwardsTo: z.array(z.enum(keepers)).default([]),
})
export type IdentityConfig = z.infer<typeof identityConfig>

const pseudonymSecret = z.strictObject({
  epoch: z.number().int().min(1).max(999_999),
  /** File of 32 random bytes. */
  file: z.string(),
})

/** The identity authority. */
export const identityAuthorityConfig = z.strictObject({
  ...commonConfig,
  /** Private JWK file; its public half is the authority's key of use `ticket`. */
  ticketKey: z.string(),
  /** During a rotation two: both open. */
  pseudonymSecrets: z
    .array(pseudonymSecret)
    .min(1)
    .max(2)
    .refine((secrets) => new Set(secrets.map(({ epoch }) => epoch)).size === secrets.length, 'an epoch twice'),
  /**
   * The epoch that is issued, by default the highest. A rotation first adds a higher secret while this stays, then moves
   * this once members have moved their pseudonyms, then drops the lower secret.
   */
  currentEpoch: z.number().int().min(1).max(999_999).optional(),
  /** File of 32 random bytes that encrypts the register at rest. */
  registerKey: z.string(),
  /** Countries of birth (COG) of which the register holds everybody; elsewhere fewer given names are never enough. */
  completeForBirthsIn: z.array(z.string().regex(/^99[0-9]{3}$/)).default([]),
  /** How many people a member may ask about each day (UTC), and members with a quota of their own, as while they enrol. */
  pivotsPerDay: z.number().int().min(1).default(5000),
  pivotsPerDayOf: z.record(z.string(), z.number().int().min(0)).default({}),
  loginSeconds: z.number().int().min(60).max(43_200).default(1800),
  ticketSeconds: z.number().int().min(60).max(86_400).default(3600),
})
export type IdentityAuthorityConfig = z.infer<typeof identityAuthorityConfig>
