import { randomBytes } from 'node:crypto'
import { Deadline } from '@unefois/chassis/deadline'
import type { NeighbourClient } from '@unefois/chassis/neighbour'
import type { Runtime } from '@unefois/chassis/runtime'
import type { ConsentServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { Lease, LeaseAnswer, LeaseAsk } from './domain/lease.js'
import { feedPosition } from './store/consents.js'

interface Needs {
  readonly consent: Pick<NeighbourClient<typeof ConsentServiceDefinition>, 'renewLease'>
  readonly lease: Lease
  readonly runtime: Pick<Runtime, 'clock' | 'log' | 'postgres' | 'federation'>
}

/** Nobody answered: ask again this soon, because releases on consent wait for it. */
const pauseWhenLostMs = 250
const askMs = 2000
/** However short a lease, it is not asked for more often than this. */
const shortestPauseMs = 250

/** Keeps this process' lease: asks at a third of its length, with a fresh nonce each time. */
export class LeaseKeeper {
  readonly #needs: Needs
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  #isLost = false
  /** An answer that waits for events still under way. */
  #waiting: { ask: LeaseAsk; answer: LeaseAnswer } | undefined

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Asks now, and then for as long as the process runs. */
  async start(): Promise<void> {
    const leaseMs = await this.renew()
    if (this.#isStopped) return
    const pauseMs = leaseMs === undefined ? pauseWhenLostMs : Math.max(leaseMs / 3, shortestPauseMs)
    this.#timer = setTimeout(() => void this.start(), pauseMs)
    this.#timer.unref()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Asks once; answers the length of the lease, or nothing when nobody answered. */
  async renew(): Promise<number | undefined> {
    const { consent, runtime } = this.#needs
    try {
      const authority = runtime.federation.current.memberWithRole('consent-authority').id
      const appliedPosition = await feedPosition(runtime.postgres, authority)
      const nonce = randomBytes(16)
      const ask = { nonce: nonce.toString('hex'), askedAtMs: runtime.clock.monotonicMs() }
      const answer = await consent.renewLease(
        { nonce, appliedPosition },
        { deadline: Deadline.after(askMs, runtime.clock) },
      )
      this.#waiting = {
        ask,
        answer: {
          nonce: Buffer.from(answer.nonce).toString('hex'),
          requiredPosition: answer.requiredPosition,
          leaseMs: answer.leaseMs,
        },
      }
      await this.applied()
      if (this.#isLost) runtime.log.info('the lease on the consent state is held again')
      this.#isLost = false
      return answer.leaseMs
    } catch (error) {
      if (!this.#isLost) runtime.log.warn({ err: error }, 'the lease on the consent state could not be renewed')
      this.#isLost = true
      return undefined
    }
  }

  /** Called when consent events were applied: an answer that waited for them may now renew the lease. */
  async applied(): Promise<void> {
    const waiting = this.#waiting
    if (!waiting) return
    const { lease, runtime } = this.#needs
    const authority = runtime.federation.current.memberWithRole('consent-authority').id
    const position = await feedPosition(runtime.postgres, authority)
    if (lease.renew(waiting.ask, waiting.answer, position) && this.#waiting === waiting) this.#waiting = undefined
  }
}
