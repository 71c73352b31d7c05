import type { Taken, TakenTimes } from '../domain/free-slots.js'

const nothing: TakenTimes = new Map()

/** What `taken_around` (migration 0005) says of an opening. */
export const takenIn = (text: string | null): TakenTimes => {
  if (text === null) return nothing
  const taken = new Map<number, Taken[]>()
  for (const each of text.split(',')) {
    const [resourceNo, startsAtMs, endsAtMs, lane, seat, sessionId = '', expiresAtMs] = each.split(' ')
    const one = {
      startsAtMs: Number(startsAtMs),
      endsAtMs: Number(endsAtMs),
      lane: Number(lane),
      seat: Number(seat),
      sessionId,
      expiresAtMs: expiresAtMs === undefined ? undefined : Number(expiresAtMs),
    }
    const others = taken.get(Number(resourceNo))
    if (others) others.push(one)
    else taken.set(Number(resourceNo), [one])
  }
  return taken
}
