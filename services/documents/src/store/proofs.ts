import type { Queryable } from '@unefois/chassis/postgres'
import { inclusionProof, nodesForInclusion } from '@unefois/proto/merkle-proof'
import { readNodes } from './log-tiles.js'

/** Where a record stands in the log, under the newest signed head. */
export interface StoredProof {
  readonly leafIndex: number
  readonly checkpoint: string
  readonly inclusionProof: Buffer[]
}

/** The proof for one record; undefined while its leaf has no place yet. */
export const readProof = async (db: Queryable, recordId: string): Promise<StoredProof | undefined> => {
  const { rows } = await db.query<{ leaf_index: number; tree_size: number; note: string }>(
    `SELECT place.leaf_index, head.tree_size, head.note FROM exchange_record
     JOIN log_place AS place USING (sequence)
     CROSS JOIN LATERAL (SELECT tree_size, note FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1) AS head
     WHERE record_id = $1`,
    [recordId],
  )
  const row = rows[0]
  if (!row) return undefined
  const read = await readNodes(db, nodesForInclusion(row.leaf_index, row.tree_size))
  return {
    leafIndex: row.leaf_index,
    checkpoint: row.note,
    inclusionProof: inclusionProof(row.leaf_index, row.tree_size, read),
  }
}
