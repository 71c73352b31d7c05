/** Local days, YYYY-MM-DD, both included. */
export interface Period {
  readonly startDay: string
  readonly endDay: string
}

const dayMs = 86_400_000
/** What a search takes at once. */
const mostDays = 92
/** No service type is booked longer ahead. */
const furthestDays = 366

const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const later = (one: string, other: string): string => (one > other ? one : other)
const earlier = (one: string, other: string): string => (one < other ? one : other)

/** The part of a period in which slots can be; undefined where there is none. A place's day is at most one off from that of UTC. */
export const searchable = ({ startDay, endDay }: Period, nowMs: number): Period | undefined => {
  const from = later(startDay, dayAt(nowMs - dayMs))
  const to = earlier(endDay, dayAt(nowMs + (furthestDays + 1) * dayMs))
  return from <= to ? { startDay: from, endDay: to } : undefined
}

/** The same days in parts that a search takes. */
export const periodsOf = (period: Period | undefined): Period[] => {
  const parts: Period[] = []
  if (!period) return parts
  for (let at = msOf(period.startDay); at <= msOf(period.endDay); at += mostDays * dayMs)
    parts.push({ startDay: dayAt(at), endDay: earlier(dayAt(at + (mostDays - 1) * dayMs), period.endDay) })
  return parts
}
