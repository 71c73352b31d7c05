import { randomUUID } from 'node:crypto'
import { Deadline } from '@unefois/chassis/deadline'
import type { Call } from '@unefois/chassis/rpc'
import type { Runtime } from '@unefois/chassis/runtime'
import {
  type RequestEvidenceRequest,
  type RequestEvidenceResponse,
  RouteCause,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import { type Reason, toMeshError } from '@unefois/proto/reasons'
import { type AskedAgain, type Asker, dueAtMs, longestWaitMs, nextDueAtMs } from './domain/later.js'
import { addAgencyEvent } from './store/agency-events.js'
import type { PendingRequest, PendingRequests } from './store/pending-requests.js'

interface Needs {
  readonly runtime: Pick<Runtime, 'clock' | 'log' | 'postgres'>
  readonly pendingRequests: PendingRequests
}

/** Asks once, through every gate, as the exchange of this id. Errors: as RequestEvidence. */
export type AskOnce = (
  request: RequestEvidenceRequest,
  call: Call,
  exchangeId: string,
) => Promise<RequestEvidenceResponse>

const atOnce = 20
const longestAskMs = 20_000
/** A process that dies while it asks leaves the request to another after so long. */
const againMs = 2 * longestAskMs

/** Failures that say nothing about the request. */
const failures: ReadonlySet<Reason> = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
  'FEDERATION_LIST_EXPIRED',
])

const askedAgain = ({ outcome }: RequestEvidenceResponse): AskedAgain => {
  if (outcome?.$case === 'pending') return { kind: 'pending', retryAfterMs: outcome.value.retryAfterMs }
  const isUnreachable = outcome?.$case === 'otherRoute' && outcome.value.cause === RouteCause.ROUTE_CAUSE_UNREACHABLE
  return isUnreachable ? { kind: 'unreachable' } : { kind: 'answered' }
}

/** In whose name a call is made, when it may be made again; undefined for callers that make no requests. */
export const askerOf = ({ caller }: Call): Asker | undefined =>
  caller.kind === 'system' || caller.kind === 'person' ? caller : undefined

/**
 * Keeps what a provider will answer later, and asks again when it is due: a new exchange each time, so basis, consent and
 * ticket are judged anew. What comes of it is read under the exchange id that the agency was told first.
 */
export class LaterDelivery {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  async keep(exchangeId: string, request: RequestEvidenceRequest, asker: Asker, retryAfterMs: number): Promise<void> {
    const nowMs = this.#needs.runtime.clock.nowMs()
    const giveUpAtMs = Math.floor(nowMs + longestWaitMs)
    await this.#needs.pendingRequests.keep({ exchangeId, request, asker, giveUpAtMs }, dueAtMs(retryAfterMs, nowMs))
  }

  async deliverDue(ask: AskOnce): Promise<void> {
    const nowMs = Math.floor(this.#needs.runtime.clock.nowMs())
    const due = await this.#needs.pendingRequests.takeDue(nowMs, nowMs + againMs, atOnce)
    await Promise.all(due.map((pending) => this.#deliver(pending, ask)))
  }

  async #deliver({ exchangeId, request, asker, giveUpAtMs }: PendingRequest, ask: AskOnce): Promise<void> {
    const { runtime, pendingRequests } = this.#needs
    const askedAs = randomUUID()
    const call: Call = { caller: asker, deadline: Deadline.after(longestAskMs, runtime.clock), door: 'home' }
    const asked = await this.#ask(() => ask(request, call, askedAs))
    const due = nextDueAtMs(asked, giveUpAtMs, runtime.clock.nowMs())
    if (due === undefined)
      await runtime.postgres.transaction(async (tx) => {
        await pendingRequests.settle(exchangeId, askedAs, tx)
        await addAgencyEvent(tx, 'answer-arrived', exchangeId, runtime.clock.nowMs())
      })
    else await pendingRequests.postpone(exchangeId, askedAs, due)
  }

  async #ask(once: () => Promise<RequestEvidenceResponse>): Promise<AskedAgain> {
    try {
      return askedAgain(await once())
    } catch (thrown) {
      const { reason } = toMeshError(thrown)
      this.#needs.runtime.log.info({ reason }, 'a request asked again later was not answered')
      return { kind: failures.has(reason) ? 'unreachable' : 'answered' }
    }
  }
}
