import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { apart, inOneTransaction, type JointStatement, jointLock, jointly, jointRead, jointWrite } from './joint.js'
import { deferred, openSchema, type TestSchema } from './postgres.fixture.js'
import type { Transaction } from './postgres.js'

let schema: TestSchema
beforeAll(async () => {
  schema = await openSchema()
  await schema.postgres.query('CREATE TABLE written (word text CHECK (word <> $$unlucky$$))')
})
afterAll(() => schema.close())
beforeEach(() => schema.postgres.query('TRUNCATE written'))

/** How many words were asked for at once, each time. */
let sizes: number[] = []
beforeEach(() => {
  sizes = []
})
const length = jointRead<string, number>(async (db, words) => {
  sizes.push(words.length)
  const { rows } = await db.query<{ length: number }>('SELECT length(word) FROM unnest($1::text[]) AS word', [words])
  return rows.map((row) => row.length)
})
const write = jointWrite<string, void>(async (db, words) => {
  await db.query('INSERT INTO written SELECT unnest($1::text[])', [words])
  return words.map(() => undefined)
})
const written = async (): Promise<string[]> =>
  (await schema.postgres.query<{ word: string }>('SELECT word FROM written ORDER BY word')).rows.map(({ word }) => word)

type Work = (tx: Transaction) => Promise<unknown>
const together = (...works: Work[]) => schema.postgres.transaction((tx) => inOneTransaction(tx, works))
const writing =
  (word: string): Work =>
  async (tx) => {
    await jointly(tx, write, word)
    return word
  }

describe('in one transaction', () => {
  it('whoever asks for what others do not runs apart, and the others go on', async () => {
    const alone: Work = async (tx) => tx.query('SELECT 1')
    expect(await together(alone, writing('one'))).toEqual([apart, 'one'])
    expect(await written()).toEqual(['one'])
  })

  it('whoever is refused before they wrote runs apart, and the others go on', async () => {
    const refused: Work = async (tx) => {
      await jointly(tx, length, 'four')
      throw new Error('refused')
    }
    expect(await together(writing('one'), refused)).toEqual(['one', apart])
    expect(await written()).toEqual(['one'])
  })

  it('whoever is refused after they wrote undoes the whole', async () => {
    const late: Work = async (tx) => {
      await writing('two')(tx)
      throw new Error('refused')
    }
    await expect(together(writing('one'), late)).rejects.toThrow('undone')
    expect(await written()).toEqual([])
  })

  it('whoever goes on after they had to leave is not believed', async () => {
    const stubborn: Work = async (tx) => tx.query('SELECT 1').catch(() => 'as if nothing had been')
    expect(await together(stubborn)).toEqual([apart])
    const writes: Work = async (tx) => {
      await stubborn(tx)
      await writing('two')(tx)
    }
    expect(await together(writes, writing('one'))).toEqual([apart, 'one'])
    expect(await written()).toEqual(['one'])
  })

  it('a statement that fails undoes the whole, and nothing more is asked', async () => {
    const further: Work = async (tx) => {
      await jointly(tx, length, 'four')
      await writing('two')(tx)
    }
    await expect(together(writing('unlucky'), writing('one'), further)).rejects.toThrow('undone')
    expect(await written()).toEqual([])
  })

  it('a statement may send one away of those that asked it', async () => {
    const seen: string[] = []
    const once: JointStatement<string, void> = {
      ask: async (_, words) => words.map((word, at) => (words.indexOf(word) === at ? undefined : apart)),
      hasWritten: () => false,
    }
    const work =
      (word: string): Work =>
      async (tx) => {
        await jointly(tx, once, word)
        seen.push(word)
        return word
      }
    expect(await together(work('one'), work('one'), work('two'))).toEqual(['one', apart, 'two'])
    expect(seen).toEqual(['one', 'two'])
  })

  it('whoever ends before their questions are answered undoes the whole, and holds nobody up', async () => {
    const hasty: Work = async (tx) => {
      void writing('two')(tx).catch(() => undefined)
      return 'gone'
    }
    await expect(together(hasty, writing('one'))).rejects.toThrow('undone')
    const leaving: Work = (tx) => Promise.all([writing('two')(tx), tx.query('SELECT 1')])
    await expect(together(leaving, writing('one'))).rejects.toThrow('undone')
    expect(await written()).toEqual([])
  })

  it('whoever asks after they have ended undoes the whole', async () => {
    let late: Promise<unknown> = Promise.resolve()
    const ends: Work = async (tx) => {
      late = new Promise((resolve) => setImmediate(resolve)).then(() => writing('late')(tx)).catch(() => 'refused')
      throw new Error('refused')
    }
    const slow: Work = async (tx) => {
      await late
      return writing('one')(tx)
    }
    await expect(together(ends, slow)).rejects.toThrow('undone')
    expect([await late, await written()]).toEqual(['refused', []])
  })

  it('what one has locked no other one gets, however much later it asks', async () => {
    const locked = jointLock<string, string>(
      async (_, names) => names,
      (name) => [name],
    )
    const after =
      (questions: number, name: string): Work =>
      async (tx) => {
        for (let asked = 0; asked < questions; asked += 1) await jointly(tx, length, name)
        await jointly(tx, locked, name)
        return jointly(tx, locked, name)
      }
    expect(await together(after(0, 'ada'), after(2, 'ada'), after(1, 'bea'))).toEqual(['ada', apart, 'bea'])
  })

  it('nobody waits for one that goes on for too long', async () => {
    const { promise, resolve } = deferred()
    const endless: Work = () => promise
    await expect(together(endless, writing('one'))).rejects.toThrow('undone')
    resolve()
    expect(await written()).toEqual([])
  })

  it('nobody waits for one that goes on after another has undone the whole', async () => {
    const { promise, resolve } = deferred()
    const refused: Work = async (tx) => {
      await writing('one')(tx)
      throw new Error('refused')
    }
    const endless: Work = async (tx) => {
      await writing('two')(tx)
      return promise
    }
    await expect(together(refused, endless)).rejects.toThrow('undone')
    resolve()
    expect(await written()).toEqual([])
  })

  it('whoever waits for another one in it undoes the whole', async () => {
    let one: Promise<unknown> = Promise.resolve()
    const asks: Work = (tx) => {
      one = writing('one')(tx)
      return one
    }
    await expect(together(asks, () => one)).rejects.toThrow('undone')
    expect(await written()).toEqual([])
  })

  it('one may ask several at once', async () => {
    const both: Work = (tx) => Promise.all([jointly(tx, length, 'a'), jointly(tx, length, 'ab')])
    expect(await together(both, writing('one'))).toEqual([[1, 2], 'one'])
  })

  it('the same question of all is one statement, however long each takes to come to it', async () => {
    const slow =
      (turns: number): Work =>
      async (tx) => {
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
        return jointly(tx, length, 'x'.repeat(turns))
      }
    expect(await together(slow(0), slow(3), slow(7))).toEqual([0, 3, 7])
    expect(sizes).toEqual([3])
  })

  it('a transaction of one request asks the same', async () => {
    expect(await schema.postgres.transaction((tx) => jointly(tx, length, 'four'))).toBe(4)
    expect(await jointly(schema.postgres, length, 'four')).toBe(4)
  })
})
