/**
 * The pseudonym keys. A pseudonym is a person id enciphered as one AES-256 block under a key of one member and one epoch:
 * nothing is stored, only the identity authority can turn it back, and two members' pseudonyms of a person have nothing in
 * common (OpenID Connect Core section 8.1). This module knows no register, and no register store knows it.
 */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { isSubjectId, type SubjectId } from '@unefois/proto/ids'
import { bytesOfPerson, type PersonId, personIdFrom } from './domain/person.js'

export interface PseudonymSecret {
  readonly epoch: number
  /** 32 random bytes. */
  readonly secret: Buffer
}

/** Without chaining or padding, because exactly one block goes through. */
const oneBlock = 'aes-256-ecb'
const blockBytes = 16

export class Pseudonyms {
  readonly #secrets: ReadonlyMap<number, Buffer>
  /** The highest epoch, which members are asked to keep pseudonyms of. */
  readonly newestEpoch: number
  readonly #current: number
  readonly #keys = new Map<string, KeyObject>()

  /**
   * Issues pseudonyms of the current epoch, by default the highest; the others open too. A higher one than the current is
   * being prepared: members move to it before it is issued. Throws RangeError without a secret, for one not of 32 bytes, or
   * when the current epoch has none.
   */
  constructor(secrets: readonly PseudonymSecret[], current?: number) {
    if (secrets.length === 0 || secrets.some(({ secret }) => secret.length !== 32))
      throw new RangeError('Each epoch of pseudonyms needs a secret of 32 bytes')
    this.#secrets = new Map(secrets.map(({ epoch, secret }) => [epoch, secret]))
    this.newestEpoch = Math.max(...this.#secrets.keys())
    this.#current = current ?? this.newestEpoch
    if (!this.#secrets.has(this.#current)) throw new RangeError('The current epoch of pseudonyms has no secret')
  }

  /** The current pseudonym of a person at one member; always the same within an epoch. */
  of(person: PersonId, member: string): SubjectId {
    return this.#inEpoch(this.#current, person, member)
  }

  /** Every pseudonym of a person at one member that opens, of the newest epoch first. */
  spellings(person: PersonId, member: string): readonly SubjectId[] {
    return [...this.#secrets.keys()].sort((a, b) => b - a).map((epoch) => this.#inEpoch(epoch, person, member))
  }

  /**
   * The person id in a pseudonym of this member; undefined when its epoch is retired or it is not in its one spelling.
   * Another member's pseudonym opens to an id that nobody has: only the register tells.
   */
  open(subject: string, member: string): PersonId | undefined {
    if (!isSubjectId(subject)) return undefined
    const [, epoch = '', text = ''] = subject.split('.')
    const key = this.#keyOf(Number(epoch), member)
    const block = Buffer.from(text, 'base64url')
    if (!key || block.length !== blockBytes || block.toString('base64url') !== text) return undefined
    const decipher = createDecipheriv(oneBlock, key, null).setAutoPadding(false)
    return personIdFrom(Buffer.concat([decipher.update(block), decipher.final()]))
  }

  #inEpoch(epoch: number, person: PersonId, member: string): SubjectId {
    const key = this.#keyOf(epoch, member)
    if (!key) throw new RangeError(`Epoch ${epoch} of pseudonyms has no secret`)
    const cipher = createCipheriv(oneBlock, key, null).setAutoPadding(false)
    const block = Buffer.concat([cipher.update(bytesOfPerson(person)), cipher.final()])
    return `p1.${epoch}.${block.toString('base64url')}` as SubjectId
  }

  #keyOf(epoch: number, member: string): KeyObject | undefined {
    const secret = this.#secrets.get(epoch)
    if (!secret) return undefined
    const name = `${epoch} ${member}`
    const known = this.#keys.get(name)
    if (known) return known
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), member, 32)))
    this.#keys.set(name, key)
    return key
  }
}
