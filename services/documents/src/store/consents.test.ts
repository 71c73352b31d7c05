import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database.fixture.js'
import { basis, members, startSeconds } from '../federation.fixture.js'
import { consent } from '../record.fixture.js'
import { feedPosition, putConsent, putFeedPosition, readConsents } from './consents.js'

let database: Database
beforeAll(async () => {
  database = await openDatabase()
})
afterAll(() => database.drop())

/** Something that a test lets happen. */
const signal = () => {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

const put = (...states: Parameters<typeof consent>) =>
  database.postgres.transaction((tx) => putConsent(tx, consent(...states)))
const read = async (id: string) => (await readConsents(database.postgres, [id], 'no lock')).get(id)

describe('a stored consent', () => {
  it('stays withdrawn when an older message says that it was given', async () => {
    const basisId = basis('withdrawn-first')
    await put({ basisId, revokedAtSeconds: startSeconds + 5 })
    await put({ basisId })
    expect((await read(basisId))?.revokedAtSeconds).toBe(startSeconds + 5)
  })

  it('keeps the moment of its first withdrawal', async () => {
    const basisId = basis('withdrawn-twice')
    await put({ basisId })
    await put({ basisId, revokedAtSeconds: startSeconds + 5 })
    await put({ basisId, revokedAtSeconds: startSeconds + 9 })
    expect((await read(basisId))?.revokedAtSeconds).toBe(startSeconds + 5)
  })

  it('is read as it was told, and only under its own basis', async () => {
    const given = consent({ basisId: basis('given') })
    await put(given)
    expect(await read(basis('given'))).toEqual(given)
    expect(await read(basis('unknown'))).toBeUndefined()
  })
})

describe('a consent whose withdrawal waits for a release', () => {
  it('is not given to a release that came later', async () => {
    const basisId = basis('queued')
    await put({ basisId })
    const { postgres } = database
    const waiting = async () => {
      const { rows } = await postgres.query<{ n: number }>(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      return rows[0]?.n
    }
    const release = signal()
    const locked = signal()
    const first = postgres.transaction(async (tx) => {
      await readConsents(tx, [basisId], 'lock')
      locked.resolve()
      await release.promise
    })
    await locked.promise
    const withdrawal = put({ basisId, revokedAtSeconds: startSeconds })
    await expect.poll(waiting).toBe(1)
    let isRead = false
    const second = postgres.transaction(async (tx) => {
      const consents = await readConsents(tx, [basisId], 'lock')
      isRead = true
      return consents.get(basisId)
    })
    await expect.poll(async () => isRead || (await waiting()) === 2).toBe(true)
    release.resolve()
    expect((await second)?.revokedAtSeconds).toBe(startSeconds)
    await Promise.all([first, withdrawal])
  })
})

describe('the position of the feed', () => {
  it('is 0 before anything was applied, never goes back, and is kept for each authority', async () => {
    const at = () => feedPosition(database.postgres, members.consents)
    const put = (position: number) =>
      database.postgres.transaction((tx) => putFeedPosition(tx, members.consents, position))
    expect(await at()).toBe(0)
    await put(7)
    await put(3)
    expect(await at()).toBe(7)
    expect(await feedPosition(database.postgres, members.stranger)).toBe(0)
  })
})
