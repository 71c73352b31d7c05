import type { NeighbourCall, NeighbourClient } from '@unefois/chassis/neighbour'
import {
  type ConsentServiceDefinition,
  ExchangeMode,
  type GetBasisResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { LruMap } from '@unefois/proto/lru'

type ConsentClient = Pick<NeighbourClient<typeof ConsentServiceDefinition>, 'getBasis'>

const mostKept = 20_000

/**
 * What stands behind a basis id, asked once of this member's own consent service. A basis never changes its meaning: a consent
 * given anew has another id, and one that was withdrawn is the provider's to refuse.
 */
export class Bases {
  readonly #consent: ConsentClient
  readonly #known = new LruMap<string, GetBasisResponse>(mostKept)

  constructor(consent: ConsentClient) {
    this.#consent = consent
  }

  /** Errors: as GetBasis. */
  async get(basisId: string, call: NeighbourCall): Promise<GetBasisResponse> {
    const known = this.#known.get(basisId)
    if (known) return known
    const basis = await this.#consent.getBasis({ basisId }, { deadline: call.deadline })
    this.#known.set(basisId, basis)
    return basis
  }
}

/** Whether a statement must travel with the request: in consent mode the provider has its own copy of the consent. */
export const statementOf = (basis: GetBasisResponse): string =>
  basis.mode === ExchangeMode.EXCHANGE_MODE_CONSENT ? '' : basis.statement
