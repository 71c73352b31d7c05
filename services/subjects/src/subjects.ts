import type { Prepare } from '@unefois/chassis/chain'
import type { Clock } from '@unefois/chassis/clock'
import type { Deadline } from '@unefois/chassis/deadline'
import type { Log } from '@unefois/chassis/log'
import type { Postgres, Queryable, Transaction } from '@unefois/chassis/postgres'
import type {
  ResolvedSubject,
  ResolveSubjectsRequest,
  ResolveSubjectsResponse,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { isSubjectId } from '@unefois/proto/ids'
import { LruMap } from '@unefois/proto/lru'
import { MeshError } from '@unefois/proto/reasons'
import { EpochMove } from './epoch.js'
import { beginMove, givingWay, keepAsTheyAre, moveSubjects } from './moves.js'
import type { SubjectMove, SubjectTable } from './tables.js'

/** Asks the agency's own identity service who is meant; at most 500 at once. */
export type LookInto = (
  request: ResolveSubjectsRequest,
  call: { readonly deadline: Deadline },
) => Promise<ResolveSubjectsResponse>

/** Its tables and functions are the chassis's migrations 0002 and 0003: what is applied under a name stays there. */
export interface SubjectNeeds {
  readonly member: string
  readonly service: string
  readonly postgres: Pick<Postgres, 'query' | 'transaction'>
  readonly clock: Clock
  readonly log: Log
  /** Every table of the service that keeps people, in the order in which requests lock their rows. */
  readonly tables: readonly SubjectTable[]
  readonly lookInto: LookInto
}

/** What becomes of a pseudonym that the identity authority does not know: a request is refused, a trusted event is kept. */
export type OfUnknown = 'refuse' | 'keep'

const mostKept = 20_000

/** The epoch of a pseudonym; 0 for what is none. */
export const epochOf = (subject: string): number => (isSubjectId(subject) ? Number(subject.split('.')[1]) : 0)

/** The moves that an answer asks for; none for somebody unknown or split. */
export const movesOf = (asked: string, { standing }: ResolvedSubject): SubjectMove[] => {
  if (standing?.$case !== 'known') return []
  const { subject, aliases } = standing.value
  return [...new Set([asked, ...aliases])].filter((alias) => alias !== subject).map((alias) => ({ alias, subject }))
}

/**
 * The people of one service by their pseudonyms, which change: by a merge, or from epoch to epoch. What is kept is moved to the
 * pseudonym that stands; SQL follows the others with `standing_subject` and `hold_subject`.
 */
export class Subjects {
  readonly #needs: SubjectNeeds
  readonly #move: EpochMove
  readonly #lookedInto = new LruMap<string, true>(mostKept)

  constructor(needs: SubjectNeeds) {
    this.#needs = needs
    this.#move = new EpochMove(needs)
  }

  /**
   * Looks into pseudonyms of another epoch than is kept, so that what is kept about their people is found under them. Costs
   * nothing for those of the epoch that is kept. Errors: SUBJECT_UNKNOWN, UNAVAILABLE.
   */
  async ready(subjects: readonly string[], deadline: Deadline, ofUnknown: OfUnknown = 'refuse'): Promise<void> {
    const settled = await this.#move.settled()
    const others = subjects.filter(
      (each) => epochOf(each) !== settled && isSubjectId(each) && !this.#lookedInto.get(each),
    )
    if (others.length === 0) return
    const { known, unknown } = await this.#sorted([...new Set(others)])
    if (unknown.length > 0) await this.#lookInto(unknown, deadline, ofUnknown)
    for (const each of [...known, ...unknown]) this.#lookedInto.set(each, true)
  }

  /** Whether two pseudonyms mean one person, as far as is known here; without asking anybody when they are equal. */
  async areSame(one: string, other: string, db: Queryable = this.#needs.postgres): Promise<boolean> {
    if (one === other) return true
    const { rows } = await db.query<{ is_same: boolean }>(
      'SELECT standing_subject($1) = standing_subject($2) AS is_same',
      [one, other],
    )
    return rows[0]?.is_same === true
  }

  /** The pseudonym that stands for each of these, in their order. */
  async standing(subjects: readonly string[], db: Queryable = this.#needs.postgres): Promise<string[]> {
    const { rows } = await db.query<{ subject: string }>(
      `SELECT standing_subject(given) AS subject FROM unnest($1::text[]) WITH ORDINALITY AS asked (given, place) ORDER BY place`,
      [subjects],
    )
    return rows.map(({ subject }) => subject)
  }

  /** Every pseudonym by which this person was ever named here: the one that stands, then its aliases. */
  async spellings(subject: string): Promise<string[]> {
    const { rows } = await this.#needs.postgres.query<{ subject: string }>(
      `WITH standing AS MATERIALIZED (SELECT standing_subject($1) AS subject)
       SELECT subject FROM standing
       UNION ALL (SELECT alias FROM subject_alias AS known JOIN standing USING (subject)
                  WHERE alias <> known.subject ORDER BY alias)`,
      [subject],
    )
    return rows.map((row) => row.subject)
  }

  /** The first are the second from now on. Error: UNAVAILABLE while somebody writes about them. */
  async merge(tx: Transaction, subjects: readonly string[], into: string, deadline: Deadline): Promise<void> {
    await this.#move.refresh()
    await this.ready([into], deadline, 'keep')
    const moves = subjects.map((alias) => ({ alias, subject: into }))
    await givingWay(() => moveSubjects(tx, this.#needs.tables, moves, 'wait'))
  }

  /** Everybody is to be moved to this epoch. Error: UNAVAILABLE while that cannot begin. */
  async openEpoch(tx: Transaction, epoch: number): Promise<void> {
    await givingWay(() => beginMove(tx, epoch))
  }

  /** A bounded part of a move that is under way; for a chore. */
  async moveOn(): Promise<void> {
    await this.#move.on()
  }

  /** Those that were looked into before, and those that must be; the others are kept as they stand, for now. */
  async #sorted(subjects: readonly string[]): Promise<{ readonly known: string[]; readonly unknown: string[] }> {
    const { rows } = await this.#needs.postgres.query<{ given: string; is_known: boolean; is_kept: boolean }>(
      `SELECT given, split_part(given, '.', 2) = epoch.kept::text AS is_kept,
              EXISTS (SELECT FROM subject_alias WHERE alias = given OR subject = given) AS is_known
       FROM unnest($1::text[]) AS asked (given), subject_epoch AS epoch`,
      [subjects],
    )
    return {
      known: rows.filter((row) => row.is_known).map(({ given }) => given),
      unknown: rows.filter((row) => !row.is_known && !row.is_kept).map(({ given }) => given),
    }
  }

  async #lookInto(asked: readonly string[], deadline: Deadline, ofUnknown: OfUnknown): Promise<void> {
    const { subjects } = await this.#needs.lookInto({ subjects: [...asked] }, { deadline })
    const answers = asked.map((subject, at) => ({ subject, answer: subjects[at] ?? { standing: undefined } }))
    const isUnknown = ({ answer }: (typeof answers)[number]) =>
      answer.standing?.$case !== 'known' && answer.standing?.$case !== 'split'
    if (ofUnknown === 'refuse' && answers.some(isUnknown)) throw new MeshError('SUBJECT_UNKNOWN')
    const moves = answers.flatMap(({ subject, answer }) => movesOf(subject, answer))
    await this.#needs.postgres.transaction(async (tx) => {
      await givingWay(() => moveSubjects(tx, this.#needs.tables, moves, 'wait'))
      await keepAsTheyAre(
        tx,
        answers.map(({ subject }) => subject).filter((subject) => !moves.some(({ alias }) => alias === subject)),
      )
    })
    // Somebody of a later epoch is here before the event that says so.
    const newest = Math.max(...answers.filter((each) => !isUnknown(each)).map(({ subject }) => epochOf(subject)), 0)
    await this.#move.seen(newest)
  }
}

