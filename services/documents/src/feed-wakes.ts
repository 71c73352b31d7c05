import type { Log } from '@unefois/chassis/log'
import type { Postgres, Session } from '@unefois/chassis/postgres'
import { feedChannel } from './store/agency-events.js'

interface Needs {
  readonly postgres: Pick<Postgres, 'session'>
  readonly log: Log
}

/** A session that could not be opened, or was lost, is tried again after so long. */
const againMs = 1000
/** How long a session without anybody waiting is kept open. */
const idleMs = 60_000

/**
 * Tells whoever waits that the agency's feed has grown, whichever process of the service added to it: PostgreSQL notifies at each
 * commit. One connection serves all who wait, and none is held while nobody does.
 */
export class FeedWakes {
  readonly #needs: Needs
  readonly #waiting = new Set<() => void>()
  #session: Session | undefined
  #opening: Promise<void> | undefined
  #again: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * Listens from when it resolves: what is committed later is told. The caller reads the feed after that, then waits, or forgets.
   */
  async listen(): Promise<{ readonly grown: Promise<void>; forget(): void }> {
    let wake = (): void => undefined
    const grown = new Promise<void>((resolve) => {
      wake = resolve
    })
    this.#waiting.add(wake)
    clearTimeout(this.#idle)
    if (!this.#session?.isOpen()) await this.#open()
    return {
      grown,
      forget: () => {
        this.#waiting.delete(wake)
        wake()
        if (this.#waiting.size === 0) this.#closeWhenIdle()
      },
    }
  }

  /** Whether nobody is told anything any more. */
  isStopped(): boolean {
    return this.#isStopped
  }

  /** Wakes all who wait, and listens no more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#again)
    clearTimeout(this.#idle)
    await this.#opening
    this.#wakeAll()
    await this.#close()
  }

  #closeWhenIdle(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      if (this.#waiting.size === 0) void this.#close()
    }, idleMs).unref()
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  async #close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.end().catch(() => undefined)
  }

  #open(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** A failure is told to nobody: the session is opened again, and all who wait look at the feed then. */
  async #connect(): Promise<void> {
    try {
      const session = await this.#needs.postgres.session()
      const { rows } = await session.query<{ schema: string }>('SELECT current_schema() AS schema')
      // Services of one database share their channels.
      const own = rows[0]?.schema
      await session.listen(feedChannel, (schema) => {
        if (schema === own) this.#wakeAll()
      })
      this.#session = session
      void session.closed.then(() => this.#lost(session))
    } catch (error) {
      this.#needs.log.warn({ err: error }, 'the feed cannot be listened to; it is tried again')
      this.#later()
    }
  }

  #lost(session: Session): void {
    if (this.#session !== session) return
    this.#session = undefined
    // What was notified meanwhile is in the table: who waits looks, and waits again on the next session.
    this.#later()
  }

  #later(): void {
    if (this.#isStopped) return
    clearTimeout(this.#again)
    this.#again = setTimeout(() => {
      if (this.#waiting.size > 0) void this.#open().then(() => this.#wakeAll())
    }, againMs).unref()
  }
}
