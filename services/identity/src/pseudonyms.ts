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
  readonly #current: number
  readonly #keys = new Map<string, KeyObject>()

  /** The highest epoch is current; the others still open. Throws RangeError without a secret, or for one not of 32 bytes. */
  constructor(secrets: readonly PseudonymSecret[]) {
    if (secrets.length === 0 || secrets.some(({ secret }) => secret.length !== 32))
      throw new RangeError('Each epoch of pseudonyms needs a secret of 32 bytes')
    this.#secrets = new Map(secrets.map(({ epoch, secret }) => [epoch, secret]))
    this.#current = Math.max(...this.#secrets.keys())
  }

  /** The current pseudonym of a person at one member; always the same within an epoch. */
  of(person: PersonId, member: string): SubjectId {
    const key = this.#keyOf(this.#current, member)
    if (!key) throw new RangeError('The current epoch has no secret')
    const cipher = createCipheriv(oneBlock, key, null).setAutoPadding(false)
    const block = Buffer.concat([cipher.update(bytesOfPerson(person)), cipher.final()])
    return `p1.${this.#current}.${block.toString('base64url')}` as SubjectId
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
