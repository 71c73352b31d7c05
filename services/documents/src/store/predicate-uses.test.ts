import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database.fixture.js'
import { members, person, startMs } from '../federation.fixture.js'
import { countPredicateUses, dayOf, type PredicateUse } from './predicate-uses.js'

let database: Database
beforeAll(async () => {
  database = await openDatabase()
})
afterAll(() => database.drop())

const use = (given: Partial<PredicateUse> = {}): PredicateUse => ({
  subject: person('ada'),
  requester: members.requester,
  predicates: ['low-income'],
  day: dayOf(startMs),
  mostPerDay: 2,
  ...given,
})
const count = (...uses: (PredicateUse | undefined)[]) =>
  database.postgres.transaction((tx) => countPredicateUses(tx, uses))

describe('the limit on predicates', () => {
  it('refuses the use after the last one allowed, and those after it', async () => {
    const subject = person('asked-often')
    for (const isTooMany of [false, false, true, true]) expect(await count(use({ subject }))).toEqual([isTooMany])
  })

  it('lets the first of one batch through and refuses the rest', async () => {
    const subject = person('batch')
    const uses = Array.from({ length: 4 }, () => use({ subject }))
    expect(await count(undefined, ...uses)).toEqual([false, false, false, true, true])
  })

  it('counts a predicate that is asked twice in one request as two', async () => {
    const subject = person('twice')
    expect(await count(use({ subject, predicates: ['low-income', 'low-income', 'child-of'] }))).toEqual([false])
    expect(await count(use({ subject }), use({ subject, predicates: ['child-of'] }))).toEqual([true, false])
  })

  it('counts each person, requester, predicate and day for itself', async () => {
    const full = use({ subject: person('counted') })
    await count(full, full)
    const others = [
      use({ subject: person('somebody') }),
      { ...full, requester: members.stranger },
      { ...full, predicates: ['child-of'] },
      { ...full, day: dayOf(startMs + 86_400_000) },
    ]
    expect(await count(...others, full)).toEqual([false, false, false, false, true])
  })

  it('is the same however the uses are batched, also between processes', async () => {
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }), async (batches) => {
        const subject = person(`round${round++}`)
        const one = () => use({ subject, mostPerDay: 6 })
        const counted = await Promise.all(batches.map((size) => count(...Array.from({ length: size }, one))))
        const asked = batches.reduce((sum, size) => sum + size, 0)
        expect(counted.flat().filter((isTooMany) => !isTooMany)).toHaveLength(Math.min(6, asked))
      }),
      { numRuns: 25 },
    )
  })
})
