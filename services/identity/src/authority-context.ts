import { readFileSync } from 'node:fs'
import type { Clock } from '@unefois/chassis/clock'
import { readPrivateKey } from '@unefois/chassis/keys'
import type { Log } from '@unefois/chassis/log'
import type { Outbox } from '@unefois/chassis/outbox'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { openRuntime, type Runtime, type RuntimeOverrides } from '@unefois/chassis/runtime'
import { EphemeralKeys } from '@unefois/proto/ephemeral-keys'
import type { Federation } from '@unefois/proto/federation'
import type { MemberId } from '@unefois/proto/ids'
import type { PrivateKey } from '@unefois/proto/keys'
import type { IdentityAuthorityConfig } from './config.js'
import type { Coverage } from './domain/matching.js'
import { Pseudonyms } from './pseudonyms.js'
import { RegisterKey } from './register-key.js'
import { type AuthorityStores, authorityStores } from './store/authority-stores.js'
import { authorityMigrations } from './store/migrations.js'

/** What the RPCs of the identity authority work with, each with the parts that it needs. */
export interface AuthorityNeeds {
  readonly member: MemberId
  readonly clock: Clock
  readonly federation: { readonly current: Federation }
  readonly ticketKey: PrivateKey
  readonly ephemerals: EphemeralKeys
  readonly pseudonyms: Pseudonyms
  readonly coverage: Coverage
  readonly quotaOf: (member: string) => number
  readonly log: Log
  readonly loginSeconds: number
  readonly ticketSeconds: number
  readonly stores: AuthorityStores
  readonly inTransaction: <T>(work: (stores: AuthorityStores, tx: Transaction) => Promise<T>) => Promise<T>
  readonly outbox: Pick<Outbox, 'add' | 'wake'>
  /** Draws what each member is told in the place of a protection's id. */
  readonly protectionMarks: Pick<RegisterKey, 'protectionMark'>
  /** The stores on the transaction of an effect. */
  readonly storesOn: (tx: Transaction) => AuthorityStores
}

const readSecret = (path: string): Buffer => {
  const secret = readFileSync(path)
  if (secret.length !== 32) throw new Error(`${path} has ${secret.length} bytes; a secret has 32: restore its backup`)
  return secret
}

export const authorityFromConfig = async (
  config: IdentityAuthorityConfig,
  overrides: RuntimeOverrides = {},
): Promise<AuthorityNeeds & { readonly runtime: Runtime }> => {
  // Before anything is opened, so that a wrong key leaves nothing behind.
  const ticketKey = readPrivateKey(config.ticketKey)
  const registerKey = new RegisterKey(readSecret(config.registerKey))
  const secrets = config.pseudonymSecrets.map(({ epoch, file }) => ({ epoch, secret: readSecret(file) }))
  const pseudonyms = new Pseudonyms(secrets, config.currentEpoch)
  const runtime = await openRuntime(config, 'identity-authority', authorityMigrations, overrides)
  const { member, clock, federation, log, postgres } = runtime
  const storesOn = (db: Queryable): AuthorityStores => authorityStores(db, registerKey)
  return {
    runtime,
    member,
    clock,
    federation,
    ticketKey,
    ephemerals: new EphemeralKeys(),
    pseudonyms,
    coverage: config.completeForBirthsIn,
    loginSeconds: config.loginSeconds,
    ticketSeconds: config.ticketSeconds,
    log,
    quotaOf: (of) => config.pivotsPerDayOf[of] ?? config.pivotsPerDay,
    stores: storesOn(postgres),
    storesOn,
    outbox: runtime.outbox,
    protectionMarks: registerKey,
    inTransaction: (work) => postgres.transaction((tx) => work(storesOn(tx), tx)),
  }
}
