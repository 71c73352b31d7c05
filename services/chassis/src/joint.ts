import type { Queryable, Transaction } from './postgres.js'

/** What answers for a request that cannot share the transaction of others: nothing of it is left, and it is to run apart. */
export const apart = Symbol('apart')
export type Apart = typeof apart

/** What several requests that share a transaction ask of the database at once. */
export interface JointStatement<Item, Result> {
  /** Answers each item in its place; `apart` for what is not plain. */
  readonly ask: (db: Queryable, items: readonly Item[]) => Promise<readonly (Result | Apart)[]>
  /** Whether what it wrote can be undone with the whole transaction alone; false where nothing was written. */
  readonly hasWritten: (result: Result) => boolean
  /** What the answer keeps from others until the transaction ends; a lock of the database would let two of one transaction have it. */
  readonly owned?: (item: Item, result: Result) => readonly string[]
}

/** A statement that writes nothing. */
export const jointRead = <Item, Result>(ask: JointStatement<Item, Result>['ask']): JointStatement<Item, Result> => ({
  ask,
  hasWritten: () => false,
})

/** A statement that takes locks, and writes nothing. */
export const jointLock = <Item, Result>(
  ask: JointStatement<Item, Result>['ask'],
  owned: (item: Item, result: Result) => readonly string[],
): JointStatement<Item, Result> => ({ ...jointRead(ask), owned })

/** A statement that always writes. */
export const jointWrite = <Item, Result>(ask: JointStatement<Item, Result>['ask']): JointStatement<Item, Result> => ({
  ask,
  hasWritten: () => true,
})

/** What a request does between two questions takes less. */
const longestSilenceMs = 1000

class RunsApart extends Error {}

interface Asked {
  readonly item: unknown
  readonly seat: Seat
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

// biome-ignore lint/suspicious/noExplicitAny: a transaction treats all statements alike; `jointly` pairs item and result.
type AnyStatement = JointStatement<any, any>

/** The part of a joint transaction that one request sees. */
class Seat implements Queryable {
  readonly ask: (statement: AnyStatement, item: unknown) => Promise<unknown>
  /** How many of its questions wait for an answer. */
  waiting = 0
  /** Whether it wrote something. */
  hasWritten = false
  /** Whether it is to run apart, whatever it answers. */
  isApart = false
  isDone = false

  constructor(joint: JointTransaction) {
    this.ask = (statement, item) => joint.ask(this, statement, item)
  }

  query(): Promise<never> {
    return Promise.reject(this.leave('it needs a statement of its own'))
  }

