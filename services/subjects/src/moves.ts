import type { Transaction } from '@unefois/chassis/postgres'
import { MeshError } from '@unefois/proto/reasons'
import { moveValues, type SubjectMove, type SubjectTable } from './tables.js'

/** As `hold_subject` locks them. */
const space = `hashtext(current_schema() || ' subject')`
/** Shorter than PostgreSQL waits before it looks for a deadlock, so that it is the move that is given up, and nobody's request. */
const longestLockMs = 400

/** By then every process has noticed that a move is under way: each looks once a second. */
const noticedSeconds = 3

/** SQLSTATE of a lock that was not to be had in time. */
const lockNotAvailable = '55P03'

/** Locks give way to those who write: a move that does not get them is made a moment later. Error: UNAVAILABLE. */
export const givingWay = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if ((error as { code?: string }).code !== lockNotAvailable) throw error
    throw new MeshError('UNAVAILABLE', { cause: error })
  }
}

/** Where each move leads in the end, together with those made before; whoever is there already is left out. */
const settled = async (tx: Transaction, moves: readonly SubjectMove[]): Promise<SubjectMove[]> => {
  const { rows } = await tx.query<SubjectMove>('SELECT alias, subject FROM subject_alias WHERE alias = ANY($1)', [
    [...new Set(moves.flatMap(({ alias, subject }) => [alias, subject]))],
  ])
  const known = new Map(rows.map((row) => [row.alias, row.subject]))
  const ends = new Map<string, string>()
  const endOf = (subject: string): string => {
    const next = ends.get(subject) ?? known.get(subject) ?? subject
    return next === subject ? subject : endOf(next)
  }
  const names = new Set<string>()
  for (const { alias, subject } of moves) {
    // What the alias led to until now moves along: two who were thought to be two are one.
    const before = endOf(alias)
    names.add(alias).add(before)
    if (before !== endOf(subject)) ends.set(before, endOf(subject))
  }
  return [...names]
    .map((alias) => ({ alias, subject: endOf(alias) }))
    .filter(({ alias, subject }) => alias !== subject && known.get(alias) !== subject)
}

/** What becomes of a move that meets somebody who writes: it waits a little for them, or leaves the person for later. */
export type OnBusy = 'wait' | 'leave'

/** Locks aliases; answers those that are left. Error: SQLSTATE 55P03 after waiting. */
const busyAmong = async (
  tx: Transaction,
  moves: readonly SubjectMove[],
  onBusy: OnBusy,
): Promise<ReadonlySet<string>> => {
  const lock = `${space}, hashtext(alias)`
  const isHeld = onBusy === 'wait' ? `pg_advisory_xact_lock(${lock}) IS NOT NULL` : `pg_try_advisory_xact_lock(${lock})`
  const { rows } = await tx.query<{ alias: string; is_held: boolean }>(
    `SELECT alias, ${isHeld} AS is_held FROM unnest($1::text[]) AS move (alias)`,
    [moves.map(({ alias }) => alias).sort()],
  )
  return new Set(rows.filter((row) => !row.is_held).map((row) => row.alias))
}

/** Nobody else moves anybody, and no epoch begins or ends, before this transaction ends. Error: SQLSTATE 55P03. */
const lockMoves = async (tx: Transaction): Promise<void> => {
  await tx.query(`SET LOCAL lock_timeout = ${longestLockMs}`)
  await tx.query(
    `SELECT pg_advisory_xact_lock(${space}, hashtext('move')), pg_advisory_xact_lock_shared(${space}, hashtext(''))`,
  )
}

/**
 * Whoever stands under a pseudonym of an epoch that is being left is moved on from there: a merge may lead behind the place
 * that the move to the next epoch has reached. Error: UNAVAILABLE when that epoch has been left, to be looked into first.
 */
