import type { Clock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import type { Log } from '@unefois/chassis/log'
import type { NeighbourClient } from '@unefois/chassis/neighbour'
import type { Postgres, Session } from '@unefois/chassis/postgres'
import type { EventServiceDefinition, ListEventsResponse } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { toMeshError } from '@unefois/proto/reasons'
import { disabledBy } from './delivery-schedule.js'
import { eventTypeName, eventTypeOf } from './event-types.js'
import { postEvent } from './post-event.js'
import { signedDelivery } from './signed-event.js'
import { requireAllowedAddress } from './webhook-address.js'
import type { StoredWebhook, Webhooks } from './webhooks.js'

interface Needs {
  readonly member: string
  /** Origins that events may be sent to. */
  readonly origins: readonly string[]
  readonly webhooks: Webhooks
  readonly events: Pick<NeighbourClient<typeof EventServiceDefinition>, 'listEvents'>
  readonly postgres: Pick<Postgres, 'session'>
  readonly clock: Clock
  readonly log: Log
}

const sweepMs = 1000
const eventsAtOnce = 50
/** How long the feed is waited for; a gateway that ends does not wait for the rest. */
const waitMs = 20_000
const callMs = 22_000

type Ready = NonNullable<Awaited<ReturnType<Webhooks['ready']>>>

/**
 * Delivers the agency's feed to webhooks: each in order, each event until it was taken. The position is kept after a delivery, so
 * a process that dies in between delivers once more. One process at a time delivers to a webhook; its lock ends with it.
 */
export class WebhookCourier {
  readonly #needs: Needs
  readonly #carrying = new Map<string, Promise<void>>()
  readonly #delivering = new Set<Promise<boolean>>()
  #timer: NodeJS.Timeout | undefined
  #session: Session | undefined
  #looking: Promise<void> | undefined
  #isStopped = false

  constructor(needs: Needs) {
    this.#needs = needs
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), sweepMs)
    this.#timer.unref()
    this.wake()
  }

  /** Looks for webhooks that are due; for nobody before it was started. */
  wake(): void {
    if (!this.#timer || this.#looking || this.#isStopped) return
    this.#looking = this.#look()
      .catch((error) => this.#needs.log.warn({ err: error }, 'webhooks could not be read; the next sweep tries again'))
      .finally(() => {
        this.#looking = undefined
      })
  }

  /** Takes up nothing further; waits for the deliveries under way, each of which ends within its time. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#looking
    await Promise.allSettled(this.#delivering)
    await this.#session?.end().catch(() => undefined)
  }

  async #look(): Promise<void> {
    const { webhooks, postgres, clock } = this.#needs
    const due = (await webhooks.due(clock.nowMs())).filter((id) => !this.#carrying.has(id))
    if (due.length === 0 || this.#isStopped) return
    if (!this.#session?.isOpen()) this.#session = await postgres.session()
    const session = this.#session
    for (const id of due) {
      const done = this.#carry(id, session)
        .catch((error) => this.#needs.log.warn({ err: error }, 'a webhook was left; the next sweep takes it up'))
        .finally(() => this.#carrying.delete(id))
      this.#carrying.set(id, done)
    }
  }

  async #carry(webhookId: string, session: Session): Promise<void> {
    const lock = 'hashtext(current_schema()), hashtext($1)'
    const name = `webhook ${webhookId}`
    const { rows } = await session.query<{ ok: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS ok`, [name])
    if (!rows[0]?.ok) return
    try {
      let isMore = true
      while (isMore && !this.#isStopped && session.isOpen()) isMore = await this.#deliverPage(webhookId, session)
    } finally {
      if (session.isOpen()) await session.query(`SELECT pg_advisory_unlock(${lock})`, [name])
    }
  }

  /** False once there is nothing to do for this webhook now. */
  async #deliverPage(webhookId: string, session: Session): Promise<boolean> {
    const { webhooks, clock } = this.#needs
    const ready = await webhooks.ready(webhookId, clock.nowMs())
    if (!ready || !(await this.#isAllowed(ready.webhook))) return false
    const askedAtMs = clock.monotonicMs()
    const page = await this.#read(ready.webhook)
    if (!page) return false
    for (const event of page.events) {
      // Without its lock, another process may be delivering to the same address.
      if (this.#isStopped || !session.isOpen()) return false
      const delivering = this.#deliver(ready, event)
      this.#delivering.add(delivering)
      const isDelivered = await delivering.finally(() => this.#delivering.delete(delivering))
      if (!isDelivered) return false
    }
    if (page.events.length > 0) return true
    if (page.position !== ready.webhook.position) await webhooks.delivered(webhookId, page.position)
    // Whoever answers nothing at once is not asked at once again.
    return clock.monotonicMs() - askedAtMs >= sweepMs
  }

  /** An address that was taken out of the configuration is sent nothing more. */
  async #isAllowed(webhook: StoredWebhook): Promise<boolean> {
    const { origins, webhooks, clock } = this.#needs
    try {
      requireAllowedAddress(webhook.url, origins)
      return true
    } catch {
      await webhooks.failed(webhook, 'not allowed any more', 'address-not-allowed', clock.nowMs())
      return false
    }
  }

  async #read(webhook: StoredWebhook): Promise<ListEventsResponse | undefined> {
    const { events, webhooks, clock, log } = this.#needs
    const types = webhook.types.flatMap((name) => eventTypeOf(name) ?? [])
    const request = { position: webhook.position, types, pageSize: eventsAtOnce, waitMs }
    try {
      return await events.listEvents(request, { deadline: Deadline.after(callMs, clock) })
    } catch (thrown) {
      if (this.#isStopped) return undefined
      const { reason } = toMeshError(thrown)
      // What fails here says nothing of the receiver: nobody is called failing for it.
      if (reason === 'POSITION_TOO_OLD')
        await webhooks.failed(webhook, 'events were missed', 'position-too-old', clock.nowMs())
      else log.warn({ reason }, 'the feed could not be read for a webhook; the next sweep tries again')
      return undefined
    }
  }

  async #deliver({ webhook, secrets }: Ready, event: ListEventsResponse['events'][number]): Promise<boolean> {
    const { member, webhooks, clock, log } = this.#needs
    const { webhookId, url } = webhook
    const signing = { member, secrets, nowMs: clock.nowMs() }
    const attempt = await postEvent(url, signedDelivery({ ...event, type: eventTypeName(event.type) }, signing))
    if (attempt.kind === 'delivered') {
      await webhooks.delivered(webhookId, event.position)
      return true
    }
    const nowMs = clock.nowMs()
    const standing = (await webhooks.ready(webhookId, nowMs))?.webhook
    if (!standing) return false
    const disabled = disabledBy(attempt, standing.failingSinceMs ?? nowMs, nowMs)
    log.info({ webhookId, failure: attempt.failure, attempts: standing.attempts + 1, disabled }, 'a delivery failed')
    await webhooks.failed(standing, attempt.failure, disabled, nowMs)
    return false
  }
}
