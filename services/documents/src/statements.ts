import { nowSeconds } from '@unefois/chassis/clock'
import type { Runtime } from '@unefois/chassis/runtime'
import { LruMap } from '@unefois/proto/lru'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import {
  type ExplicitRequestClaims,
  explicitRequestType,
  type NoticeClaims,
  noticeType,
  type ProactiveUseClaims,
  proactiveUseType,
} from '@unefois/proto/statements'
import { checkToken, type TokenType } from '@unefois/proto/token'

type Needs = Pick<Runtime, 'clock' | 'member'> & {
  readonly federation: Pick<Runtime['federation'], 'current' | 'onChange'>
}

const mostKept = 20_000

/** Statements of one kind, each verified once for as long as the same federation list is in force. */
class Verified<Claims> {
  readonly #needs: Needs
  readonly #type: TokenType<Claims>
  readonly #mismatch: Reason
  #known = new LruMap<string, Claims>(mostKept)

  constructor(needs: Needs, type: TokenType<Claims>, mismatch: Reason) {
    this.#needs = needs
    this.#type = type
    this.#mismatch = mismatch
    needs.federation.onChange(() => {
      this.#known = new LruMap(mostKept)
    })
  }

  read(statement: string): Claims | undefined {
    if (statement === '') return undefined
    const known = this.#known.get(statement)
    if (known) return known
    const claims = this.#verify(statement)
    this.#known.set(statement, claims)
    return claims
  }

  #verify(statement: string): Claims {
    const { clock, federation, member } = this.#needs
    try {
      return checkToken(statement, this.#type, {
        audience: member,
        keyOf: federation.current.keyOf('statement'),
        nowSeconds: nowSeconds(clock),
      })
    } catch (cause) {
      throw new MeshError(this.#mismatch, { cause })
    }
  }
}

/** What other members' consent services signed, as it is presented to this member. */
export class Statements {
  readonly #notices: Verified<NoticeClaims>
  readonly #explicitRequests: Verified<ExplicitRequestClaims>
  readonly #proactiveUses: Verified<ProactiveUseClaims>

  constructor(needs: Needs) {
    this.#notices = new Verified(needs, noticeType, 'NOTICE_MISMATCH')
    this.#explicitRequests = new Verified(needs, explicitRequestType, 'STATEMENT_MISMATCH')
    this.#proactiveUses = new Verified(needs, proactiveUseType, 'STATEMENT_MISMATCH')
  }

  /** What the notice says; undefined for no statement at all. Error: NOTICE_MISMATCH, with the exact reason as cause. */
  notice(statement: string): NoticeClaims | undefined {
    return this.#notices.read(statement)
  }

  /** What the person asked for; undefined for no statement at all. Error: STATEMENT_MISMATCH, the exact reason as cause. */
  explicitRequest(statement: string): ExplicitRequestClaims | undefined {
    return this.#explicitRequests.read(statement)
  }

  /** What the requester searches for; undefined for no statement at all. Error: STATEMENT_MISMATCH, as above. */
  proactiveUse(statement: string): ProactiveUseClaims | undefined {
    return this.#proactiveUses.read(statement)
  }
}