const leaveTraces = async (tx: Transaction, subjects: readonly string[]): Promise<void> => {
  const { rows } = await tx.query<{ is_over: boolean }>(
    `WITH behind AS (SELECT DISTINCT given, kept = target AS is_over FROM unnest($1::text[]) AS asked (given), subject_epoch
                     WHERE given LIKE 'p1.%' AND split_part(given, '.', 2)::int < target),
     traced AS (INSERT INTO subject_stray SELECT given FROM behind WHERE NOT is_over)
     SELECT is_over FROM behind WHERE is_over`,
    [subjects],
  )
  if (rows.length > 0) throw new MeshError('UNAVAILABLE')
}

/**
 * Moves all that is kept of these aliases, table by table, in the caller's transaction; from its commit on, whoever names the
 * person by an alias means the rows under the pseudonym that stands. Answers those who were left, by all
 * their pseudonyms. Error: SQLSTATE 55P03 after waiting.
 */
export const moveSubjects = async (
  tx: Transaction,
  tables: readonly SubjectTable[],
  moves: readonly SubjectMove[],
  onBusy: OnBusy,
): Promise<ReadonlySet<string>> => {
  await lockMoves(tx)
  const wanted = await settled(tx, moves)
  const busyAliases = await busyAmong(tx, wanted, onBusy)
  const busyPeople = new Set(wanted.filter(({ alias }) => busyAliases.has(alias)).map(({ subject }) => subject))
  const made = wanted.filter(({ subject }) => !busyPeople.has(subject))
  const late = wanted.filter(({ subject }) => busyPeople.has(subject))
  const busy = new Set(late.flatMap(({ alias, subject }) => [alias, subject]))
  if (made.length === 0) return busy
  await tx.query(
    `UPDATE subject_alias AS known SET subject = move.subject
     FROM unnest($1::text[], $2::text[]) AS move (alias, subject) WHERE known.subject = move.alias`,
    moveValues(made),
  )
  await tx.query(
    `INSERT INTO subject_alias (alias, subject) SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (alias) DO UPDATE SET subject = EXCLUDED.subject`,
    moveValues(made),
  )
  for (const table of tables) await table.move(tx, made)
  await leaveTraces(
    tx,
    made.map(({ subject }) => subject),
  )
  return busy
}

/** Says that these pseudonyms were looked into and stay as they are, where nothing else says so. */
export const keepAsTheyAre = async (tx: Transaction, subjects: readonly string[]): Promise<void> => {
  await tx.query(
    `INSERT INTO subject_alias (alias, subject) SELECT given, given FROM unnest($1::text[]) AS asked (given)
     WHERE NOT EXISTS (SELECT FROM subject_alias WHERE subject = given) ON CONFLICT DO NOTHING`,
    [[...new Set(subjects)]],
  )
}

/** Begins the move to an epoch, unless it has begun; who writes from now on leaves a trace. Error: SQLSTATE 55P03. */
export const beginMove = async (tx: Transaction, epoch: number): Promise<void> => {
  await tx.query(`SET LOCAL lock_timeout = ${longestLockMs}`)
  await tx.query(`SELECT pg_advisory_xact_lock(${space}, hashtext(''))`)
  await tx.query(
    `UPDATE subject_epoch SET target = $1, at_table = '', at_subject = '', moved_people = 0, began_at = clock_timestamp()
     WHERE target < $1`,
    [epoch],
  )
}

/**
 * Ends the move once every process knows of it and nothing is left that was written behind it: from the commit on, pseudonyms of the new epoch need no
 * looking into. False until then. Error: SQLSTATE 55P03.
 */
export const endMove = async (tx: Transaction, epoch: number): Promise<boolean> => {
  await tx.query(`SET LOCAL lock_timeout = ${longestLockMs}`)
  await tx.query(`SELECT pg_advisory_xact_lock(${space}, hashtext(''))`)
  const { rowCount } = await tx.query(
    `UPDATE subject_epoch SET kept = target
     WHERE target = $1 AND NOT EXISTS (SELECT FROM subject_stray) AND began_at < now() - make_interval(secs => $2)`,
    [epoch, noticedSeconds],
  )
  return rowCount === 1
}
