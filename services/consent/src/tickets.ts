import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import type { Federation } from '@unefois/proto/federation'
import type { MemberId } from '@unefois/proto/ids'
import { OpeningKeys } from '@unefois/proto/jwe'
import type { PrivateKey } from '@unefois/proto/keys'
import {
  openSealedSubject,
  openSubjectTicket,
  type SealedSubject,
  type SubjectTicket,
  type TicketOpening,
} from '@unefois/proto/subject-ticket'

interface Needs {
  readonly member: MemberId
  readonly clock: Clock
  readonly federation: { readonly current: Federation }
  /** The service's own seal key. */
  readonly sealKey: PrivateKey
}

/** Opens what the identity authority sealed to this service. */
export class Tickets {
  readonly #needs: Needs
  readonly #openingKeys: OpeningKeys

  constructor(needs: Needs) {
    this.#needs = needs
    this.#openingKeys = new OpeningKeys([needs.sealKey])
  }

  /** Errors: TICKET_INVALID, TOKEN_EXPIRED. */
  openTicket(compact: string): SubjectTicket {
    return openSubjectTicket(compact, this.#opening())
  }

  /** Error: TICKET_INVALID. */
  openSubject(compact: string): SealedSubject {
    return openSealedSubject(compact, this.#opening())
  }

  #opening(): TicketOpening {
    const { member, clock, federation } = this.#needs
    return {
      authority: federation.current.memberWithRole('identity-authority').id,
      audience: member,
      openingKeys: this.#openingKeys,
      keyOf: federation.current.keyOf('ticket'),
      nowSeconds: nowSeconds(clock),
    }
  }
}
