import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import { merkleNodeHash, type NodeRef, type ReadNode, type StoredNode } from '@unefois/proto/merkle-tree'

/**
 * The tree at rest: tiles of C2SP tlog-tiles (https://c2sp.org/tlog-tiles), each up to 256 hashes of the subtrees of one level
 * in eight. What lies between is hashed again when it is read, so a leaf costs no row of its own.
 */
const levelsInTile = 8
const hashesInTile = 2 ** levelsInTile
const hashBytes = 32

interface TileRef {
  readonly level: number
  readonly index: number
}

const keyOf = ({ level, index }: TileRef): string => `${level} ${index}`

/** The hashes under a node: `count` of them, from `start` on, in the tiles of `level`. */
const hashesUnder = ({ level, index }: NodeRef): { level: number; start: number; count: number } => {
  const within = level % levelsInTile
  return { level: (level - within) / levelsInTile, start: index * 2 ** within, count: 2 ** within }
}

const tileUnder = (node: NodeRef): TileRef => {
  const { level, start } = hashesUnder(node)
  return { level, index: Math.floor(start / hashesInTile) }
}

const rootOf = (hashes: readonly Buffer[]): Buffer => {
  const [left, right, ...more] = hashes
  if (left === undefined) throw new RangeError('Nothing has no root')
  if (right === undefined) return left
  if (more.length === 0) return merkleNodeHash(left, right)
  const half = hashes.length / 2
  return merkleNodeHash(rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)))
}

/** Reads the tiles under these nodes once, for the pure functions of the Merkle tree. */
export const readNodes = async (db: Queryable, wanted: readonly NodeRef[]): Promise<ReadNode> => {
  const refs = [...new Map(wanted.map(tileUnder).map((ref) => [keyOf(ref), ref])).values()]
  const { rows } = await db.query<TileRef & { hashes: Buffer }>({
    name: 'read-log-tiles',
    text: `SELECT level, index, hashes FROM log_tile
           JOIN unnest($1::int[], $2::bigint[]) AS wanted (level, index) USING (level, index)`,
    values: [refs.map(({ level }) => level), refs.map(({ index }) => index)],
  })
  const tiles = new Map(rows.map((row) => [keyOf(row), row.hashes]))
  return (level, index) => {
    const { start, count } = hashesUnder({ level, index })
    const tile = tiles.get(keyOf(tileUnder({ level, index })))
    const from = (start % hashesInTile) * hashBytes
    const until = from + count * hashBytes
    if (!tile || tile.length < until) throw new Error(`the exchange log has lost node ${level}/${index}`)
    return rootOf(Array.from({ length: count }, (_, at) => tile.subarray(from + at * hashBytes).subarray(0, hashBytes)))
  }
}

/** Adds new nodes, in the order of the tree, at the end of the tiles that they belong to. */
export const appendNodes = async (tx: Transaction, added: readonly StoredNode[]): Promise<void> => {
  const grown = new Map<string, TileRef & { hashes: Buffer[] }>()
  for (const node of added) {
    if (node.level % levelsInTile !== 0) continue
    const ref = tileUnder(node)
    const tile = grown.get(keyOf(ref)) ?? { ...ref, hashes: [] }
    tile.hashes.push(node.hash)
    grown.set(keyOf(ref), tile)
  }
  const tiles = [...grown.values()]
  await tx.query({
    name: 'append-log-tiles',
    text: `INSERT INTO log_tile (level, index, hashes) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])
           ON CONFLICT (level, index) DO UPDATE SET hashes = log_tile.hashes || EXCLUDED.hashes`,
    values: [
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      tiles.map(({ hashes }) => Buffer.concat(hashes)),
    ],
  })
}
