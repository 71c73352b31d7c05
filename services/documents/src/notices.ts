import { nowSeconds } from '@unefois/chassis/clock'
import type { Runtime } from '@unefois/chassis/runtime'
import { LruMap } from '@unefois/proto/lru'
import { MeshError } from '@unefois/proto/reasons'
import { type NoticeClaims, noticeType } from '@unefois/proto/statements'
import { checkToken } from '@unefois/proto/token'

type Needs = Pick<Runtime, 'clock' | 'member'> & {
  readonly federation: Pick<Runtime['federation'], 'current' | 'onChange'>
}

const mostKept = 20_000

/** Notices presented to this member: each signature is verified once for as long as the same federation list is in force. */
export class Notices {
  readonly #needs: Needs
  #verified = new LruMap<string, NoticeClaims>(mostKept)

  constructor(needs: Needs) {
    this.#needs = needs
    needs.federation.onChange(() => {
      this.#verified = new LruMap(mostKept)
    })
  }

  /** What the notice says; undefined for no notice at all. Error: NOTICE_MISMATCH, with the exact reason as cause. */
  read(statement: string): NoticeClaims | undefined {
    if (statement === '') return undefined
    const known = this.#verified.get(statement)
    if (known) return known
    const claims = this.#verify(statement)
    this.#verified.set(statement, claims)
    return claims
  }

  #verify(statement: string): NoticeClaims {
    const { clock, federation, member } = this.#needs
    try {
      return checkToken(statement, noticeType, {
        audience: member,
        keyOf: federation.current.keyOf('statement'),
        nowSeconds: nowSeconds(clock),
      })
    } catch (cause) {
      throw new MeshError('NOTICE_MISMATCH', { cause })
    }
  }
}
