import { hash } from 'node:crypto'
import { inclusionProof, nodesForInclusion, verifyInclusion } from '@unefois/proto/merkle-proof'
import { appendLeaves, merkleNodeHash, nodesForTree, splitOf, treeRoot } from '@unefois/proto/merkle-tree'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../database.fixture.js'
import { appendNodes, readNodes } from './log-tiles.js'

let database: Database
beforeAll(async () => {
  database = await openDatabase()
})
afterAll(() => database.drop())

/** Enough for a tile of the third storey: 256 × 256 leaves and some. */
const leafCount = 256 * 256 + 300
const leaves = Array.from({ length: leafCount }, (_, at) => hash('sha256', `leaf ${at}`, 'buffer'))

/** RFC 6962 section 2.1, as it is written. */
const naiveRoot = (from: number, until: number): Buffer => {
  if (until - from === 1) return leaves[from] as Buffer
  const split = from + splitOf(until - from)
  return merkleNodeHash(naiveRoot(from, split), naiveRoot(split, until))
}

const grow = (from: number, until: number): Promise<void> =>
  database.postgres.transaction(async (tx) => {
    const standing = await readNodes(tx, nodesForTree(from))
    await appendNodes(tx, appendLeaves(from, leaves.slice(from, until), standing))
  })

describe('tiles of the log', () => {
  it('refuses to read a node that was never written', async () => {
    const read = await readNodes(database.postgres, [{ level: 0, index: 0 }])
    expect(() => read(0, 0)).toThrow('the exchange log has lost node 0/0')
  })

  it('hold the tree of RFC 6962 across the edges of tiles of every storey, in a row for 256 hashes', async () => {
    const sizes = [1, 255, 256, 257, 600, 65_535, 65_536, 65_537, leafCount]
    let size = 0
    for (const next of sizes) {
      await grow(size, next)
      size = next
      const read = await readNodes(database.postgres, nodesForTree(size))
      expect(treeRoot(size, read), `${size} leaves`).toEqual(naiveRoot(0, size))
    }
    const { rows } = await database.postgres.query<{ level: number; tiles: number }>(
      'SELECT level, count(*) AS tiles FROM log_tile GROUP BY level ORDER BY level',
    )
    expect(rows).toEqual([
      { level: 0, tiles: 258 },
      { level: 1, tiles: 2 },
      { level: 2, tiles: 1 },
    ])
    const root = naiveRoot(0, size)
    for (const index of [0, 255, 256, 65_535, 65_536, leafCount - 1]) {
      const proof = inclusionProof(index, size, await readNodes(database.postgres, nodesForInclusion(index, size)))
      expect(verifyInclusion(leaves[index] as Buffer, index, size, proof, root), `leaf ${index}`).toBe(true)
    }
  })
})
