import { randomBytes } from 'node:crypto'
import type { Clock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import type { Postgres } from '@unefois/chassis/postgres'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import { EphemeralKeys } from '@unefois/proto/ephemeral-keys'
import type { MemberId } from '@unefois/proto/ids'
import type { AuthorityNeeds } from './authority-context.js'
import { federationFixture, keys, members, startSeconds } from './federation.fixture.js'
import { openSchema } from './postgres.fixture.js'
import { Pseudonyms } from './pseudonyms.js'
import { RegisterKey } from './register-key.js'
import { authorityStores } from './store/authority-stores.js'
import { authorityMigrations } from './store/migrations.js'

export class SettableClock implements Clock {
  seconds = startSeconds
  nowMs(): number {
    return this.seconds * 1000
  }
  monotonicMs(): number {
    return performance.now()
  }
}

export interface AuthorityFixture extends AuthorityNeeds {
  readonly clock: SettableClock
  readonly postgres: Postgres
  readonly secrets: readonly { epoch: number; secret: Buffer }[]
}

/** The identity authority on a schema of its own, without its doors. */
export const openAuthority = async (citizenKeys: readonly object[] = []): Promise<AuthorityFixture> => {
  const postgres = await openSchema(authorityMigrations)
  const registerKey = new RegisterKey(randomBytes(32))
  const secrets = [{ epoch: 1, secret: randomBytes(32) }]
  return {
    postgres,
    secrets,
    clock: new SettableClock(),
    member: members.registry,
    federation: { current: federationFixture(citizenKeys) },
    ticketKey: keys.of(members.registry, 'ticket').privateKey,
    ephemerals: new EphemeralKeys(),
    pseudonyms: new Pseudonyms(secrets),
    loginSeconds: 1800,
    ticketSeconds: 3600,
    stores: authorityStores(postgres, registerKey),
    inTransaction: (work) => postgres.transaction((tx) => work(authorityStores(tx, registerKey))),
  }
}

export const callBy = (caller: Call['caller'], clock: Clock = new SettableClock()): Call => ({
  caller,
  deadline: Deadline.after(10_000, clock),
  door: caller.kind === 'member' ? 'mesh' : 'home',
})

export const callOf = (member: MemberId): Call => callBy({ kind: 'member', member, service: 'identity' })

/** Validates as the chain does, then handles. */
export const ask = async <Req, Res>(rpc: PlainRpc<Req, Res>, request: Req, call: Call): Promise<Res> => {
  rpc.request.parse(request)
  return rpc.handle(request, call)
}
