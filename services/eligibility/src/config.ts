import { commonConfig } from '@unefois/chassis/runtime'
import { z } from 'zod'

/** Configuration of one eligibility instance; every secret is a path. */
export const eligibilityConfig = z.strictObject({
  ...commonConfig,
  /** Ed25519 private JWK of use `decision`: signs receipts, attestations and decisions. */
  decisionKey: z.string(),
  /** File of 32 bytes: wraps the keys of applications and decision files. */
  keyEncryptionKey: z.string(),
})
export type EligibilityConfig = z.infer<typeof eligibilityConfig>
