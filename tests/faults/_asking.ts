import type { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { RouteCause } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { toMeshError } from '@unefois/proto/reasons'
import { parts } from './_fault-federation.js'
import type { Asking } from './_scene.js'
import { until } from './_until.js'

/** What the requester's software was told; an error has no exchange id. */
export interface Answer {
  /** `evidence`, `route: <CAUSE>`, `pending`, or the reason of an error. */
  readonly outcome: string
  readonly exchangeId: string | undefined
  readonly askedAtMs: number
  readonly tookMs: number
}

export const unreachable = 'route: ROUTE_CAUSE_UNREACHABLE'

const causeNames = new Map<RouteCause, string>(Object.entries(RouteCause).map(([name, cause]) => [cause, name]))

/** The requester's software asks the provider for evidence; every outcome is an answer, no error is thrown. */
export const ask = async (
  town: AgencySystem,
  accessToken: string,
  { subject, purpose, basisId }: Asking,
  deadlineMs = 3000,
): Promise<Answer> => {
  const askedAtMs = Date.now()
  const told = (outcome: string, exchangeId?: string): Answer => ({
    outcome,
    exchangeId,
    askedAtMs,
    tookMs: Date.now() - askedAtMs,
  })
  try {
    const { exchangeId, outcome } = await town.documents.requestEvidence(
      {
        subject,
        provider: parts.provider,
        evidenceType: parts.evidenceType,
        purpose,
        procedure: purpose,
        basisId,
        fields: [parts.field],
        predicates: [],
      },
      { accessToken, deadlineMs },
    )
    if (outcome?.$case !== 'otherRoute') return told(outcome?.$case ?? 'nothing', exchangeId)
    if (outcome.value.routes.length === 0) return told('a route that leads nowhere', exchangeId)
    return told(`route: ${causeNames.get(outcome.value.cause)}`, exchangeId)
  } catch (error) {
    return told(toMeshError(error).reason)
  }
}

/** Exchanges in flight under load. */
export const mostInFlight = 10
const pauseMs = 50

/** So many exchanges in flight at any time, until it is stopped. */
export class Load {
  readonly answers: Answer[] = []
  readonly #workers: Promise<void>[]
  #isStopped = false

  constructor(askOnce: (turn: number) => Promise<Answer>, inFlight = mostInFlight) {
    let turn = 0
    const worker = async (): Promise<void> => {
      while (!this.#isStopped) {
        const answer = await askOnce(turn++)
        this.answers.push(answer)
        // What is down often says so at once; asking again at once would keep it from coming back.
        if (answer.outcome !== 'evidence') await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
    this.#workers = Array.from({ length: inFlight }, worker)
  }

  /** How many answers had this outcome, from the `from`th answer on. */
  count(outcome: string, from = 0): number {
    return this.answers.slice(from).filter((answer) => answer.outcome === outcome).length
  }

  /** The different outcomes so far, sorted. */
  outcomes(from = 0): string[] {
    return [...new Set(this.answers.slice(from).map(({ outcome }) => outcome))].sort()
  }

  /** Resolves once there were so many answers of this outcome, counted from the call on. */
  async until(outcome: string, times: number): Promise<void> {
    const from = this.answers.length
    await until(`${times} × ${outcome}`, () => this.count(outcome, from) >= times)
  }

  /** Asks nothing more, and waits for the answers under way. */
  async stop(): Promise<Answer[]> {
    this.#isStopped = true
    await Promise.all(this.#workers)
    return this.answers
  }
}
