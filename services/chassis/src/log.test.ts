import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readableLog } from './contract.fixture.js'
import { openSchema, type TestSchema } from './postgres.fixture.js'

let schema: TestSchema
beforeAll(async () => {
  schema = await openSchema()
  await schema.postgres.query('CREATE TABLE person (name text PRIMARY KEY, born date CHECK (born > $$1900-01-01$$))')
})
afterAll(() => schema.close())

const secret = 'Jeanne Dupont'
const failureOf = async (sql: string, ...values: unknown[]): Promise<unknown> => {
  const query = () => schema.postgres.query(sql, values)
  await query().catch(() => undefined)
  return query().catch((error) => error)
}

describe('the log', () => {
  it.each<[string, string, unknown[], string]>([
    ['a row that is there already', 'INSERT INTO person (name) VALUES ($1)', [secret], '23505'],
    ['a row that breaks a rule', 'INSERT INTO person VALUES ($1, $2)', [`${secret} 2`, '1800-01-01'], '23514'],
    ['a value that cannot be read', 'SELECT $1::text::date', [secret], '22007'],
    ['a statement that is wrong', `SELECT 1 FROM person WHERE name = '${secret}' AND`, [], '42601'],
  ])('repeats nothing of %s that the database repeats', async (_, sql, values, code) => {
    const { log, text } = readableLog()
    const err = await failureOf(sql, ...values)
    log.error({ err }, 'failed')
    log.info({ err: new MeshError('INTERNAL', { cause: err }) }, 'failed')
    expect(text()).toContain(code)
    expect(text()).not.toMatch(/Dupont|1800/)
  })

  it.each<[string, () => unknown]>([
    ['text that is not JSON', () => JSON.parse(secret)],
    [
      'what a foreign server tells',
      () => {
        throw Object.assign(new Error(`5 NOT_FOUND: ${secret}`), { code: 5, details: secret })
      },
    ],
    [
      'a thrown value that is no error',
      () => {
        throw secret
      },
    ],
    [
      'a property of an error',
      () => {
        throw Object.assign(new Error('failed'), { row: { name: secret } })
      },
    ],
  ])('repeats nothing of %s', (_, work) => {
    const { log, text } = readableLog()
    try {
      work()
    } catch (err) {
      log.error({ err }, 'failed')
      log.error({ err: new Error('outer', { cause: err }) }, 'failed')
    }
    expect(text()).toContain('failed')
    expect(text()).not.toMatch(/Jean|Dupont/)
  })

  it.each(['subject', 'sub', 'pivot', 'token', 'authorization', 'value', 'valueJson', 'password', 'loginHandle'])(
    'leaves out what a caller lets slip as %s, by name or one level down',
    (key) => {
      const { log, text } = readableLog()
      log.info({ [key]: secret, request: { [key]: secret }, kept: 'kept' }, 'slipped')
      log.child({ part: 'x' }).info({ [key]: secret }, 'slipped')
      expect(text()).toContain('kept')
      expect(text()).not.toContain('Dupont')
    },
  )

  it('says of our own errors what failed and where', () => {
    const { log, lines } = readableLog()
    log.warn({ err: new MeshError('UNAVAILABLE', { cause: new Error('port 1') }) }, 'failed')
    expect(lines()).toMatchObject([
      {
        member: 'test',
        service: 'test',
        err: { type: 'MeshError', reason: 'UNAVAILABLE', cause: { message: 'port 1' } },
      },
    ])
    expect(JSON.stringify(lines())).toContain('log.test.ts')
  })
})
