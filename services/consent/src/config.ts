import { commonConfig } from '@unefois/chassis/runtime'
import { z } from 'zod'

const statementKey = z.string()

/** Configuration of one member's consent instance; every secret is a path. */
export const consentConfig = z.strictObject({
  ...commonConfig,
  /** Ed25519 private JWK of use `statement`: signs notices. */
  statementKey,
})
export type ConsentConfig = z.infer<typeof consentConfig>

/** Configuration of the consent authority; every secret is a path. */
export const consentAuthorityConfig = z.strictObject({
  ...commonConfig,
  /** Ed25519 private JWK of use `statement`: signs consent artefacts. */
  statementKey,
  /** Origin of the authority's own gateway, where a person answers a request. */
  publicUrl: z.string().refine((url) => URL.canParse(url) && new URL(url).origin === url, 'not an origin'),
  /** Length of a lease, and so the longest time between a withdrawal recorded and in force. */
  leaseMs: z.number().int().min(1000).max(60_000).default(10_000),
  /** How long a request waits for its answer. */
  requestMinutes: z.number().int().min(1).max(1440).default(60),
})
export type ConsentAuthorityConfig = z.infer<typeof consentAuthorityConfig>
