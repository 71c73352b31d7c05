import { randomUUID } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import { readPrivateKey } from '@unefois/chassis/keys'
import type { NeighbourCall, NeighbourClient } from '@unefois/chassis/neighbour'
import type { Runtime } from '@unefois/chassis/runtime'
import type { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { OpeningKeys } from '@unefois/proto/jwe'
import { LruMap } from '@unefois/proto/lru'
import { MeshError } from '@unefois/proto/reasons'
import { openSubjectTicket, type SubjectTicket } from '@unefois/proto/subject-ticket'

interface Needs {
  readonly identity: Pick<NeighbourClient<typeof IdentityServiceDefinition>, 'requestTicket'>
  readonly runtime: Pick<Runtime, 'clock' | 'federation' | 'member'>
  readonly sealKeyPath: string
}

/** About whom, to whom, what for: a ticket is for exactly one such use. */
export interface TicketWish {
  readonly subject: string
  readonly provider: string
  readonly purpose: string
  readonly basisId: string
  readonly loginHandle: string
}

const mostKept = 20_000
/** A ticket that ends sooner than this is asked for anew. */
const leastLeftSeconds = 60
const skewSeconds = 60

/** Tickets asked for, and tickets presented; both are reusable until they expire, so both are kept. */
export class Tickets {
  readonly #needs: Needs
  readonly #asked = new LruMap<string, { ticket: string; expiresAtSeconds: number }>(mostKept)
  #opened = new LruMap<string, SubjectTicket>(mostKept)
  #openingKeys: OpeningKeys

  constructor(needs: Needs) {
    this.#needs = needs
    this.#openingKeys = new OpeningKeys([readPrivateKey(needs.sealKeyPath)])
    // Another list may bring other keys of the identity authority.
    needs.runtime.federation.onChange(() => {
      this.#opened = new LruMap(mostKept)
    })
  }

  /** A ticket for this use, from memory or from the identity authority. Errors: as RequestTicket. */
  async request(wish: TicketWish, call: NeighbourCall): Promise<string> {
    const key = [wish.subject, wish.provider, wish.purpose, wish.basisId, wish.loginHandle].join('\n')
    const now = nowSeconds(this.#needs.runtime.clock)
    const known = this.#asked.get(key)
    if (known && known.expiresAtSeconds - leastLeftSeconds > now) return known.ticket
    const { ticket, expiresAtSeconds } = await this.#needs.identity.requestTicket(wish, { deadline: call.deadline })
    this.#asked.set(key, { ticket, expiresAtSeconds })
    return ticket
  }

  /** The claims of a ticket presented to this member. Errors: TICKET_INVALID, TOKEN_EXPIRED. */
  open(compact: string): SubjectTicket {
    const { clock, federation, member } = this.#needs.runtime
    const now = nowSeconds(clock)
    const known = this.#opened.get(compact)
    if (known) {
      if (known.exp + skewSeconds <= now) throw new MeshError('TOKEN_EXPIRED')
      return known
    }
    const ticket = openSubjectTicket(compact, {
      authority: federation.current.memberWithRole('identity-authority').id,
      audience: member,
      openingKeys: this.#openingKeys,
      keyOf: federation.current.keyOf('ticket'),
      nowSeconds: now,
      skewSeconds,
    })
    this.#opened.set(compact, ticket)
    return ticket
  }
}

/** An id for a record or an exchange. */
export const newId = (): string => randomUUID()
