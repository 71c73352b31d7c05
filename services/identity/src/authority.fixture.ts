import { randomBytes } from 'node:crypto'
import type { Clock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { createLog } from '@unefois/chassis/log'
import { Outbox } from '@unefois/chassis/outbox'
import type { Postgres, Queryable } from '@unefois/chassis/postgres'
import type { Call, EffectRpc, PlainRpc } from '@unefois/chassis/rpc'
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
  readonly outbox: Outbox
  readonly postgres: Postgres
  /** What was logged, line by line. */
  readonly logged: string[]
  readonly secrets: readonly { epoch: number; secret: Buffer }[]
}

/** The identity authority on a schema of its own, without its doors. */
export const openAuthority = async (citizenKeys: readonly object[] = []): Promise<AuthorityFixture> => {
  const postgres = await openSchema(authorityMigrations)
  const registerKey = new RegisterKey(randomBytes(32))
  const storesOn = (db: Queryable) => authorityStores(db, registerKey)
  const logged: string[] = []
  const log = createLog({ member: members.registry, service: 'identity-authority' }, 'info', {
    write: (line) => logged.push(line),
  })
  const clock = new SettableClock()
  const secrets = [{ epoch: 1, secret: randomBytes(32) }]
  return {
    postgres,
    secrets,
    clock,
    member: members.registry,
    federation: { current: federationFixture(citizenKeys) },
    ticketKey: keys.of(members.registry, 'ticket').privateKey,
    ephemerals: new EphemeralKeys(),
    pseudonyms: new Pseudonyms(secrets),
    coverage: ['99100'],
    log,
    logged,
    quotaOf: () => 1000,
    loginSeconds: 1800,
    ticketSeconds: 3600,
    stores: storesOn(postgres),
    storesOn,
    outbox: new Outbox(postgres, clock, log),
    protectionMarks: registerKey,
    inTransaction: (work) => postgres.transaction((tx) => work(storesOn(tx), tx)),
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

/** Validates as the chain does, then applies in one transaction. */
export const apply = async <Req, Res>(
  { postgres }: Pick<AuthorityFixture, 'postgres'>,
  rpc: EffectRpc<Req, Res>,
  request: Req,
  call: Call,
): Promise<Res> => {
  rpc.request.parse(request)
  return postgres.transaction((tx) => rpc.effect(request, call, tx))
}
