import type { Transaction } from '@unefois/chassis/postgres'
import type { SubjectMove, SubjectTable } from '@unefois/subjects/tables'
import { openPayload, type SubjectKeys, sealPayload } from './subject-keys.js'

/** The keys of those who are being moved, by every pseudonym that they had before and have after. */
export interface MovedKeys {
  readonly of: (subject: string) => Buffer | undefined
}

/** A payload column of a table, and what binds a payload to its row. */
export interface SealedTable {
  readonly name: string
  readonly id: string
  readonly columns: Readonly<Record<string, (id: string) => string>>
}

interface KeyRow {
  readonly subject: string
  readonly wrapped: Buffer
}

/**
 * Keys while people are moved. One key goes on for each person: that of the pseudonym that stands, or else the one that comes
 * along. A key that was forgotten stays forgotten: its payloads are opened by no other.
 */
export class KeyMoves {
  readonly #keys: SubjectKeys
  /** Of the transaction that is moving; one at a time in a process and, by a lock, in all of them. */
  readonly #moved = new WeakMap<Transaction, Map<string, Buffer>>()

  constructor(keys: SubjectKeys) {
    this.#keys = keys
  }

  readonly of = (tx: Transaction): MovedKeys => ({ of: (subject) => this.#moved.get(tx)?.get(subject) })

  /** Comes before every table that is encrypted. */
  readonly first: SubjectTable = { name: 'documents_keys.subject_key', move: (tx, moves) => this.#move(tx, moves) }

  /** A table of which each payload is bound to its row alone: it is sealed again only when another key goes on. */
  sealed({ name, id, columns }: SealedTable): SubjectTable {
    return {
      name,
      move: async (tx, moves) => {
        const another = moves.filter(({ alias, subject }) => {
          const [before, after] = [this.of(tx).of(alias), this.of(tx).of(subject)]
          return before && after && !before.equals(after)
        })
        if (another.length > 0) await this.#reseal(tx, { name, id, columns }, another)
        await tx.query(
          `UPDATE ${name} AS kept SET subject = move.subject
           FROM unnest($1::text[], $2::text[]) AS move (alias, subject) WHERE kept.subject = move.alias`,
          [moves.map(({ alias }) => alias), moves.map(({ subject }) => subject)],
        )
      },
    }
  }

  async #move(tx: Transaction, moves: readonly SubjectMove[]): Promise<void> {
    const { rows } = await tx.query<KeyRow>(
      'SELECT subject, wrapped FROM documents_keys.subject_key WHERE subject = ANY($1) FOR UPDATE',
      [[...new Set(moves.flatMap(({ alias, subject }) => [alias, subject]))]],
    )
    const keys = new Map(rows.map(({ subject, wrapped }) => [subject, this.#keys.unwrap(subject, wrapped)]))
    const brought: KeyRow[] = []
    for (const { alias, subject } of moves) {
      const key = keys.get(alias)
      if (!key || keys.has(subject)) continue
      keys.set(subject, key)
      brought.push({ subject, wrapped: this.#keys.wrap(subject, key) })
    }
    this.#moved.set(tx, keys)
    await tx.query('DELETE FROM documents_keys.subject_key WHERE subject = ANY($1)', [moves.map(({ alias }) => alias)])
    await tx.query(
      'INSERT INTO documents_keys.subject_key (subject, wrapped) SELECT * FROM unnest($1::text[], $2::bytea[])',
      [brought.map(({ subject }) => subject), brought.map(({ wrapped }) => wrapped)],
    )
  }

  async #reseal(tx: Transaction, { name, id, columns }: SealedTable, moves: readonly SubjectMove[]): Promise<void> {
    const names = Object.keys(columns)
    const standing = new Map(moves.map(({ alias, subject }) => [alias, subject]))
    const { rows } = await tx.query<{ id: string; subject: string } & Record<string, Buffer | string | null>>(
      `SELECT ${id} AS id, subject, ${names.join(', ')} FROM ${name} WHERE subject = ANY($1)`,
      [[...standing.keys()]],
    )
    const keys = this.of(tx)
    for (const [column, contextOf] of Object.entries(columns)) {
      const sealed = rows.flatMap((row) => {
        const [before, after] = [keys.of(row.subject), keys.of(standing.get(row.subject) ?? row.subject)]
        const payload = row[column]
        const plaintext = before && Buffer.isBuffer(payload) && openPayload(before, payload, contextOf(row.id))
        return plaintext && after ? [{ id: row.id, payload: sealPayload(after, plaintext, contextOf(row.id)) }] : []
      })
      await tx.query(
        `UPDATE ${name} AS kept SET ${column} = again.payload
         FROM unnest($1::uuid[], $2::bytea[]) AS again (id, payload) WHERE kept.${id} = again.id`,
        [sealed.map((one) => one.id), sealed.map(({ payload }) => payload)],
      )
    }
  }
}
