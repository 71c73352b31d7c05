import { commonConfig } from '@unefois/chassis/runtime'
import { z } from 'zod'

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
  /** The highest epoch is current; during a rotation the one before still opens. */
  pseudonymSecrets: z
    .array(pseudonymSecret)
    .min(1)
    .max(2)
    .refine((secrets) => new Set(secrets.map(({ epoch }) => epoch)).size === secrets.length, 'an epoch twice'),
  /** File of 32 random bytes that encrypts the register at rest. */
  registerKey: z.string(),
  loginSeconds: z.number().int().min(60).max(43_200).default(1800),
  ticketSeconds: z.number().int().min(60).max(86_400).default(3600),
})
export type IdentityAuthorityConfig = z.infer<typeof identityAuthorityConfig>
