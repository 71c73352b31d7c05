import { randomUUID } from 'node:crypto'

/** One of the slots that all clients fight for. */
export interface ContestedSlot {
  readonly scheduleId: string
  readonly startsAtMs: number
}

/** What somebody was told that they have. */
export interface Confirmed extends ContestedSlot {
  readonly appointmentId: string
}

/** A way to book; the same key asks for the same thing again. What is taken is undefined. */
export interface Booker {
  book(slot: ContestedSlot, key: string): Promise<Confirmed | undefined>
  hold(slot: ContestedSlot, key: string): Promise<string | undefined>
  confirm(holdId: string, slot: ContestedSlot, key: string): Promise<Confirmed | undefined>
  move(from: Confirmed, to: ContestedSlot, key: string): Promise<Confirmed | undefined>
  cancel(booked: Confirmed, key: string): Promise<void>
}

/** What the clients were told, from the first to the last answer. */
export interface Told {
  readonly confirmed: ReadonlyMap<string, Confirmed>
  readonly answers: Readonly<Record<'booked' | 'taken' | 'held' | 'moved' | 'cancelled', number>>
}

const pick = <T>(from: readonly T[], draw: (least: number, most: number) => number): T =>
  from[draw(0, from.length - 1)] as T

/** To move an appointment to where it is, is refused. */
const isElsewhere =
  (from: ContestedSlot) =>
  ({ scheduleId, startsAtMs }: ContestedSlot): boolean =>
    scheduleId !== from.scheduleId || startsAtMs !== from.startsAtMs

/**
 * So many clients book, hold, confirm, move and cancel without a pause until it is over. Each keeps at most a handful, so that slots
 * go from hand to hand; some holds are left to end by themselves.
 */
export const contest = async (
  booker: Booker,
  slots: readonly ContestedSlot[],
  {
    clients,
    forMs,
    draw,
  }: { readonly clients: number; readonly forMs: number; readonly draw: (least: number, most: number) => number },
): Promise<Told> => {
  const confirmed = new Map<string, Confirmed>()
  const answers = { booked: 0, taken: 0, held: 0, moved: 0, cancelled: 0 }
  const endsAtMs = performance.now() + forMs
  const keep = (one: Confirmed | undefined, own: Confirmed[]): void => {
    if (!one) {
      answers.taken++
      return
    }
    confirmed.set(one.appointmentId, one)
    own.push(one)
    answers.booked++
  }
  const client = async (): Promise<void> => {
    const own: Confirmed[] = []
    while (performance.now() < endsAtMs) {
      const slot = pick(slots, draw)
      const act = draw(0, 9)
      if (own.length > 8 || (act === 0 && own.length > 0)) {
        const given = own.splice(draw(0, own.length - 1), 1)[0] as Confirmed
        // From when it is asked nobody was told that it stands.
        confirmed.delete(given.appointmentId)
        await booker.cancel(given, randomUUID())
        answers.cancelled++
      } else if (act <= 2 && own.length > 0) {
        const at = draw(0, own.length - 1)
        const from = own[at] as Confirmed
        const moved = await booker.move(from, pick(slots.filter(isElsewhere(from)), draw), randomUUID())
        if (moved) {
          own[at] = moved
          confirmed.set(moved.appointmentId, moved)
          answers.moved++
        } else answers.taken++
      } else if (act <= 5) {
        const hold = await booker.hold(slot, randomUUID())
        if (hold === undefined) answers.taken++
        else {
          answers.held++
          if (draw(0, 4) > 0) keep(await booker.confirm(hold, slot, randomUUID()), own)
        }
      } else keep(await booker.book(slot, randomUUID()), own)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return { confirmed, answers }
}
