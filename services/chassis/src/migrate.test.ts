import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from './migrate.js'
import { emptySchema } from './postgres.fixture.js'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})
const folderWith = (files: Record<string, string>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'unefois-migrations-'))
  folders.push(folder)
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql)
  return folder
}

let schema: Awaited<ReturnType<typeof emptySchema>>
beforeEach(async () => {
  schema = await emptySchema()
})
afterEach(() => schema.close())
const tables = async (): Promise<string[]> =>
  (
    await schema.postgres.query<{ tablename: string }>(
      'SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename',
    )
  ).rows.map(({ tablename }) => tablename)

const first = { '0001-thing.sql': 'CREATE TABLE thing (id int); INSERT INTO thing VALUES (1)' }

describe('migrate', () => {
  it('refuses a migration that was changed after it was applied, and applies nothing after it', async () => {
    await migrate(schema.postgres, folderWith(first), 'svc')
    const changed = folderWith({
      '0001-thing.sql': 'CREATE TABLE other (id int)',
      '0002-more.sql': 'CREATE TABLE more ()',
    })
    await expect(migrate(schema.postgres, changed, 'svc')).rejects.toThrow(
      /svc\/0001-thing\.sql was changed after it was applied: restore the file/,
    )
    expect(await tables()).not.toContain('more')
  })

  it.each(['2-thing.sql', '0002_thing.sql', '0002-Thing.sql', 'notes.txt'])(
    'refuses a folder with %s, which it would otherwise never apply',
    async (name) => {
      const folder = folderWith({ ...first, [name]: 'SELECT 1' })
      await expect(migrate(schema.postgres, folder, 'svc')).rejects.toThrow(name)
      expect(await tables()).toEqual([])
    },
  )

  it('applies all or nothing', async () => {
    const folder = folderWith({ ...first, '0002-broken.sql': 'CREATE TABLE broken (id nonsense)' })
    await expect(migrate(schema.postgres, folder, 'svc')).rejects.toThrow('nonsense')
    expect(await tables()).toEqual([])
  })

  it('does nothing the second time', async () => {
    const folder = folderWith(first)
    expect(await migrate(schema.postgres, folder, 'svc')).toContain('svc/0001-thing.sql')
    expect(await migrate(schema.postgres, folder, 'svc')).toEqual([])
    expect((await schema.postgres.query('SELECT id FROM thing')).rowCount).toBe(1)
  })

  it("applies the chassis' own before the service's, in the order of their numbers", async () => {
    const folder = folderWith({
      '0010-late.sql': 'ALTER TABLE early ADD b int',
      '0002-early.sql': 'CREATE TABLE early (id bigint REFERENCES outbox)',
    })
    expect(await migrate(schema.postgres, folder, 'svc')).toEqual([
      'chassis/0001-messages.sql',
      'chassis/0002-subjects.sql',
      'chassis/0003-added-subjects.sql',
      'chassis/0004-carried-positions.sql',
      'svc/0002-early.sql',
      'svc/0010-late.sql',
    ])
  })

  it('applies once when replicas start together', async () => {
    const folder = folderWith(first)
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(schema.open(), folder, 'svc')))
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1)
    expect((await schema.postgres.query('SELECT id FROM thing')).rowCount).toBe(1)
  })
})
