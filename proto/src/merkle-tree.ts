import { hash } from 'node:crypto'

/**
 * The append-only Merkle tree of RFC 6962 §2.1 over stored nodes. Only the hashes of complete subtrees are stored: the
 * node (level, index) covers the leaves index·2^level to (index+1)·2^level − 1 and never changes.
 *
 * Each operation comes in two halves, so that a caller reads from its database once: a function that names the nodes it
 * needs, and a pure one that computes from them. Sizes and indexes are safe integers, not limited to 32 bits.
 */
export interface NodeRef {
  readonly level: number
  readonly index: number
}
export interface StoredNode extends NodeRef {
  readonly hash: Buffer
}
/** The hash of a stored node; asked only for nodes that the matching `nodesFor…` named. */
export type ReadNode = (level: number, index: number) => Uint8Array

/** Leaves `start` to `end` − 1. */
export interface LeafRange {
  readonly start: number
  readonly end: number
}

/** SHA-256(0x00 ‖ entry). */
export const merkleLeafHash = (entry: Uint8Array): Buffer => {
  const input = Buffer.alloc(1 + entry.length)
  input.set(entry, 1)
  return hash('sha256', input, 'buffer')
}

/** SHA-256(0x01 ‖ left ‖ right), of 32 bytes each. */
export const merkleNodeHash = (left: Uint8Array, right: Uint8Array): Buffer => {
  const input = Buffer.alloc(65, 0x01)
  input.set(left, 1)
  input.set(right, 33)
  return hash('sha256', input, 'buffer')
}

/** The root of a tree without leaves: SHA-256 of nothing. */
export const emptyRoot = (): Buffer => hash('sha256', '', 'buffer')

/** The largest power of two smaller than n (n > 1): where RFC 6962 splits a tree of n leaves. */
export const splitOf = (n: number): number => {
  let split = 1
  while (split * 2 < n) split *= 2
  return split
}

/** The fewest stored nodes that cover a range, left to right; the range starts where RFC 6962 would split. */
export const nodesOfRange = ({ start, end }: LeafRange): NodeRef[] => {
  const nodes: NodeRef[] = []
  let at = start
  while (at < end) {
    let level = 0
    let width = 1
    while (at + width * 2 <= end && at % (width * 2) === 0) {
      width *= 2
      level++
    }
    nodes.push({ level, index: at / width })
    at += width
  }
  return nodes
}

/** The RFC 6962 hash of a range of at least one leaf. */
export const hashOfRange = (range: LeafRange, readNode: ReadNode): Buffer => {
  const [last, ...before] = nodesOfRange(range)
    .map(({ level, index }) => readNode(level, index))
    .reverse()
  if (last === undefined) throw new RangeError('An empty range has no hash')
  return before.reduce<Buffer>((right, left) => merkleNodeHash(left, right), Buffer.from(last))
}

/** The nodes that treeRoot and appendLeaves need of a tree of this size: at most one per bit of it. */
export const nodesForTree = (size: number): NodeRef[] => nodesOfRange({ start: 0, end: requireSize(size) })

/** The root of the tree of the first `size` leaves. Throws RangeError for what is no size. */
export const treeRoot = (size: number, readNode: ReadNode): Buffer =>
  requireSize(size) === 0 ? emptyRoot() : hashOfRange({ start: 0, end: size }, readNode)

/** The nodes to store when these leaf hashes follow the first `size` leaves, leaves included. Throws RangeError. */
export const appendLeaves = (size: number, leafHashes: readonly Uint8Array[], readNode: ReadNode): StoredNode[] => {
  requireSize(size + leafHashes.length)
  const written = new Map<string, StoredNode>()
  const read = (level: number, index: number) => written.get(`${level} ${index}`)?.hash ?? readNode(level, index)
  for (const [at, leaf] of leafHashes.entries()) {
    let node: StoredNode = { level: 0, index: requireSize(size) + at, hash: Buffer.from(leaf) }
    written.set(`0 ${node.index}`, node)
    while (node.index % 2 === 1) {
      const { level, index } = node
      node = { level: level + 1, index: (index - 1) / 2, hash: merkleNodeHash(read(level, index - 1), node.hash) }
      written.set(`${node.level} ${node.index}`, node)
    }
  }
  return [...written.values()]
}

/** The same for one leaf. */
export const appendLeaf = (size: number, leafHash: Uint8Array, readNode: ReadNode): StoredNode[] =>
  appendLeaves(size, [leafHash], readNode)

/** The size itself. Throws RangeError for what is not a safe integer of at least 0. */
export const requireSize = (size: number): number => {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('A tree size is a safe integer of at least 0')
  return size
}
