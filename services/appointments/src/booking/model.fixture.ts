import type { Reason } from '@unefois/proto/reasons'
import type { StateName } from '../domain/appointment-state.js'
import { mayFollow, takesSlot } from '../domain/appointment-state.js'

/** A slot of the model: which resource it takes, how many that one holds at once, and for what motive it is. */
export interface ModelSlot {
  readonly resource: string
  readonly lanes: number
  readonly motive: string
  readonly startsAtMs: number
}

export interface ModelAppointment {
  /** A person by their place among the clients; 'agent' for what an agent booked for nobody in particular. */
  readonly who: Who
  slot: ModelSlot
  state: StateName
  revision: number
  untilMs: number
}
export type Who = 0 | 1 | 'agent'

const minuteMs = 60_000
export const lengthMs = 30 * minuteMs
export const holdMs = 10 * minuteMs

type Outcome = Reason | undefined

/** What booking is to do, in memory and one after the other: appointments in the order in which they came to be. */
export class BookingModel {
  nowMs: number
  readonly appointments: ModelAppointment[] = []

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  isOver({ state, untilMs }: ModelAppointment): boolean {
    return state === 'lapsed' || (state === 'held' && untilMs <= this.nowMs)
  }

  isLive(each: ModelAppointment): boolean {
    return takesSlot(each.state) && !this.isOver(each)
  }

  hold(who: Who, slot: ModelSlot): Outcome {
    return this.#take(who, slot, 'held', this.nowMs + holdMs)
  }

  book(who: Who, slot: ModelSlot): Outcome {
    return this.#take(who, slot, 'booked', 0)
  }

  bookHold(who: Who, hold: ModelAppointment): Outcome {
    if (hold.who !== who || (hold.state !== 'held' && hold.state !== 'lapsed')) return 'HOLD_UNKNOWN'
    if (this.isOver(hold)) return 'HOLD_EXPIRED'
    const others = this.#ofMotive(who, hold.slot).filter((each) => each !== hold)
    if (others.some(({ state }) => state !== 'held')) return 'APPOINTMENT_LIMIT_REACHED'
    for (const other of others) other.state = 'lapsed'
    hold.state = 'booked'
    return undefined
  }

  release(who: Who, hold: ModelAppointment): Outcome {
    const isTheirs = who === 'agent' || hold.who === who
    if (!isTheirs || (hold.state !== 'held' && hold.state !== 'lapsed')) return 'HOLD_UNKNOWN'
    hold.state = 'lapsed'
    return undefined
  }

  move(who: Who, kept: ModelAppointment, slot: ModelSlot): Outcome {
    if (this.#isUnseen(who, kept)) return 'APPOINTMENT_UNKNOWN'
    if (kept.state !== 'booked') return 'APPOINTMENT_ENDED'
    if (slot.motive !== kept.slot.motive || slot === kept.slot) return 'APPOINTMENT_INVALID'
    if (who !== 'agent' && kept.slot.startsAtMs <= this.nowMs) return 'CHANGE_TOO_LATE'
    if (slot.startsAtMs <= this.nowMs) return 'TIME_PASSED'
    if (this.#isTaken(slot, [kept])) return 'SLOT_TAKEN'
    kept.slot = slot
    kept.revision += 1
    return undefined
  }

  cancel(who: Who, kept: ModelAppointment): Outcome {
    if (this.#isUnseen(who, kept)) return 'APPOINTMENT_UNKNOWN'
    if (kept.state === 'held' || !mayFollow(kept.state, 'cancelled')) return 'APPOINTMENT_ENDED'
    if (who !== 'agent' && kept.slot.startsAtMs <= this.nowMs) return 'CHANGE_TOO_LATE'
    kept.state = 'cancelled'
    kept.revision += 1
    return undefined
  }

  attend(kept: ModelAppointment, state: 'arrived' | 'fulfilled' | 'no-show'): Outcome {
    if (this.isOver(kept)) return 'APPOINTMENT_UNKNOWN'
    if (!mayFollow(kept.state, state)) return 'APPOINTMENT_ENDED'
    if (state === 'no-show' && this.nowMs < kept.slot.startsAtMs) return 'APPOINTMENT_INVALID'
    kept.state = state
    kept.revision += 1
    return undefined
  }

  #take(who: Who, slot: ModelSlot, state: StateName, untilMs: number): Outcome {
    if (slot.startsAtMs <= this.nowMs) return 'TIME_PASSED'
    const own = this.#ofMotive(who, slot)
    if (own.some((each) => each.state !== 'held')) return 'APPOINTMENT_LIMIT_REACHED'
    if (this.#isTaken(slot, own)) return 'SLOT_TAKEN'
    for (const held of own) held.state = 'lapsed'
    this.appointments.push({ who, slot, state, revision: 0, untilMs })
    return undefined
  }

  /** What a person has of a motive by their own hand. */
  #ofMotive(who: Who, { motive }: ModelSlot): ModelAppointment[] {
    if (who === 'agent') return []
    return this.appointments.filter(
      (each) =>
        each.who === who &&
        each.slot.motive === motive &&
        this.isLive(each) &&
        each.slot.startsAtMs + lengthMs > this.nowMs,
    )
  }

  #isTaken(slot: ModelSlot, but: readonly ModelAppointment[]): boolean {
    const inTheWay = this.appointments.filter(
      (each) =>
        !but.includes(each) &&
        this.isLive(each) &&
        each.slot.resource === slot.resource &&
        Math.abs(each.slot.startsAtMs - slot.startsAtMs) < lengthMs,
    )
    return inTheWay.length >= slot.lanes
  }

  #isUnseen(who: Who, kept: ModelAppointment): boolean {
    return this.isOver(kept) || (who !== 'agent' && kept.who !== who)
  }
}
