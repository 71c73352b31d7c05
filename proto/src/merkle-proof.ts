import {
  hashOfRange,
  type LeafRange,
  merkleNodeHash,
  type NodeRef,
  nodesOfRange,
  type ReadNode,
  requireSize,
  splitOf,
} from './merkle-tree.js'

/** Proofs of RFC 6962 §2.1.1 and §2.1.2, and their verification after RFC 9162 §2.1.3.2 and §2.1.4.2. */

/** The ranges whose hashes prove leaf `index` in a tree of `size`, from the leaf up. */
const inclusionRanges = (index: number, size: number): LeafRange[] => {
  if (!(requireSize(index) < requireSize(size))) throw new RangeError('The leaf is not in the tree')
  const ranges: LeafRange[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      ranges.unshift({ start: middle, end })
      end = middle
    } else {
      ranges.unshift({ start, end: middle })
      start = middle
    }
  }
  return ranges
}

/** The ranges whose hashes prove that a tree of `newSize` begins with the tree of `oldSize`. */
const consistencyRanges = (oldSize: number, newSize: number): LeafRange[] => {
  if (!(requireSize(oldSize) <= requireSize(newSize))) throw new RangeError('A tree does not shrink')
  if (oldSize === 0 || oldSize === newSize) return []
  const ranges: LeafRange[] = []
  let [start, end] = [0, newSize]
  while (end !== oldSize) {
    const middle = start + splitOf(end - start)
    if (oldSize <= middle) {
      ranges.unshift({ start: middle, end })
      end = middle
    } else {
      ranges.unshift({ start, end: middle })
      start = middle
    }
  }
  // The verifier knows the old root already when it is itself this subtree.
  return start === 0 ? ranges : [{ start, end }, ...ranges]
}

/** The stored nodes that inclusionProof needs. Throws RangeError for a leaf that is not in the tree. */
export const nodesForInclusion = (index: number, size: number): NodeRef[] =>
  inclusionRanges(index, size).flatMap(nodesOfRange)

/** The audit path of leaf `index` in the tree of the first `size` leaves, from the leaf up. Throws RangeError. */
export const inclusionProof = (index: number, size: number, readNode: ReadNode): Buffer[] =>
  inclusionRanges(index, size).map((range) => hashOfRange(range, readNode))

/** The stored nodes that consistencyProof needs. Throws RangeError when the tree would shrink. */
export const nodesForConsistency = (oldSize: number, newSize: number): NodeRef[] =>
  consistencyRanges(oldSize, newSize).flatMap(nodesOfRange)

/** The proof that the tree of `newSize` only added to that of `oldSize`; empty from 0 or between equals. Throws RangeError. */
export const consistencyProof = (oldSize: number, newSize: number, readNode: ReadNode): Buffer[] =>
  consistencyRanges(oldSize, newSize).map((range) => hashOfRange(range, readNode))

type Hash = Uint8Array
const isSame = (a: Hash | undefined, b: Hash): boolean => a !== undefined && Buffer.compare(a, b) === 0
const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const areHashes = (hashes: readonly Hash[]): boolean => hashes.every(({ length }) => length === 32)
const half = (value: number): number => Math.floor(value / 2)

/** Whether the proof leads from the leaf hash at `index` to the root of a tree of `size`. Never throws. */
export const verifyInclusion = (
  leafHash: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): boolean => {
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leafHash, ...proof, root])) return false
  let [at, last] = [index, size - 1]
  let hash = leafHash
  for (const sibling of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = merkleNodeHash(sibling, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)]
    } else {
      hash = merkleNodeHash(hash, sibling)
    }
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 && isSame(hash, root)
}

/** Whether the proof shows that the tree (newSize, newRoot) begins with the tree (oldSize, oldRoot). Never throws. */
export const verifyConsistency = (
  oldSize: number,
  newSize: number,
  oldRoot: Hash,
  newRoot: Hash,
  proof: readonly Hash[],
): boolean => {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false
  if (!areHashes([oldRoot, newRoot, ...proof])) return false
  if (oldSize === newSize) return proof.length === 0 && isSame(oldRoot, newRoot)
  if (oldSize === 0) return proof.length === 0
  let [at, last] = [oldSize - 1, newSize - 1]
  while (at % 2 === 1) [at, last] = [half(at), half(last)]
  const [seed, ...siblings] = at === 0 ? [oldRoot, ...proof] : proof
  if (seed === undefined) return false
  let [oldHash, newHash] = [seed, seed]
  for (const sibling of siblings) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      oldHash = merkleNodeHash(sibling, oldHash)
      newHash = merkleNodeHash(sibling, newHash)
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)]
    } else {
      newHash = merkleNodeHash(newHash, sibling)
    }
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0 && isSame(oldHash, oldRoot) && isSame(newHash, newRoot)
}
