import type { Transaction } from '@unefois/chassis/postgres'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { Calendar, KnownSchedule } from '../domain/calendar.js'
import { suitableSchedules } from '../domain/slot-wish.js'
import type { Span } from '../domain/slots.js'
import type { KeptWaiting } from '../domain/waiting.js'
import { fits } from '../domain/waiting-fit.js'
import { type FreeSlot as Found, findSlots, type SlotSearch } from '../search/slot-search.js'
import { slotOf } from '../search/slot-view.js'
import type { ServingNeeds } from './needs.js'

/** A service type, and the schedules in which its slots are looked for. */
export interface Offered {
  readonly type: ServiceType
  readonly schedules: readonly KnownSchedule[]
}

/** A slot that nobody has, and what it is a slot of. */
export interface FreeSlot {
  readonly slot: Slot
  readonly schedule: KnownSchedule
  readonly type: ServiceType
}

/** Where slots are looked for, and when. */
export interface SearchedSlots {
  readonly calendar: Calendar
  readonly types: ReadonlyMap<string, Offered>
  readonly span: Span
}

const freeSlotOf = (type: ServiceType, found: Found): FreeSlot => ({
  schedule: found.known,
  type,
  slot: slotOf(found, type),
})

/** Looked through together, so that who waits for half a year and finds something tomorrow costs little. */
const windowMs = 7 * 86_400_000
const atOnce = 100

/** How much is given at most, and how much is looked at for it. */
export interface Bound {
  /** Slots given. */
  readonly given: number
  /** Slots and people looked at; a reading of slots counts as many as it may find. */
  readonly looks: number
}

/** The free slots of one week for one kind of wish, read as far as somebody wanted to see them. */
interface Week {
  readonly slots: FreeSlot[]
  next: SlotSearch | undefined
}

/**
 * What is free by now, as one transaction sees it, for one after the other who waits. What was read is kept for those who wish the same,
 * until something was given away.
 */
export class FreeSlots {
  readonly #needs: Pick<ServingNeeds, 'runtime' | 'fullOpenings'>
  readonly #tx: Transaction
  readonly #searched: SearchedSlots
  readonly #known = new Map<string, Week>()
  #looks: number

  constructor(
    needs: Pick<ServingNeeds, 'runtime' | 'fullOpenings'>,
    tx: Transaction,
    searched: SearchedSlots,
    { looks }: Pick<Bound, 'looks'>,
  ) {
    this.#needs = needs
    this.#tx = tx
    this.#searched = searched
    this.#looks = looks
  }

  /** Nothing more is looked at: what was not found may be there all the same. */
  get isSpent(): boolean {
    return this.#looks <= 0
  }

  /** The first free slot that fits somebody, other than these; undefined also where it is spent before one is found. */
  async firstFor(kept: KeptWaiting, without: ReadonlySet<FreeSlot>): Promise<FreeSlot | undefined> {
    const { types, span } = this.#searched
    const offered = types.get(kept.serviceTypeId)
    if (!offered) return undefined
    const nowMs = Math.floor(this.#needs.runtime.clock.nowMs())
    const { channel, said } = kept
    const isAccompanied = said.needs?.isAccompanied === true
    const wish = { ...kept, ...said, channel: channel || undefined, isAccompanied }
    this.#looks--
    for (let at = span.startsAtMs; at < span.endsAtMs; at += windowMs) {
      const window = { startsAtMs: at, endsAtMs: Math.min(at + windowMs, span.endsAtMs) }
      if (window.startsAtMs > kept.untilMs || window.endsAtMs <= kept.fromMs) continue
      const week = this.#week(kept, offered, window, nowMs)
      for (let index = 0; index < week.slots.length || (await this.#readOn(week)); index++) {
        if (this.isSpent) return undefined
        this.#looks--
        const free = week.slots[index]
        if (free && !without.has(free) && fits(wish, free.slot, offered.type, nowMs)) return free
      }
    }
    return undefined
  }

  /** Something was claimed: what was read may be free no more. */
  forget(): void {
    this.#known.clear()
  }

  #week(
    { placeIds, channel, said: { needs } }: KeptWaiting,
    { type, schedules }: Offered,
    span: Span,
    nowMs: number,
  ): Week {
    const { accessibility, language } = needs ?? { accessibility: [], language: '' }
    const kept = needs?.isAccompanied ? 'shown' : 'hidden'
    const wished = [[...placeIds].sort(), channel, [...accessibility].sort(), language]
    const name = JSON.stringify([type.serviceTypeId, wished, kept, span.startsAtMs])
    const known = this.#known.get(name)
    if (known) return known
    const wish = { placeIds, accessibility, channel: channel || undefined, near: undefined, language, units: 1 }
    const suitable = suitableSchedules(schedules, { ...wish, serviceType: type })
    const next: SlotSearch = {
      calendar: this.#searched.calendar,
      type,
      suitable,
      units: 1,
      spanIn: () => span,
      after: { startsAtMs: 0, scheduleNo: 0 },
      ...{ kept, nowMs },
      limit: atOnce,
    }
    // Who waits for what nobody has must not use up what is looked at for those behind them.
    const week = { slots: [], next: suitable.nos.length > 0 ? next : undefined }
    this.#known.set(name, week)
    return week
  }

  /** Whether there was more of a week. */
  async #readOn(week: Week): Promise<boolean> {
    while (week.next && !this.isSpent) {
      this.#looks -= atOnce
      const { type } = week.next
      const { slots, upTo } = await findSlots({ db: this.#tx, fullOpenings: this.#needs.fullOpenings }, week.next)
      week.next = upTo && { ...week.next, after: upTo }
      week.slots.push(...slots.map((each) => freeSlotOf(type, each)))
      if (slots.length > 0) return true
    }
    return false
  }
}
