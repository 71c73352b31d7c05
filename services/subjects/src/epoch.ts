import { Deadline } from '@unefois/chassis/deadline'
import type { Transaction } from '@unefois/chassis/postgres'
import { gauge } from '@unefois/chassis/telemetry'
import { MeshError } from '@unefois/proto/reasons'
import { beginMove, endMove, givingWay, keepAsTheyAre, moveSubjects, type OnBusy } from './moves.js'
import { movesOf, type SubjectNeeds } from './subjects.js'
import type { SubjectMove, SubjectTable } from './tables.js'

interface State {
  readonly kept: number
  readonly target: number
  readonly at_table: string
  readonly at_subject: string
  readonly moved_people: number
}

/** How many people are looked into in one tick: as many as one call may name. */
const atOnce = 500
/** How many are moved in one transaction, so that nobody who is written about waits for long. */
const inOneTransaction = 50
const lookIntoMs = 10_000

const keptEpoch = gauge('unefois_subject_epoch_kept', 'The epoch in which people are kept')
const targetEpoch = gauge('unefois_subject_epoch_target', 'The epoch to which people are being moved')
const movedPeople = gauge('unefois_subject_epoch_moved', 'People moved to that epoch so far')

/**
 * Somebody of whom nothing is kept may be known all the same, because they were merged: every pseudonym of theirs in the new epoch leads
 * on too. What the aliases lead to moves with them.
 */
const aliases: SubjectTable = { name: 'subject_alias', move: async () => undefined }

const readState = 'SELECT kept, target, at_table, at_subject, moved_people FROM subject_epoch'

/** Everybody whom a service keeps, moved to the newest epoch while requests go on; what is done is known after a restart. */
export class EpochMove {
  readonly #needs: SubjectNeeds
  #state: State | undefined

  constructor(needs: SubjectNeeds) {
    this.#needs = needs
  }

  /** The epoch that needs no looking into; none while a move is under way, which may end at any moment. */
  async settled(): Promise<number | undefined> {
    const { kept, target } = this.#state ?? (await this.#read())
    return kept === target ? kept : undefined
  }

  /** Reads anew which epoch is kept, where another process may have moved on. */
  async refresh(): Promise<void> {
    await this.#read()
  }

  /** Somebody of this epoch is known to the identity authority: if it is a new one, the move begins. */
  async seen(epoch: number): Promise<void> {
    if (epoch <= (await this.#read()).target) return
    await this.#needs.postgres.transaction((tx) => givingWay(() => beginMove(tx, epoch)))
  }

  /** The next people in order, then those written meanwhile; the last tick ends the move. */
  async on(): Promise<void> {
    for (let people = 0; people < atOnce; ) {
      const state = await this.#read()
      if (state.kept === state.target) return
      const next = await this.#next(state)
      if (next.subjects.length > 0) await this.#moveAll(next)
      await this.#advance(state, next)
      people += next.subjects.length
      if (next.at === throughAll && next.subjects.length === 0) return this.#end(state.target)
    }
  }

  async #end(target: number): Promise<void> {
    if (!(await this.#needs.postgres.transaction((tx) => givingWay(() => endMove(tx, target))))) return
    const { moved_people: people } = await this.#read()
    this.#needs.log.info({ epoch: target, people }, 'everybody is kept in a new epoch of pseudonyms')
  }

  async #read(): Promise<State> {
    const { member, service, postgres } = this.#needs
    const { rows } = await postgres.query<State>(readState)
    const state = rows[0]
    if (!state) throw new Error('the epoch that is kept is not known: migration chassis/0002 was undone')
    this.#state = state
    keptEpoch().record(state.kept, { member, service })
    targetEpoch().record(state.target, { member, service })
    movedPeople().record(state.moved_people, { member, service })
    return state
  }

  /** People of other epochs: from the table where the move is, or, when all tables are through, from the strays. */
  async #next({ target, at_table: at, at_subject: after }: State): Promise<Next> {
    const { postgres } = this.#needs
    const tables = [...this.#needs.tables, aliases]
    const first = at === '' ? 0 : tables.findIndex(({ name }) => name === at)
    const table = tables[first]
    // Past the last one, or a name of the version before.
    if (at === throughAll || !table) {
      const { rows } = await postgres.query<{ subject: string }>(
        'SELECT DISTINCT subject FROM subject_stray LIMIT $1',
        [atOnce],
      )
      return { at: throughAll, after: '', subjects: rows.map(({ subject }) => subject) }
    }
    const { rows } = await postgres.query<{ subject: string }>(
      `SELECT DISTINCT subject FROM ${table.name}
       WHERE subject > $1 AND subject LIKE 'p1.%' AND split_part(subject, '.', 2) <> $2 ORDER BY subject LIMIT $3`,
      [after, String(target), atOnce],
    )
    const subjects = rows.map(({ subject }) => subject)
    return subjects.length === atOnce
      ? { at: table.name, after: subjects.at(-1) ?? '', subjects }
      : { at: tables[first + 1]?.name ?? throughAll, after: '', subjects }
  }

  async #advance(state: State, { at, after }: Next): Promise<void> {
    await this.#needs.postgres.query(
      // Two processes may move the same people at a time; the place goes on from where the first of them was.
      `UPDATE subject_epoch SET at_table = $1, at_subject = $2
       WHERE target = $3 AND at_table = $4 AND at_subject = $5`,
      [at, after, state.target, state.at_table, state.at_subject],
    )
  }

  async #moveAll({ at, subjects: asked }: Next): Promise<void> {
    const { clock, lookInto, postgres } = this.#needs
    const { subjects } = await lookInto({ subjects: [...asked] }, { deadline: Deadline.after(lookIntoMs, clock) })
    if (subjects.length !== asked.length) throw new MeshError('REPLY_MISMATCH')
    const people = asked.map((subject, place) => ({
      subject,
      moves: movesOf(subject, subjects[place] ?? { standing: undefined }),
    }))
    // Strays are those who are written about: each alone, so that only they wait.
    const [size, onBusy] = at === throughAll ? ([1, 'wait'] as const) : ([inOneTransaction, 'leave'] as const)
    for (let from = 0; from < people.length; from += size)
      await postgres.transaction((tx) => givingWay(() => this.#moveSome(tx, people.slice(from, from + size), onBusy)))
  }

  /** Whom somebody writes about just now comes again as a stray. */
  async #moveSome(
    tx: Transaction,
    people: readonly { subject: string; moves: readonly SubjectMove[] }[],
    onBusy: OnBusy,
  ): Promise<void> {
    const busy = await moveSubjects(
      tx,
      this.#needs.tables,
      people.flatMap(({ moves }) => moves),
      onBusy,
    )
    const isBusy = ({ moves }: (typeof people)[number]) => moves.some(({ alias }) => busy.has(alias))
    const late = people.filter(isBusy).map(({ subject }) => subject)
    const done = people.filter((each) => !isBusy(each))
    // Somebody split or unknown stays: no later pseudonym leads there.
    await keepAsTheyAre(
      tx,
      done.filter(({ moves }) => moves.length === 0).map(({ subject }) => subject),
    )
    await tx.query('DELETE FROM subject_stray WHERE subject = ANY($1)', [done.map(({ subject }) => subject)])
    await tx.query('INSERT INTO subject_stray SELECT unnest($1::text[])', [late])
    await tx.query('UPDATE subject_epoch SET moved_people = moved_people + $1', [done.length])
  }
}

/** Where people are looked for next. */
interface Next {
  readonly at: string
  readonly after: string
  readonly subjects: readonly string[]
}

/** No table has this name. */
const throughAll = '-'
