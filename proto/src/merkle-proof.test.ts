import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  consistencyProof,
  inclusionProof,
  nodesForConsistency,
  nodesForInclusion,
  verifyConsistency,
  verifyInclusion,
} from './merkle-proof.js'
import {
  appendLeaf,
  appendLeaves,
  merkleLeafHash,
  type NodeRef,
  nodesForTree,
  type ReadNode,
  treeRoot,
} from './merkle-tree.js'

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

const maxSize = 200
const data = Array.from({ length: maxSize }, (_, at) => Buffer.from(`leaf ${at}`))

/** MTH, PATH and PROOF word by word from RFC 6962 §2.1, over the leaves from `start` to before `end`. */
const k = (n: number): number => (n <= 2 ? 1 : 2 ** Math.floor(Math.log2(n - 1)))
const computed = new Map<string, Buffer>()
const mth = (start: number, end: number): Buffer => {
  const hash = computed.get(`${start} ${end}`) ?? mthOf(start, end)
  computed.set(`${start} ${end}`, hash)
  return hash
}
const mthOf = (start: number, end: number): Buffer => {
  if (start === end) return sha256()
  if (end - start === 1) return sha256(Buffer.of(0), data[start] as Buffer)
  const middle = start + k(end - start)
  return sha256(Buffer.of(1), mth(start, middle), mth(middle, end))
}
const auditPath = (leaf: number, start: number, end: number): Buffer[] => {
  if (end - start <= 1) return []
  const middle = start + k(end - start)
  return leaf < middle
    ? [...auditPath(leaf, start, middle), mth(middle, end)]
    : [...auditPath(leaf, middle, end), mth(start, middle)]
}
const subproof = (old: number, start: number, end: number, isKnown: boolean): Buffer[] => {
  if (old === end) return isKnown ? [] : [mth(start, end)]
  const middle = start + k(end - start)
  return old <= middle
    ? [...subproof(old, start, middle, isKnown), mth(middle, end)]
    : [...subproof(old, middle, end, false), mth(start, middle)]
}

const stored = new Map<string, Buffer>()
const readStored: ReadNode = (level, index) => {
  const hash = stored.get(`${level} ${index}`)
  if (hash === undefined) throw new Error(`not stored: ${level} ${index}`)
  return hash
}
for (const [size, entry] of data.entries()) {
  for (const { level, index, hash } of appendLeaf(size, merkleLeafHash(entry), readStored)) {
    stored.set(`${level} ${index}`, hash)
  }
}
/** Reads only what was asked for in advance, as a caller with one query does. */
const fetched = (refs: NodeRef[]): ReadNode => {
  const names = new Set(refs.map(({ level, index }) => `${level} ${index}`))
  return (level, index) => {
    if (!names.has(`${level} ${index}`)) throw new Error(`not fetched: ${level} ${index}`)
    return readStored(level, index)
  }
}
const rootOf = (size: number) => treeRoot(size, fetched(nodesForTree(size)))
const inHex = (hashes: Buffer[]) => hashes.map((hash) => hash.toString('hex')).join(' ')
const flip = (hash: Buffer) => Buffer.from(hash.map((byte, at) => (at === 5 ? byte ^ 1 : byte)))

describe('the tree', () => {
  it('has the published roots of the Certificate Transparency vectors', () => {
    const leaves = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ].map((hex) => merkleLeafHash(Buffer.from(hex, 'hex')))
    const roots = [
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]
    const nodes = new Map(appendLeaves(0, leaves, () => Buffer.alloc(0)).map((n) => [`${n.level} ${n.index}`, n.hash]))
    const read: ReadNode = (level, index) => nodes.get(`${level} ${index}`) ?? Buffer.alloc(0)
    expect(roots.map((_, size) => treeRoot(size, read).toString('hex'))).toEqual(roots)
  })

  it('has the root of RFC 6962 at every size to 200', () => {
    for (let size = 0; size <= maxSize; size++) expect(rootOf(size)).toEqual(mth(0, size))
  })

  it('grows the same in one batch as leaf by leaf, reading only the edge of the tree', () => {
    fc.assert(
      fc.property(fc.nat(maxSize), fc.nat(maxSize), (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const leaves = data.slice(from, to).map(merkleLeafHash)
        const written = appendLeaves(from, leaves, fetched(nodesForTree(from)))
        expect(written.every(({ level, index, hash }) => hash.equals(readStored(level, index)))).toBe(true)
        expect(new Set(written.map(({ level, index }) => `${level} ${index}`)).size).toBe(written.length)
        const total = nodeCount(to) - nodeCount(from)
        expect(written.length).toBe(total)
      }),
    )
  })

  const nodeCount = (size: number): number => {
    let count = 0
    for (let width = 1; width <= size; width *= 2) count += Math.floor(size / width)
    return count
  }

  it('names few nodes, also far beyond 32 bits', () => {
    expect(nodesForTree(2 ** 40 + 1)).toEqual([
      { level: 40, index: 0 },
      { level: 0, index: 2 ** 40 },
    ])
    expect(nodesForInclusion(0, 2 ** 40 + 1)).toHaveLength(41)
    expect(nodesForTree(Number.MAX_SAFE_INTEGER).length).toBe(53)
  })

  it('refuses what is no size', () => {
    for (const size of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => nodesForTree(size)).toThrow(RangeError)
    expect(() => nodesForInclusion(5, 5)).toThrow(RangeError)
    expect(() => nodesForConsistency(6, 5)).toThrow(RangeError)
  })
})

