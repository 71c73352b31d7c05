import { readFileSync } from 'node:fs'
import { isMemberId, type MemberId } from '@unefois/proto/ids'
import type { ReplayStore } from '@unefois/proto/token'
import { z } from 'zod'
import { acceptedOnce } from './accepted-once.js'
import { type Bus, busConfig, connectBus } from './bus.js'
import { type Clock, systemClock } from './clock.js'
import { FederationCache, federationConfig } from './federation-cache.js'
import { Idempotency } from './idempotency.js'
import { derivedKey, readPrivateKey } from './keys.js'
import { createLog, type Log } from './log.js'
import { migrate } from './migrate.js'
import { Outbox } from './outbox.js'
import { Postgres } from './postgres.js'
import { type MessageSeal, Seal } from './seal.js'

/** What every service is configured with; a service spreads it into its own schema. */
export const commonConfig = {
  member: z.string().refine(isMemberId, 'not a member id') as unknown as z.ZodType<MemberId>,
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  grpc: z.strictObject({
    host: z.string(),
    port: z.number().int().min(0).max(65535),
    certificate: z.string(),
    key: z.string(),
  }),
  /** Where /livez, /readyz and /metrics are served, for the platform alone. */
  admin: z.strictObject({ host: z.string(), port: z.number().int().min(0).max(65535) }),
  bus: busConfig,
  federation: federationConfig,
  postgres: z.strictObject({
    host: z.string(),
    port: z.number().int(),
    database: z.string(),
    user: z.string(),
    passwordFile: z.string(),
    schema: z.string().regex(/^[a-z][a-z0-9_]*$/),
    poolSize: z.number().int().min(2).default(8),
  }),
  /** The service's own keys for sealed messages, private JWK files. */
  seal: z.strictObject({ signKey: z.string(), sealKey: z.string() }),
}
const commonSchema = z.object(commonConfig)
export type CommonConfig = z.infer<typeof commonSchema>

/** How long a service that ends still waits for the events that it is carrying. */
const longestCarryMs = 1000

/** What every service has at hand once it is open. */
export interface Runtime {
  readonly member: MemberId
  /** The service's bus name. */
  readonly service: string
  readonly clock: Clock
  readonly log: Log
  readonly postgres: Postgres
  readonly federation: FederationCache
  readonly bus: Bus
  readonly seal: MessageSeal
  readonly idempotency: Idempotency
  readonly replay: ReplayStore
  readonly outbox: Outbox
  close(): Promise<void>
}

/** What a test or a benchmark may put in the place of the real thing. */
export interface RuntimeOverrides {
  readonly clock?: Clock
  readonly seal?: MessageSeal
}

/** Opens everything a service stands on: database (migrated), federation list, bus, keys. */
export const openRuntime = async (
  config: CommonConfig,
  service: string,
  migrations: string,
  overrides: RuntimeOverrides = {},
): Promise<Runtime> => {
  const clock = overrides.clock ?? systemClock
  const log = createLog({ member: config.member, service }, config.logLevel)
  const { passwordFile, ...database } = config.postgres
  const postgres = new Postgres({ ...database, password: readFileSync(passwordFile, 'utf8').trim() }, log)
  const applied = await migrate(postgres, migrations, service)
  if (applied.length > 0) log.info({ migrations: applied }, 'the schema was brought up to date')
  const federation = await FederationCache.open(config.federation, clock, log)
  const bus = await connectBus(config.bus, config.member, service, log)
  const replay = acceptedOnce(postgres)
  const keys = { sign: readPrivateKey(config.seal.signKey), seal: readPrivateKey(config.seal.sealKey) }
  const outbox = new Outbox(postgres, clock, log)
  return {
    member: config.member,
    service,
    clock,
    log,
    postgres,
    federation,
    bus,
    replay,
    outbox,
    seal: overrides.seal ?? new Seal({ member: config.member, service, keys, federation, clock }),
    idempotency: new Idempotency(postgres, clock, derivedKey(keys.seal, 'answers')),
    close: async () => {
      // An event under way to a receiver that hangs is given up with the bus; it waits in its table, and is carried again.
      const carried = outbox.stop()
      await Promise.race([carried, new Promise((resolve) => setTimeout(resolve, longestCarryMs).unref())])
      federation.close()
      await bus.close()
      await carried
      await postgres.close()
    },
  }
}
