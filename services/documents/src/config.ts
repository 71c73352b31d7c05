import { commonConfig } from '@unefois/chassis/runtime'
import { z } from 'zod'

/** Configuration of one documents instance; every secret is a path. */
export const documentsConfig = z.strictObject({
  ...commonConfig,
  /** Ed25519 private JWK of use `log`: signs the heads of the exchange log. */
  logKey: z.string(),
  /** File of 32 bytes: encrypts exchange records at rest. */
  recordKey: z.string(),
  /** File of 32 bytes: wraps the keys of subjects. */
  keyEncryptionKey: z.string(),
  /** Folder of `<evidence type>.json`, JSON Schemas whose hashes the federation list names. */
  schemas: z.string(),
  /** Evidence types that stay in the agency's own register, by the address of its EvidenceSource. */
  sources: z.record(z.string(), z.strictObject({ address: z.string(), authority: z.string() })).default({}),
  /** How long a change waits for others before subscribers are told of them all at once; milliseconds. */
  changesSettleMs: z.number().int().min(0).max(3_600_000).default(60_000),
  /** For how long an opposition to a proactive use is kept: 12 to 24 months (CRPA R114-9-7). */
  oppositionMonths: z.number().int().min(12).max(24).default(24),
})
export type DocumentsConfig = z.infer<typeof documentsConfig>
