import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'

/** From a moment up to another one, which is not in it; milliseconds since 1970. */
export interface Span {
  readonly startsAtMs: number
  readonly endsAtMs: number
}

/** A time at which a schedule takes meetings; its slots are counted from `gridAtMs`, which lies before it when a closure cuts it. */
export interface Opening extends Span {
  readonly gridAtMs: number
}

/** A time of an opening at which a meeting can be; whether it is free is another question. */
export interface GridSlot extends Span {
  /** Kept for people who are accompanied or vulnerable, until `isReleased`. */
  readonly isKept: boolean
}

const minuteMs = 60_000

export const meets = (a: Span, b: Span): boolean => a.startsAtMs < b.endsAtMs && b.startsAtMs < a.endsAtMs

/** Spans that meet or follow each other without a gap as one, in the order of time. */
export const united = (spans: readonly Span[]): Span[] => {
  const apart: Span[] = []
  for (const { startsAtMs, endsAtMs } of [...spans].sort((a, b) => a.startsAtMs - b.startsAtMs)) {
    const last = apart.at(-1)
    if (last && startsAtMs <= last.endsAtMs)
      apart[apart.length - 1] = { ...last, endsAtMs: Math.max(last.endsAtMs, endsAtMs) }
    else apart.push({ startsAtMs, endsAtMs })
  }
  return apart
}

type Lengths = Pick<ServiceType, 'durationMinutes' | 'gapMinutes' | 'reservedPercent'>

/** How long a meeting of so many people or documents lasts. */
export const meetingMs = ({ durationMinutes }: Pick<Lengths, 'durationMinutes'>, units: number): number =>
  durationMinutes * units * minuteMs

// Of the cells of an opening, counted from 0, the kept ones are spread evenly: so many in a hundred of any long run.
/** Whether one of these cells is kept. */
const hasKeptCell = (first: number, last: number, percent: number): boolean =>
  Math.floor(((last + 1) * percent) / 100) > Math.floor((first * percent) / 100)

/**
 * The slots of an opening for a service type. One follows the other by the length of the meeting and the gap after it. What is kept
 * is counted in meetings of one unit, so that a longer meeting is kept where any part of it is.
 */
export function* slotsOf(opening: Opening, type: Lengths, units: number): Generator<GridSlot> {
  const { startsAtMs: from, endsAtMs: to, gridAtMs } = opening
  const lengthMs = meetingMs(type, units)
  const stepMs = lengthMs + type.gapMinutes * minuteMs
  const cellMs = meetingMs(type, 1) + type.gapMinutes * minuteMs
  for (let at = gridAtMs + Math.ceil((from - gridAtMs) / stepMs) * stepMs; at + lengthMs <= to; at += stepMs) {
    const first = Math.floor((at - gridAtMs) / cellMs)
    const last = Math.floor((at + lengthMs - 1 - gridAtMs) / cellMs)
    yield {
      startsAtMs: at,
      endsAtMs: at + lengthMs,
      isKept: hasKeptCell(first, last, type.reservedPercent),
    }
  }
}

/** Whether a slot that is kept is there for everybody by now. */
export const isReleased = (
  { startsAtMs }: Pick<Span, 'startsAtMs'>,
  { reservedUntilHours }: Pick<ServiceType, 'reservedUntilHours'>,
  nowMs: number,
): boolean => startsAtMs - nowMs <= reservedUntilHours * 60 * minuteMs

/** How many days ahead people book, where the service type does not say. */
export const usualHorizonDays = 90

/** The last day at which people book a service type, counted from today. */
export const horizonOf = ({ horizonDays }: Pick<ServiceType, 'horizonDays'>): number => horizonDays || usualHorizonDays
