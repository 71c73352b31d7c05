import type { Clock } from '@unefois/chassis/clock'
import { readPrivateKey } from '@unefois/chassis/keys'
import { openRuntime, type Runtime, type RuntimeOverrides } from '@unefois/chassis/runtime'
import type { MemberId } from '@unefois/proto/ids'
import { type PrivateKey, registerPublicKey } from '@unefois/proto/keys'
import type { ReplayStore } from '@unefois/proto/token'
import { type AuthorityClient, authorityClient } from './authority-client.js'
import type { IdentityConfig } from './config.js'
import type { Keeper } from './domain/identity-event.js'
import type { Client } from './rpc/issue-token.js'
import { agencyMigrations } from './store/migrations.js'

/** What an agency's identity service works with. An RPC takes the parts that it needs, never the whole. */
export interface IdentityContext {
  readonly runtime: Runtime
  readonly member: MemberId
  readonly clock: Clock
  readonly replay: ReplayStore
  readonly clients: ReadonlyMap<string, Client>
  readonly tokenKey: PrivateKey
  readonly accessTokenSeconds: number
  readonly authority: AuthorityClient
  readonly forwardsTo: readonly Keeper[]
}

const clientsOf = (config: IdentityConfig): ReadonlyMap<string, Client> =>
  new Map(config.clients.map(({ clientId, jwk, scopes }) => [clientId, { key: registerPublicKey(jwk), scopes }]))

export const fromConfig = async (
  config: IdentityConfig,
  overrides: RuntimeOverrides = {},
): Promise<IdentityContext> => {
  // Before anything is opened, so that a wrong key leaves nothing behind.
  const clients = clientsOf(config)
  const tokenKey = readPrivateKey(config.tokenKey)
  const runtime = await openRuntime(config, 'identity', agencyMigrations, overrides)
  const { member, clock, replay } = runtime
  const { accessTokenSeconds, forwardsTo } = config
  const authority = authorityClient(runtime)
  return { runtime, member, clock, replay, clients, tokenKey, accessTokenSeconds, authority, forwardsTo }
}
