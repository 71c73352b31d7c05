import type { Postgres } from '@unefois/chassis/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../database.fixture.js'
import { drawPositions, recordLease } from './feeds.js'
import { authorityMigrations } from './migrations.js'

let postgres: Postgres
beforeAll(async () => {
  postgres = await openDatabase('consent_feeds', authorityMigrations)
})
afterAll(() => postgres.close())

const draw = (party: string, count = 1, role: 'provider' | 'requester' = 'provider') =>
  postgres.transaction((tx) => drawPositions(tx, party, count, role))

describe('the positions of a feed', () => {
  it('have no gap and no double when drawn at the same time, some of them taken back', async () => {
    const drawn = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        postgres
          .transaction(async (tx) => {
            const { first } = await drawPositions(tx, 'busy', 1 + (index % 3), 'requester')
            if (index % 4 === 0) throw new Error('taken back')
            return Array.from({ length: 1 + (index % 3) }, (_, offset) => first + offset)
          })
          .catch(() => []),
      ),
    )
    const positions = drawn.flat().sort((a, b) => a - b)
    expect(positions.length).toBeGreaterThan(40)
    expect(positions).toEqual(positions.map((_, index) => index + 1))
  })

  it('demand of a lease only what concerns a provider', async () => {
    await draw('both', 2, 'requester')
    expect(await recordLease(postgres, 'both', 1)).toBe(0)
    await draw('both', 1, 'provider')
    expect(await recordLease(postgres, 'both', 1)).toBe(3)
    await draw('both', 4, 'requester')
    expect(await recordLease(postgres, 'both', 1)).toBe(3)
  })
})

describe('a lease', () => {
  it('demands nothing of a party that was never told anything', async () => {
    expect(await recordLease(postgres, 'fresh', 5)).toBe(0)
    expect(await draw('fresh')).toEqual({ first: 1, leaseEndsAtMs: 5 })
  })

  it('never shortens an earlier one', async () => {
    await recordLease(postgres, 'long', 50)
    await recordLease(postgres, 'long', 20)
    expect((await draw('long')).leaseEndsAtMs).toBe(50)
  })

  it('asked for while a position is drawn waits, and then demands that position', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let isDrawn = (): void => undefined
    const drawn = new Promise<void>((resolve) => {
      isDrawn = resolve
    })
    const withdrawal = postgres.transaction(async (tx) => {
      const position = await drawPositions(tx, 'race', 1, 'provider')
      isDrawn()
      await held
      return position
    })
    await drawn
    const lease = recordLease(postgres, 'race', 99)
    const isWaiting = `SELECT 1 FROM pg_stat_activity
                       WHERE application_name = 'unefois-consent_feeds' AND wait_event_type = 'Lock'`
    while ((await postgres.query(isWaiting)).rowCount === 0) await new Promise(setImmediate)
    release()
    expect((await withdrawal).leaseEndsAtMs).toBeUndefined()
    expect(await lease).toBe(1)
  })
})
