import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Postgres, Transaction } from './postgres.js'

/** The tables that each service has for idempotency, replay, outbox and inbox; applied before the service's own. */
export const chassisMigrations = fileURLToPath(new URL('../migrations', import.meta.url))

interface Migration {
  readonly name: string
  readonly sql: string
  readonly sha256: string
}

const readFolder = (folder: string, prefix: string): Migration[] =>
  readdirSync(folder)
    // A service without tables of its own keeps its empty folder under version control.
    .filter((file) => file !== '.gitkeep')
    .sort()
    .map((file) => {
      if (!/^\d{4}-[a-z0-9-]+\.sql$/.test(file)) throw new Error(`${join(folder, file)} is not named NNNN-noun.sql`)
      const sql = readFileSync(join(folder, file), 'utf8')
      return { name: `${prefix}/${file}`, sql, sha256: createHash('sha256').update(sql).digest('hex') }
    })

const applyMissing = async (tx: Transaction, migrations: Migration[]): Promise<string[]> => {
  await tx.query('SELECT pg_advisory_xact_lock(hashtext(current_schema()))')
  await tx.query(
    `CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  )
  const { rows } = await tx.query<{ name: string; sha256: string }>('SELECT name, sha256 FROM migration')
  const applied = new Map(rows.map((row) => [row.name, row.sha256]))
  const done: string[] = []
  for (const migration of migrations) {
    const known = applied.get(migration.name)
    if (known === migration.sha256) continue
    if (known !== undefined)
      throw new Error(`${migration.name} was changed after it was applied: restore the file, and add a new one`)
    await tx.query(migration.sql)
    await tx.query('INSERT INTO migration (name, sha256) VALUES ($1, $2)', [migration.name, migration.sha256])
    done.push(migration.name)
  }
  return done
}

/** Brings the service's schema up to date, forward only; replicas that start together apply each migration once. */
export const migrate = async (postgres: Postgres, serviceMigrations: string, service: string): Promise<string[]> =>
  postgres.transaction((tx) =>
    applyMissing(tx, [...readFolder(chassisMigrations, 'chassis'), ...readFolder(serviceMigrations, service)]),
  )