/** Every text in a message, however deep it stands, under the name of its field. */
const textsIn = (message: unknown, field = ''): { readonly field: string; readonly text: string }[] => {
  if (typeof message === 'string') return [{ field, text: message }]
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return []
  return Object.entries(message).flatMap(([name, value]) => textsIn(value, Array.isArray(message) ? field : name))
}

/**
 * Looks into everybody whom a request names, before its handler: its caller, the pseudonyms in it, and those that `opened`
 * finds in a text that a pseudonym is sealed into. A person who is named by another pseudonym than that of their token is
 * given to the handler under the one that is named.
 */
export const everybodyReady =
  (subjects: Pick<Subjects, 'ready' | 'areSame'>, opened: (text: string) => string | undefined): Prepare =>
  async (request, call) => {
    const { caller, deadline } = call
    const texts = textsIn(request)
    const named = texts.flatMap(({ text }) => (isSubjectId(text) ? text : (opened(text) ?? [])))
    if (caller.kind !== 'person') {
      await subjects.ready(named, deadline)
      return call
    }
    await subjects.ready([caller.subject, ...named], deadline)
    const own = texts.find(({ field }) => field === 'subject')?.text ?? ''
    const isRenamed = isSubjectId(own) && own !== caller.subject && (await subjects.areSame(own, caller.subject))
    return isRenamed ? { ...call, caller: { ...caller, subject: own } } : call
  }
