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

const hourMs = 60 * minuteMs
// What an opening has too little time for is carried on to other days. A count that began anew at each opening would keep nothing of
// short ones, ever; one of all cells since 1970 would keep the same time each day wherever a day is a whole round of it. So each opening
// begins with another part of a kept cell: 101 parts, a prime, so that no rhythm of days but 101 comes round before all had their turn;
// 90 an hour, which is 39 a day, close to the golden section, so that days that follow each other are far apart.
const parts = 101
const partsOfHour = 90

/** How many of `parts` of a kept cell an opening begins with. */
const partsBefore = ({ gridAtMs }: Pick<Opening, 'gridAtMs'>): number =>
  (Math.floor(gridAtMs / hourMs) * partsOfHour) % parts

/**
 * Whether one of these cells of an opening, counted from 0, is kept. Of an opening there are `percent` in a hundred, give or take less
 * than one; of 101 openings that begin at the same hour and a same number of days apart, also give or take less than one.
 */
const hasKeptCell = (
  first: number,
  last: number,
  { percent, before }: { percent: number; before: number },
): boolean => {
  const keptUntil = (cell: number): number => Math.floor((cell * percent * parts + before * 100) / (100 * parts))
  return keptUntil(last + 1) > keptUntil(first)
}

/**
 * The slots of an opening for a service type. One follows the other by the length of the meeting and the gap after it. What is kept
 * is counted in meetings of one unit, so that a longer meeting is kept where any part of it is.
 */
export function* slotsOf(opening: Opening, type: Lengths, units: number): Generator<GridSlot> {
  const { startsAtMs: from, endsAtMs: to, gridAtMs } = opening
  const lengthMs = meetingMs(type, units)
  const stepMs = lengthMs + type.gapMinutes * minuteMs
  const cellMs = meetingMs(type, 1) + type.gapMinutes * minuteMs
  const kept = { percent: type.reservedPercent, before: partsBefore(opening) }
  for (let at = gridAtMs + Math.ceil((from - gridAtMs) / stepMs) * stepMs; at + lengthMs <= to; at += stepMs) {
    const first = Math.floor((at - gridAtMs) / cellMs)
    const last = Math.floor((at + lengthMs - 1 - gridAtMs) / cellMs)
    yield {
      startsAtMs: at,
      endsAtMs: at + lengthMs,
      isKept: hasKeptCell(first, last, kept),
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
