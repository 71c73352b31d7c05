import { systemClock } from '@unefois/chassis/clock'
import { because } from '@unefois/chassis/contract.fixture'
import { Deadline } from '@unefois/chassis/deadline'
import { createLog } from '@unefois/chassis/log'
import { openSchema } from '@unefois/chassis/postgres.fixture'
import type { ResolvedSubject } from '@unefois/proto/gen/unefois/identity/v1/identity'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everybodyReady, type LookInto, Subjects } from './subjects.js'
import { plainTable, type SubjectTable, unitingTable } from './tables.js'

/** Who is who, as an identity authority would tell: people by name, merges, and the epochs that are accepted. */
class Registry {
  epochs: number[] = [1]
  isDown = false
  asked = 0
  readonly #mergedInto = new Map<string, string>()
  readonly #split = new Set<string>()

  spelling = (name: string, epoch: number): string => `p1.${epoch}.${name.padEnd(22, '_')}`

  living(name: string): string {
    const into = this.#mergedInto.get(name)
    return into === undefined ? name : this.living(into)
  }

  /** Everybody who turned out to be this person, the one who stands first. */
  together(name: string): string[] {
    const living = this.living(name)
    return [living, ...[...this.#mergedInto.keys()].filter((each) => this.living(each) === living).sort()]
  }

  merge(name: string, into: string): void {
    if (this.living(name) !== this.living(into)) this.#mergedInto.set(this.living(name), this.living(into))
  }

  split(name: string): void {
    this.#split.add(this.living(name))
  }

  /** Every spelling of this person that is accepted, of the newest epoch first. */
  spellings(name: string): string[] {
    const newestFirst = [...this.epochs].sort((a, b) => b - a)
    return this.together(name).flatMap((each) => newestFirst.map((epoch) => this.spelling(each, epoch)))
  }

  lookInto: LookInto = async ({ subjects }) => {
    this.asked++
    if (this.isDown) throw new Error('the identity authority is down')
    return { subjects: subjects.map((subject) => this.#resolve(subject)) }
  }

  #resolve(subject: string): ResolvedSubject {
    const [, epoch = '', padded = ''] = subject.split('.')
    const name = padded.replace(/_+$/, '')
    if (!this.epochs.includes(Number(epoch)) || name.startsWith('nobody'))
      return { standing: { $case: 'unknown', value: {} } }
    if (this.#split.has(this.living(name))) return { standing: { $case: 'split', value: {} } }
    const [first = '', ...aliases] = this.spellings(name)
    return { standing: { $case: 'known', value: { subject: first, aliases } } }
  }
}

const quiet = createLog({ member: 'test', service: 'test' }, 'silent')
const tables: readonly SubjectTable[] = [
  plainTable('note'),
  plainTable('entry'),
  unitingTable('tally', { key: ['kind'], others: { times: 'sum', first_at: 'min', last_at: 'max' } }),
]

/** A service that keeps notes and tallies of people, on a schema of its own, as often as it has processes. */
const openKeeper = async (registry: Registry) => {
  const schema = await openSchema()
  await schema.postgres.query(
    `CREATE TABLE note (subject text NOT NULL, said text NOT NULL);
     CREATE INDEX note_subject ON note (subject);
     CREATE TABLE entry (subject text NOT NULL, said text NOT NULL);
     CREATE TABLE sealed_entry (subject text NOT NULL);
     CREATE TABLE tally (subject text, kind text, times int NOT NULL, first_at int NOT NULL, last_at int NOT NULL,
                         PRIMARY KEY (subject, kind));
     CREATE TRIGGER hold_subject BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION hold_new_subject();
     CREATE TRIGGER hold_subject AFTER INSERT ON entry REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION hold_added_subjects();
     CREATE TRIGGER hold_subject AFTER INSERT ON sealed_entry REFERENCING NEW TABLE AS added
       FOR EACH STATEMENT EXECUTE FUNCTION hold_added_same_subjects();
     CREATE TRIGGER hold_subject BEFORE INSERT ON tally FOR EACH ROW EXECUTE FUNCTION hold_new_subject()`,
  )
  const process = (postgres = schema.open()) => {
    const needs = { member: 'm', service: 's', postgres, clock: systemClock, log: quiet, tables }
    return { postgres, subjects: new Subjects({ ...needs, lookInto: registry.lookInto }) }
  }
  return { schema, process, ...process(schema.postgres) }
}
type Keeper = Awaited<ReturnType<typeof openKeeper>>

const soon = () => Deadline.after(10_000, systemClock)

/** Into a table that holds its people row by row, and into one that holds those of a whole statement. */
const write = ({ postgres }: Pick<Keeper, 'postgres'>, subject: string, said: string) =>
  postgres.query(
    'WITH noted AS (INSERT INTO note (subject, said) VALUES ($1, $2)) INSERT INTO entry (subject, said) VALUES ($1, $2)',
    [subject, said],
  )
const read = async ({ postgres }: Pick<Keeper, 'postgres'>, subject: string): Promise<string[]> => {
  const { rows } = await postgres.query<{ noted: string[]; entered: string[] }>(
    `SELECT ARRAY(SELECT said FROM note WHERE subject = standing ORDER BY said) AS noted,
            ARRAY(SELECT said FROM entry WHERE subject = standing ORDER BY said) AS entered
     FROM (SELECT standing_subject($1) AS standing) AS named`,
    [subject],
  )
  const [{ noted, entered } = { noted: [], entered: [] }] = rows
  expect(entered).toEqual(noted)
  return noted
}
/** As a service does it: whoever is named is looked into before. */
const readReady = async (keeper: Keeper, subject: string): Promise<string[]> => {
  await keeper.subjects.ready([subject], soon())
  return read(keeper, subject)
}
const writeReady = async (keeper: Pick<Keeper, 'postgres' | 'subjects'>, subject: string, said: string) => {
  await keeper.subjects.ready([subject], soon())
  await write(keeper, subject, said)
}
const merge = ({ postgres, subjects }: Keeper, aliases: readonly string[], into: string) =>
  postgres.transaction((tx) => subjects.merge(tx, aliases, into, soon()))
const openEpoch = ({ postgres, subjects }: Keeper, epoch: number) =>
  postgres.transaction((tx) => subjects.openEpoch(tx, epoch))
const epochs = async ({ postgres }: Keeper) =>
  (await postgres.query<{ kept: number; target: number }>('SELECT kept, target FROM subject_epoch')).rows[0]
const moveAll = async (keeper: Keeper) => {
  for (let ticks = 0; ticks < 50; ticks++) {
    // Every process has had the time to notice.
    await keeper.postgres.query(`UPDATE subject_epoch SET began_at = began_at - interval '1 hour'`)
    await keeper.subjects.moveOn()
    const { kept, target } = (await epochs(keeper)) ?? {}
    if (kept === target) return
  }
  throw new Error('the move does not end')
}

describe('a pseudonym of the epoch that is kept', () => {
  const registry = new Registry()
  let keeper: Keeper
  beforeAll(async () => {
    keeper = await openKeeper(registry)
  })
  afterAll(() => keeper.schema.close())
  const of = (name: string) => registry.spelling(name, 1)

  it('is not merged while somebody writes under it, and not a moment later lost', async () => {
    await write(keeper, of('first'), 'before')
    await keeper.postgres.transaction(async (tx) => {
      await write({ postgres: tx as never }, of('first'), 'under way')
      await expect(merge(keeper, [of('first')], of('second'))).rejects.toMatchObject(because('UNAVAILABLE'))
    })
    await merge(keeper, [of('first')], of('second'))
    expect(await read(keeper, of('second'))).toEqual(['before', 'under way'])
  })

  it('leads to all that was written under any pseudonym of its person, and to nobody else’s', async () => {
    for (const [name, said] of [
      ['a', 'of a'],
      ['b', 'of b'],
      ['c', 'of c'],
      ['d', 'of d'],
    ] as const)
      await write(keeper, of(name), said)
    await merge(keeper, [of('a')], of('b'))
    await write(keeper, of('a'), 'later')
    await merge(keeper, [of('b')], of('c'))
    await merge(keeper, [of('b')], of('c'))
    for (const name of ['a', 'b', 'c']) expect(await read(keeper, of(name))).toEqual(['later', 'of a', 'of b', 'of c'])
    expect(await read(keeper, of('d'))).toEqual(['of d'])
    expect(await keeper.subjects.spellings(of('b'))).toEqual([of('c'), of('a'), of('b')])
    expect(await keeper.subjects.areSame(of('a'), of('c'))).toBe(true)
    expect(await keeper.subjects.areSame(of('a'), of('d'))).toBe(false)
    expect(registry.asked).toBe(0)
  })

  it('is followed in every row of a statement, and refused where the rows were made for it', async () => {
    await merge(keeper, [of('old')], of('new'))
    const many = [of('old'), of('other'), of('new'), of('old')]
    await keeper.postgres.query('INSERT INTO entry SELECT subject, $2 FROM unnest($1::text[]) AS given (subject)', [
      many,
      '-',
    ])
    const { rows } = await keeper.postgres.query('SELECT subject FROM entry WHERE said = $1 ORDER BY 1', ['-'])
    expect(rows.map(({ subject }) => subject)).toEqual([of('new'), of('new'), of('new'), of('other')])
    const seal = (subjects: readonly string[]) =>
      keeper.postgres.query('INSERT INTO sealed_entry SELECT * FROM unnest($1::text[])', [subjects])
    await expect(seal([of('new'), of('old')])).rejects.toThrow()
    await seal([of('new'), of('other')])
  })

  it('is held until the transaction of a statement of many ends', async () => {
    const many = [of('held'), of('held too')]
    await keeper.postgres.transaction(async (tx) => {
      await tx.query('INSERT INTO entry SELECT subject, $2 FROM unnest($1::text[]) AS given (subject)', [many, '.'])
      await expect(merge(keeper, [of('held too')], of('anybody'))).rejects.toMatchObject(because('UNAVAILABLE'))
    })
    await merge(keeper, [of('held too')], of('anybody'))
    const { rows } = await keeper.postgres.query('SELECT subject FROM entry WHERE said = $1 ORDER BY 1', ['.'])
    expect(rows.map(({ subject }) => subject)).toEqual([of('anybody'), of('held')])
  })

  it('brings its counts together with those that are there', async () => {
    const count = (name: string, kind: string, times: number, first: number, last: number) =>
      keeper.postgres.query('INSERT INTO tally VALUES ($1, $2, $3, $4, $5)', [of(name), kind, times, first, last])
    await count('e', 'x', 2, 5, 9)
    await count('f', 'x', 3, 4, 7)
    await count('e', 'y', 1, 1, 1)
    await merge(keeper, [of('e')], of('f'))
    const { rows } = await keeper.postgres.query('SELECT * FROM tally ORDER BY kind')
    expect(rows).toEqual([
      { subject: of('f'), kind: 'x', times: 5, first_at: 4, last_at: 9 },
      { subject: of('f'), kind: 'y', times: 1, first_at: 1, last_at: 1 },
    ])
  })

  it('never keeps a row behind, however many write while people are merged', async () => {
    const another = keeper.process()
    const names = Array.from({ length: 6 }, (_, at) => `crowd${at}`)
    const said = Array.from({ length: 120 }, (_, at) => String(at).padStart(3, '0'))
    const writing = Promise.all(said.map((each, at) => write(at % 2 ? keeper : another, of(names[at % 6] ?? ''), each)))
    const merging = names.slice(1).map(async (name) => {
      for (;;)
        try {
          return await merge(keeper, [of(name)], of('crowd0'))
        } catch (error) {
          expect(error).toMatchObject(because('UNAVAILABLE'))
        }
    })
    await Promise.all([writing, ...merging])
    for (const name of names) expect(await read(keeper, of(name))).toEqual(said)
    const { rowCount } = await keeper.postgres.query('SELECT 1 FROM note JOIN subject_alias ON alias = note.subject')
    expect(rowCount).toBe(0)
  })

  it('is given to the handler as the request names it, when it is the caller’s own', async () => {
    const caller = { kind: 'person', subject: of('a'), clientId: 'c', acr: '', authTimeSeconds: 0, loginHandle: '' }
    const call = { caller, deadline: soon(), door: 'grpc' } as never
    const prepare = everybodyReady(keeper.subjects, () => undefined)
    expect(await prepare({ subject: of('c') }, call)).toMatchObject({ caller: { subject: of('c') } })
    expect(await prepare({ asking: { subject: of('c') } }, call)).toMatchObject({ caller: { subject: of('c') } })
    expect(await prepare({ subject: of('d') }, call)).toBe(call)
    expect(await prepare({ argumentSubject: of('c') }, call)).toBe(call)
  })
})

describe('a pseudonym of another epoch', () => {
  let registry: Registry
  let keeper: Keeper
  beforeAll(async () => {
    registry = new Registry()
    keeper = await openKeeper(registry)
  })
  afterAll(() => keeper.schema.close())
  const of = (name: string, epoch: number) => registry.spelling(name, epoch)

  it('is refused by every statement until it was looked into: nothing is missed in silence', async () => {
    await write(keeper, of('ada', 1), 'opposed')
    await expect(read(keeper, of('ada', 2))).rejects.toMatchObject(because('UNAVAILABLE'))
    await expect(write(keeper, of('ada', 2), 'x')).rejects.toMatchObject(because('UNAVAILABLE'))
  })

  it('is refused when the identity authority does not know it, or cannot be asked', async () => {
    await expect(readReady(keeper, of('nobody', 2))).rejects.toMatchObject(because('SUBJECT_UNKNOWN'))
    registry.epochs = [1, 2]
    registry.isDown = true
    await expect(readReady(keeper, of('ada', 2))).rejects.toThrow('down')
    registry.isDown = false
  })

  it('finds what was written under the one before, though nobody has said that there is a new epoch', async () => {
    expect(await readReady(keeper, of('ada', 2))).toEqual(['opposed'])
    expect(await read(keeper, of('ada', 1))).toEqual(['opposed'])
    expect(await epochs(keeper)).toEqual({ kept: 1, target: 2 })
    const asked = registry.asked
    expect(await readReady(keeper, of('ada', 2))).toEqual(['opposed'])
    expect(registry.asked).toBe(asked)
  })

  it('is kept for everybody after the move, with traffic on; then the lower one may go', async () => {
    const another = keeper.process()
    for (let at = 0; at < 40; at++) await write(keeper, of(`p${at}`, 1), `of p${at}`)
    await write(keeper, of('nobody', 1), 'whoever')
    await write(keeper, of('twin', 1), 'of twins')
    registry.split('twin')
    const during = (async () => {
      for (let at = 0; at < 40; at++) await writeReady(another, of(`p${39 - at}`, 1), 'meanwhile')
      for (let at = 40; at < 45; at++) await writeReady(another, of(`p${at}`, 1), 'new')
    })()
    await Promise.all([during, keeper.subjects.moveOn()])
    expect(await epochs(keeper)).toEqual({ kept: 1, target: 2 })
    await moveAll(keeper)
    expect(await epochs(keeper)).toEqual({ kept: 2, target: 2 })
    registry.epochs = [2]
    const { asked } = registry
    for (let at = 0; at < 45; at++) {
      const said = at < 40 ? ['meanwhile', `of p${at}`] : ['new']
      expect(await readReady(keeper, of(`p${at}`, 2))).toEqual(said)
      expect(await readReady(keeper, of(`p${at}`, 1))).toEqual(said)
    }
    expect(registry.asked).toBe(asked)
    // Nobody can say to whom these belong now: they stay, and stay readable by the agency.
    expect(await readReady(keeper, of('twin', 1))).toEqual(['of twins'])
    expect(await readReady(keeper, of('nobody', 1))).toEqual(['whoever'])
  })

  it('that was never seen before and is of an epoch that is gone is unknown', async () => {
    await expect(readReady(keeper, of('late', 1))).rejects.toMatchObject(because('SUBJECT_UNKNOWN'))
  })
})

describe('a merge during a move', () => {
  it('leads on who is named by a pseudonym that is being left, although nothing is kept of them yet', async () => {
    const registry = new Registry()
    const keeper = await openKeeper(registry)
    const of = (name: string, epoch: number) => registry.spelling(name, epoch)
    registry.epochs = [1, 2]
    // Another process hears of the epoch, and goes through every table before this one has read of it.
    const another = { ...keeper, ...keeper.process() }
    await keeper.subjects.ready([of('somebody', 1)], soon())
    await openEpoch(another, 2)
    await another.subjects.moveOn()
    registry.merge('one', 'four')
    await merge(keeper, [of('one', 1), of('one', 2)], of('four', 1))
    await moveAll(another)
    registry.epochs = [2]
    await writeReady(keeper, of('one', 2), 'of one')
    expect(await readReady(another, of('four', 2))).toEqual(['of one'])
    await keeper.schema.close()
  })
})

describe('a merge before a move', () => {
  it('leads on who is named in the new epoch, although nothing is kept of them yet', async () => {
    const registry = new Registry()
    const keeper = await openKeeper(registry)
    registry.merge('one', 'four')
    await merge(keeper, [registry.spelling('one', 1)], registry.spelling('four', 1))
    registry.epochs = [1, 2]
    await openEpoch(keeper, 2)
    await moveAll(keeper)
    registry.epochs = [2]
    await writeReady(keeper, registry.spelling('one', 2), 'of one')
    expect(await readReady(keeper, registry.spelling('four', 2))).toEqual(['of one'])
    await keeper.schema.close()
  })
})

describe('any sequence of writes, merges and epochs', () => {
  let keeper: Keeper
  const registry = new Registry()
  beforeAll(async () => {
    keeper = await openKeeper(registry)
  })
  afterAll(() => keeper.schema.close())

  const names = ['one', 'two', 'three', 'four']
  const name = fc.constantFrom(...names)
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), who: name, spelling: fc.nat(7) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('merge' as const), who: name, into: name }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('move' as const) }) },
  )

  it('leaves what one person wrote under every pseudonym that is accepted, and nobody else’s', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        // People of its own for each run; the epochs go on.
        const called = (who: string) => `${who}${run}`
        run++
        const written = new Map<string, string[]>()
        for (const [at, each] of steps.entries())
          switch (each.do) {
            case 'write': {
              const spellings = registry.spellings(called(each.who))
              const spelling = spellings[each.spelling % spellings.length] ?? ''
              await writeReady(keeper, spelling, `${at}`)
              written.set(called(each.who), [...(written.get(called(each.who)) ?? []), `${at}`])
              break
            }
            case 'merge': {
              const [from, into] = [called(each.who), called(each.into)]
              if (registry.living(from) === registry.living(into)) break
              const aliases = registry.epochs.map((epoch) => registry.spelling(registry.living(from), epoch))
              const current = Math.min(...registry.epochs)
              const stands = registry.spelling(registry.living(into), current)
              registry.merge(from, into)
              await merge(keeper, aliases, stands)
              break
            }
            case 'open': {
              const newest = Math.max(...registry.epochs)
              if (registry.epochs.length === 2) {
                await moveAll(keeper)
                registry.epochs = [newest]
              } else {
                registry.epochs = [newest, newest + 1]
                await openEpoch(keeper, newest + 1)
              }
              break
            }
            case 'move':
              await keeper.subjects.moveOn()
          }
        for (const who of names) {
          const all = registry.together(called(who)).flatMap((each) => written.get(each) ?? [])
          for (const spelling of registry.spellings(called(who)))
            expect(await readReady(keeper, spelling)).toEqual(all.sort())
        }
      }),
      { numRuns: 25 },
    )
  })
})
