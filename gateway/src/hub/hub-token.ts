import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The header in which the national hub shows its token, as Node spells it. */
export const hubTokenHeader = 'x-hub-rdv-auth-token'

const fewestCharacters = 16

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The token of the national hub; what is shown is compared in a time that says nothing of it. */
export class HubToken {
  readonly #digest: Buffer

  constructor(token: string) {
    this.#digest = digestOf(token)
  }

  /** Error: a file without a token that nobody guesses. */
  static read(path: string): HubToken {
    const token = readFileSync(path, 'utf8').trim()
    if (token.length < fewestCharacters) throw new Error(`${path}: a token has at least ${fewestCharacters} characters`)
    return new HubToken(token)
  }

  isShown(shown: unknown): boolean {
    return typeof shown === 'string' && timingSafeEqual(digestOf(shown), this.#digest)
  }
}
