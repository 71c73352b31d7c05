import { commonConfig } from '@unefois/chassis/runtime'
import { z } from 'zod'

const { member, logLevel, admin, bus, federation, postgres, seal } = commonConfig

const isLoopback = (url: URL): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
const isSafe = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
}
const safeUrl = z.string().refine(isSafe, 'must be https, or http on the loopback address')
const origin = safeUrl.refine(
  (text) => URL.canParse(text) && new URL(text).origin === text,
  'must be an origin, without a path or a final slash',
)

/** Configuration of one gateway; every secret is a path. Only the portal has a seal and speaks to other members. */
export const gatewayConfig = z
  .strictObject({
    member,
    logLevel,
    admin,
    bus,
    federation,
    postgres,
    seal: seal.optional(),
    /** What this gateway is the door of. */
    kind: z.enum(['agency', 'portal', 'consent-authority']),
    http: z.strictObject({
      host: z.string(),
      port: z.number().int().min(0).max(65535),
      /** Whether a reverse proxy of ours says in X-Forwarded-For who calls. */
      trustProxy: z.boolean().default(false),
    }),
    /** The origin under which people and their browsers know this gateway. */
    publicUrl: origin,
    oidc: z.strictObject({
      issuer: safeUrl,
      clientId: z.string().min(1),
      /** Private JWK (Ed25519 or P-256) for private_key_jwt at the identity provider; signs nothing else. */
      clientKey: z.string(),
    }),
    /** Longest session of a person; it ends no later than the access token behind it. */
    sessionSeconds: z.number().int().min(60).max(43_200).default(1800),
    /** File of 32 bytes: encrypts sessions at rest. Replicas share it. */
    sessionKey: z.string(),
    /** Where events may be delivered to: origins, https or on the loopback address; none: nowhere. */
    webhooks: z.strictObject({ origins: z.array(origin).default([]) }).default({ origins: [] }),
    /** The national hub of town-hall appointments, which asks this agency when somebody can be seen; left out: it does not. */
    hub: z
      .strictObject({
        /** File of the token that the hub shows. */
        tokenFile: z.string(),
      })
      .optional(),
    requestDeadlineMs: z.number().int().min(500).max(60_000).default(5000),
    /** For each client address and replica. */
    requestsPerMinute: z.number().int().min(1).default(600),
  })
  .refine(({ kind, seal }) => (kind === 'portal') === (seal !== undefined), {
    path: ['seal'],
    error: 'the portal needs a seal, and no other gateway may have one',
  })
  .refine(({ kind, bus }) => (kind === 'portal') === (bus.meshCalling !== undefined), {
    path: ['bus', 'meshCalling'],
    error: 'the portal calls other members, and no other gateway does',
  })
  .refine(({ kind, hub }) => hub === undefined || kind === 'agency', {
    path: ['hub'],
    error: 'the national hub asks agencies only',
  })
export type GatewayConfig = z.infer<typeof gatewayConfig>
export type GatewayKind = GatewayConfig['kind']
