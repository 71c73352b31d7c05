import { jointly, jointRead } from '@unefois/chassis/joint'
import type { Queryable } from '@unefois/chassis/postgres'
import type { Calendar } from '../domain/calendar.js'
import type { CalendarStore } from '../store/calendar.js'

/** The calendar in memory. Who publishes asks before writing: what is not committed yet would be kept here. */
export class CalendarBook {
  readonly #store: CalendarStore
  #known: Calendar | undefined
  #loading: Promise<Calendar> | undefined

  constructor(store: CalendarStore) {
    this.#store = store
  }

  /** The calendar as it stands; whoever asks at the same time shares one reading of it. */
  async current(db?: Queryable): Promise<Calendar> {
    return db ? jointly(db, this.#ofTransaction, undefined) : this.#newest()
  }

  readonly #ofTransaction = jointRead<undefined, Calendar>(async (db, items) => {
    const calendar = await this.#newest(db)
    return items.map(() => calendar)
  })

  async #newest(db?: Queryable): Promise<Calendar> {
    const revision = await this.#store.revision(db)
    for (;;) {
      if (this.#known && this.#known.revision >= revision) return this.#known
      await (this.#loading ?? this.#load(db))
    }
  }

  /** On the asking connection: a second one for each caller could empty the pool. */
  #load(db: Queryable | undefined): Promise<Calendar> {
    this.#loading = this.#store
      .read(db)
      .then((calendar) => {
        if (!this.#known || this.#known.revision < calendar.revision) this.#known = calendar
        return calendar
      })
      .finally(() => {
        this.#loading = undefined
      })
    return this.#loading
  }
}
