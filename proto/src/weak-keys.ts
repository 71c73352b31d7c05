/**
 * Public keys that every library accepts and nobody should: RSA that signs for anyone (e = 1) or factors for some
 * (ROCA, CVE-2017-15361), and curve points of small order, under which anyone can sign or the shared secret is known.
 */
const smallPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
]

/** The residues that a power of 65537 can leave: primes of the flawed generator are all of that form. */
const powersOf65537 = new Map(
  smallPrimes.map((prime) => {
    const powers = new Set<number>()
    for (let power = 1; !powers.has(power); power = (power * 65537) % prime) powers.add(power)
    return [prime, powers]
  }),
)

const residue = (n: bigint, prime: number): number => Number(n % BigInt(prime))
const hasSmallFactor = (n: bigint): boolean => n % 2n === 0n || smallPrimes.some((prime) => residue(n, prime) === 0)

/** Whether a modulus bears the ROCA fingerprint (Nemec et al., "The Return of Coppersmith's Attack", §4.1). */
export const isRocaModulus = (n: bigint): boolean =>
  smallPrimes.every((prime) => powersOf65537.get(prime)?.has(residue(n, prime)))

/** The JWK member that makes an RSA key unfit, if one does: 2048 to 8192 bits, 65537 ≤ e < 2^32. */
export const unfitRsaMember = (n: bigint, e: bigint): 'n' | 'e' | undefined => {
  const bits = n.toString(2).length
  if (bits < 2048 || bits > 8192 || hasSmallFactor(n) || isRocaModulus(n)) return 'n'
  if (e < 65537n || e >= 1n << 32n || e % 2n === 0n) return 'e'
  return undefined
}

const fieldPrime = (1n << 255n) - 19n
const yOfOrder8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n

/** Coordinates of the points of order 1, 2, 4 and 8 (y on Ed25519, u on Curve25519). */
const smallOrder = {
  Ed25519: new Set([0n, 1n, fieldPrime - 1n, yOfOrder8, fieldPrime - yOfOrder8]),
  X25519: new Set([
    0n,
    1n,
    fieldPrime - 1n,
    0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
    0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
  ]),
} as const

/** Whether 32 little-endian bytes name a point of small order, or a point in other than its one encoding. */
export const isUnfitPoint = (curve: 'Ed25519' | 'X25519', bytes: Uint8Array): boolean => {
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  // The top bit is the sign of x on Ed25519; RFC 7748 lets X25519 ignore it, which would be a second spelling.
  const coordinate = curve === 'Ed25519' ? number & ((1n << 255n) - 1n) : number
  return coordinate >= fieldPrime || smallOrder[curve].has(coordinate)
}