describe('inclusion', () => {
  it('is proved as in RFC 6962 for every leaf of every size to 200', () => {
    const sizes = [...Array(maxSize + 1).keys()]
    for (const size of sizes) {
      const root = rootOf(size)
      const leaves = [...data.slice(0, size).entries()]
      const proofs = leaves.map(([index]) => inclusionProof(index, size, fetched(nodesForInclusion(index, size))))
      expect(proofs.map(inHex)).toEqual(leaves.map(([index]) => inHex(auditPath(index, 0, size))))
      const refused = leaves.filter(
        ([index, entry]) => !verifyInclusion(merkleLeafHash(entry), index, size, proofs[index] ?? [], root),
      )
      expect(refused).toEqual([])
    }
  })

  it('is refused for another leaf, place, size, root or path', () => {
    const place = fc.integer({ min: 1, max: maxSize }).chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)))
    fc.assert(
      fc.property(place, fc.nat(maxSize), fc.nat(), ([index, size], other, at) => {
        const leaf = merkleLeafHash(data[index] as Buffer)
        const proof = inclusionProof(index, size, readStored)
        const root = rootOf(size)
        const wrong = proof.map((hash, place) => (place === at % proof.length ? flip(hash) : hash))
        if (other !== index) expect(verifyInclusion(leaf, other, size, proof, root)).toBe(false)
        if (other !== size) expect(verifyInclusion(leaf, index, other, proof, rootOf(other))).toBe(false)
        if (proof.length > 0) expect(verifyInclusion(leaf, index, size, wrong, root)).toBe(false)
        expect(verifyInclusion(flip(leaf), index, size, proof, root)).toBe(false)
        expect(verifyInclusion(leaf, index, size, proof, flip(root))).toBe(false)
        expect(verifyInclusion(leaf, index, size, [...proof, leaf], root)).toBe(false)
        expect(verifyInclusion(leaf, index, size, proof.slice(0, -1), root)).toBe(proof.length === 0)
      }),
    )
  })

  it('is refused for sizes that are none and hashes that are too short', () => {
    const root = rootOf(1)
    expect(verifyInclusion(root, 0, 1, [], root)).toBe(true)
    for (const size of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(verifyInclusion(root, 0, size, [], root)).toBe(false)
      expect(verifyInclusion(root, size === 0 ? -1 : size, 1, [], root)).toBe(false)
    }
    expect(verifyInclusion(root.subarray(1), 0, 1, [], root.subarray(1))).toBe(false)
  })
})

describe('consistency', () => {
  it('is proved as in RFC 6962 between all sizes to 200', () => {
    const sizes = [...Array(maxSize + 1).keys()]
    for (const newSize of sizes) {
      const oldSizes = sizes.filter((size) => size <= newSize)
      const proofs = oldSizes.map((size) =>
        consistencyProof(size, newSize, fetched(nodesForConsistency(size, newSize))),
      )
      const expected = oldSizes.map((size) => (size === 0 ? [] : subproof(size, 0, newSize, true)))
      expect(proofs.map(inHex)).toEqual(expected.map(inHex))
      const refused = oldSizes.filter(
        (size, at) => !verifyConsistency(size, newSize, rootOf(size), rootOf(newSize), proofs[at] ?? []),
      )
      expect(refused).toEqual([])
    }
  })

  it('is refused for another past, present, size or proof', () => {
    const sizes = fc
      .integer({ min: 2, max: maxSize })
      .chain((n) => fc.tuple(fc.integer({ min: 1, max: n - 1 }), fc.constant(n)))
    fc.assert(
      fc.property(sizes, fc.nat(), ([m, n], at) => {
        const proof = consistencyProof(m, n, readStored)
        const [past, present] = [rootOf(m), rootOf(n)]
        const wrong = proof.map((hash, place) => (place === at % proof.length ? flip(hash) : hash))
        expect(verifyConsistency(m, n, flip(past), present, proof)).toBe(false)
        expect(verifyConsistency(m, n, past, flip(present), proof)).toBe(false)
        expect(verifyConsistency(m, n, past, present, wrong)).toBe(false)
        expect(verifyConsistency(m, n, past, present, proof.slice(1))).toBe(false)
        expect(verifyConsistency(m, n, past, present, [...proof, past])).toBe(false)
        expect(verifyConsistency(n, m, present, past, proof)).toBe(false)
        expect(verifyConsistency(m, m, past, flip(past), [])).toBe(false)
      }),
    )
  })
})
