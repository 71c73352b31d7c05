import type { Clock } from '@unefois/chassis/clock'
import { createLog } from '@unefois/chassis/log'
import { migrate } from '@unefois/chassis/migrate'
import { Outbox } from '@unefois/chassis/outbox'
import { Postgres } from '@unefois/chassis/postgres'
import { MeshError } from '@unefois/proto/reasons'
import { Subjects } from '@unefois/subjects/subjects'
import type { SubjectTable } from '@unefois/subjects/tables'
import { inject } from 'vitest'
import { startSeconds } from './federation.fixture.js'

export const silent = createLog({ member: 'fixture', service: 'fixture' }, 'silent')

/** A clock that moves only when told. */
export class ClockFixture implements Clock {
  #nowMs = startSeconds * 1000
  nowMs(): number {
    return this.#nowMs
  }
  monotonicMs(): number {
    return this.#nowMs
  }
  advance(ms: number): void {
    this.#nowMs += ms
  }
}

/** A schema of its own in the run's PostgreSQL, migrated. */
export const openDatabase = async (schema: string, migrations: string): Promise<Postgres> => {
  const { host, port, user, password, database } = inject('postgres')
  const config = { host, port, user, password, database, schema, poolSize: 8 }
  const postgres = new Postgres(config, silent)
  await postgres.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  await postgres.query(`CREATE SCHEMA ${schema}`)
  await migrate(postgres, migrations, 'consent')
  return postgres
}

/** An event as it waits in the outbox. */
export interface QueuedRow {
  readonly receiver: string
  readonly topic: string
  readonly type: string
  readonly data: Buffer
}

/** What waits in the outbox, in order. */
export const queued = async (postgres: Postgres, receiver?: string): Promise<QueuedRow[]> => {
  const { rows } = await postgres.query<QueuedRow>('SELECT receiver, topic, type, data FROM outbox ORDER BY id')
  return receiver === undefined ? rows : rows.filter((row) => row.receiver === receiver)
}

export const outboxOf = (postgres: Postgres, clock: Clock): Outbox => new Outbox(postgres, clock, silent)

/** Whoever is kept in these tables; nobody can be asked about another epoch. */
export const subjectsOf = (postgres: Postgres, clock: Clock, tables: readonly SubjectTable[]): Subjects =>
  new Subjects({
    member: 'fixture',
    service: 'fixture',
    postgres,
    clock,
    log: silent,
    tables,
    lookInto: () => Promise.reject(new MeshError('UNAVAILABLE')),
  })
