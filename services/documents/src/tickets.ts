import { nowSeconds } from '@unefois/chassis/clock'
import type { NeighbourCall, NeighbourClient } from '@unefois/chassis/neighbour'
import type { Runtime } from '@unefois/chassis/runtime'
import type { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { OpeningKeys } from '@unefois/proto/jwe'
import type { PrivateKey } from '@unefois/proto/keys'
import { LruMap } from '@unefois/proto/lru'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { openSubjectTicket, type SubjectTicket } from '@unefois/proto/subject-ticket'

interface Needs {
  readonly identity: Pick<NeighbourClient<typeof IdentityServiceDefinition>, 'requestTicket'>
  readonly runtime: Pick<Runtime, 'clock' | 'member'> & {
    readonly federation: Pick<Runtime['federation'], 'current' | 'onChange'>
  }
  /** The service's own seal key. */
  readonly sealKey: PrivateKey
}

/** About whom, to whom, what for: a ticket is for exactly one such use. */
export interface TicketWish {
  readonly subject: string
  readonly provider: string
  readonly purpose: string
  readonly basisId: string
  readonly loginHandle: string
}

interface Asked {
  readonly ticket: string
  readonly expiresAtSeconds: number
}

const mostKept = 20_000
/** A ticket that ends sooner than this is asked for anew. */
const leastLeftSeconds = 60
const skewSeconds = 60

const keyOf = (wish: TicketWish): string =>
  [wish.subject, wish.provider, wish.purpose, wish.basisId, wish.loginHandle].join('\n')

/** Tickets asked for, and tickets presented; both are reusable until they expire, so both are kept. */
export class Tickets {
  readonly #needs: Needs
  readonly #openingKeys: OpeningKeys
  readonly #asking = new Map<string, Promise<string>>()
  #asked = new LruMap<string, Asked>(mostKept)
  #opened = new LruMap<string, SubjectTicket>(mostKept)

  constructor(needs: Needs) {
    this.#needs = needs
    this.#openingKeys = new OpeningKeys([needs.sealKey])
    // Another list may bring other keys of the identity authority, or of the providers that tickets were sealed to.
    needs.runtime.federation.onChange(() => {
      this.#asking.clear()
      this.#asked = new LruMap(mostKept)
      this.#opened = new LruMap(mostKept)
    })
  }

  /** A ticket for this use, from memory or from the identity authority, asked once for all who wait. Errors: as RequestTicket. */
  async request(wish: TicketWish, call: NeighbourCall): Promise<string> {
    const key = keyOf(wish)
    const known = this.#asked.get(key)
    if (known && known.expiresAtSeconds - leastLeftSeconds > nowSeconds(this.#needs.runtime.clock)) return known.ticket
    const others = this.#asking.get(key)
    if (!others) return this.#ask(key, wish, call)
    try {
      return await call.deadline.race(others)
    } catch (thrown) {
      // Whoever asked may have had less time than this call has.
      if (toMeshError(thrown).reason !== 'DEADLINE_EXCEEDED') throw thrown
      call.deadline.forNextHopMs()
      return this.request(wish, call)
    }
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

  #ask(key: string, wish: TicketWish, call: NeighbourCall): Promise<string> {
    // A ticket asked for under the list before is not remembered under the next.
    const asked = this.#asked
    const asking = this.#needs.identity
      .requestTicket(wish, { deadline: call.deadline })
      .then(({ ticket, expiresAtSeconds }) => {
        asked.set(key, { ticket, expiresAtSeconds })
        return ticket
      })
      .finally(() => {
        if (this.#asking.get(key) === asking) this.#asking.delete(key)
      })
    this.#asking.set(key, asking)
    return asking
  }
}
