import { commonConfig } from '@unefois/chassis/runtime'
import { z } from 'zod'

/** Configuration of one appointments instance; every secret is a path. */
export const appointmentsConfig = z.strictObject({
  ...commonConfig,
  /** File of 32 bytes: wraps the keys of appointments. */
  keyEncryptionKey: z.string(),
  /** Public origin of this member's gateway, for the addresses in messages and calendars. */
  publicUrl: z.url(),
  /** JSON file of communes: INSEE code → { name, latitude, longitude } of the centre (WGS 84). Without it nobody searches by distance. */
  communes: z.string().optional(),
  /** The national hub of town-hall appointments, where this agency takes part in it. */
  hub: z
    .strictObject({
      url: z.url(),
      /** File of the token that this agency shows to the hub. */
      tokenFile: z.string(),
      timeoutMs: z.number().int().min(100).max(10_000).default(4000),
    })
    .optional(),
})
export type AppointmentsConfig = z.infer<typeof appointmentsConfig>