  leave(why: string): Error {
    this.isApart = true
    return new RunsApart(why)
  }
}

/** Whether others may be in the same transaction. */
export const isJoint = (db: Queryable): boolean => db instanceof Seat

/** Asks alone in a transaction of its own, and together with the others in a joint one. */
export const jointly = async <Item, Result>(
  db: Queryable,
  statement: JointStatement<Item, Result>,
  item: Item,
): Promise<Result> => {
  const answer = db instanceof Seat ? await db.ask(statement, item) : (await statement.ask(db, [item]))[0]
  return answer as Result
}

/** Requests that go on side by side in one transaction: a statement is sent once none of them can go on without an answer. */
class JointTransaction {
  readonly #tx: Transaction
  readonly #asked = new Map<AnyStatement, Asked[]>()
  readonly #owners = new Map<AnyStatement, Map<string, Seat>>()
  #working = 0
  #isAsking = false
  #silence: NodeJS.Timeout | undefined
  #endWaiting: (error: Error) => void = () => undefined
  readonly #givenUp = new Promise<never>((_, reject) => {
    this.#endWaiting = reject
  })
  /** Why the whole is to be undone. */
  spoilt: Error | undefined

  constructor(tx: Transaction) {
    this.#tx = tx
  }

  async run<T>(works: readonly ((tx: Transaction) => Promise<T>)[]): Promise<(T | Apart)[]> {
    this.#working = works.length
    const all = Promise.all(works.map((work) => this.#seated(work)))
    this.#goOn()
    // Whoever goes on for ever is not waited for.
    return Promise.race([all, this.#givenUp])
  }

  /** Whether nobody else of the transaction has what this answer keeps; then it does. */
  #owns(statement: AnyStatement, { seat, item }: Asked, answer: unknown): boolean {
    const { owned } = statement
    if (!owned || answer === apart) return true
    const owners = this.#owners.get(statement) ?? new Map<string, Seat>()
    this.#owners.set(statement, owners)
    const keys: readonly string[] = owned(item, answer)
    if (keys.some((key) => (owners.get(key) ?? seat) !== seat)) return false
    for (const key of keys) owners.set(key, seat)
    return true
  }

  async #seated<T>(work: (tx: Transaction) => Promise<T>): Promise<T | Apart> {
    const seat = new Seat(this)
    try {
      const answer = await work(seat)
      if (seat.waiting > 0) throw new RunsApart('it ended before its questions were answered')
      if (seat.isApart) throw new RunsApart('it went on after it had to leave')
      return answer
    } catch (error) {
      // What is being asked may be writing.
      if (seat.hasWritten || seat.waiting > 0) this.#spoil(error)
      return apart
    } finally {
      seat.isDone = true
      if (seat.waiting === 0) this.#working -= 1
      this.#goOn()
    }
  }

  ask(seat: Seat, statement: AnyStatement, item: unknown): Promise<unknown> {
    if (seat.isDone) this.#spoil(new Error('a request asks after it has ended'))
    if (seat.isDone || seat.isApart || this.spoilt) return Promise.reject(seat.leave('it has left'))
    return new Promise((resolve, reject) => {
      const asked = { item, seat, resolve, reject }
      const others = this.#asked.get(statement)
      if (others) others.push(asked)
      else this.#asked.set(statement, [asked])
      if (seat.waiting === 0) this.#working -= 1
      seat.waiting += 1
      this.#goOn()
    })
  }

  #goOn(): void {
    clearTimeout(this.#silence)
    if (this.#isAsking) return
    // Nothing is on its way to the database, and nothing more will be.
    if (this.spoilt) this.#endWaiting(this.spoilt)
    else if (this.#working > 0) {
      this.#silence = setTimeout(() => this.#giveUp(), longestSilenceMs)
      return
    }
    const [next] = this.#asked
    if (!next) return
    const [statement, asked] = next
    this.#asked.delete(statement)
    void this.#answer(statement, asked)
  }

  /** One of them waits for another's answer, which waits for all, or for something else that takes too long. */
  #giveUp(): void {
    this.#spoil(new Error('a request goes on without a question for too long'))
    this.#goOn()
  }

  #spoil(cause: unknown): void {
    this.spoilt ??= new Error('a joint transaction is undone', { cause })
  }

  async #answer(statement: AnyStatement, asked: readonly Asked[]): Promise<void> {
    let answers: readonly unknown[] = []
    this.#isAsking = true
    try {
      if (!this.spoilt)
        answers = await statement.ask(
          this.#tx,
          asked.map(({ item }) => item),
        )
    } catch (error) {
      this.#spoil(error)
    }
    this.#isAsking = false
    for (const { seat } of asked) {
      seat.waiting -= 1
      if (seat.waiting === 0 && !seat.isDone) this.#working += 1
    }
    for (const [at, each] of asked.entries()) {
      const { seat, resolve, reject } = each
      const answer = answers[at]
      if (this.spoilt || answer === apart || !this.#owns(statement, each, answer))
        reject(seat.leave('another one of the transaction is before it'))
      else {
        seat.hasWritten ||= statement.hasWritten(answer)
        resolve(answer)
      }
    }
    this.#goOn()
  }
}

/**
 * Runs several requests in one transaction, each as if it were alone in it: a statement of the same kind is sent once for all that ask
 * it, when none of them is still on its way to a question. So none may wait for another one's answer. Whoever asks for anything else, or
 * throws, is to run apart. Throws, so that the transaction is undone, where one throws that wrote something, or a statement fails.
 */
export const inOneTransaction = async <T>(
  tx: Transaction,
  works: readonly ((tx: Transaction) => Promise<T>)[],
): Promise<(T | Apart)[]> => {
  const joint = new JointTransaction(tx)
  const outcomes = await joint.run(works)
  if (joint.spoilt) throw joint.spoilt
  return outcomes
}
