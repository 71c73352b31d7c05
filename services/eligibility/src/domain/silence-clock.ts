import type { Term } from './procedure.js'
import { dayAfterTerm, daysLater } from './term.js'

/** Something asked of the person, as far as the clock is concerned; days in Europe/Paris, YYYY-MM-DD. */
export interface ClockCorrection {
  readonly askedDay: string
  /** When all of it had come; undefined while it is awaited. */
  readonly resolvedDay: string | undefined
  /** The last day that the person was given. */
  readonly untilDay: string
  /** Something is missing, so that the file is not complete. */
  readonly isIncomplete: boolean
}

export interface ClockInput {
  readonly depositDay: string
  readonly period: Term
  readonly regime: 'acceptance' | 'rejection'
  /**
   * `continue`: what was missing starts the clock again once it has come, what was wrong suspends it. `reset`: both start it again.
   * Of an acceptance alone; a rejection is only ever suspended.
   */
  readonly resume: 'continue' | 'reset'
  readonly corrections: readonly ClockCorrection[]
  readonly today: string
}

export interface ClockReading {
  /** The day on which silence speaks, as far as known today. */
  readonly dueDay: string
  /** Something is awaited of the person that keeps it from speaking. */
  readonly isWaiting: boolean
}

/** Both days included. */
interface Span {
  readonly from: string
  readonly to: string
}

const earlier = (one: string, other: string): string => (one < other ? one : other)
const later = (one: string, other: string): string => (one > other ? one : other)
const dayMs = 86_400_000
const daysOf = ({ from, to }: Span): number => (Date.parse(to) - Date.parse(from)) / dayMs + 1

/** How many days the spans cover together, from a day on: a day on which two things are awaited stands still once. */
const daysCovered = (spans: readonly Span[], start: string): number => {
  let covered = 0
  let next = start
  for (const { from, to } of [...spans].sort((one, other) => (one.from < other.from ? -1 : 1))) {
    const rest = { from: later(from, next), to }
    if (rest.to < rest.from) continue
    covered += daysOf(rest)
    next = daysLater(to, 1)
  }
  return covered
}

/**
 * When the silence of an agency speaks (CRPA L231-1, L231-4, L114-5). The day after the deposit, or after the completion of the
 * file, is the first that counts; the days on which it stands still are added at the end, where a month ends on its last day if it
 * has no such date. A rejection stands still from the day of asking until all has come, at most until the day that was given; an
 * acceptance as long as it takes.
 */
export const silenceClock = (input: ClockInput): ClockReading => {
  const { depositDay, period, regime, resume, corrections, today } = input
  const isAcceptance = regime === 'acceptance'
  const endOf = ({ resolvedDay, untilDay }: ClockCorrection): string =>
    isAcceptance ? (resolvedDay ?? today) : earlier(resolvedDay ?? today, untilDay)
  const restarts = (each: ClockCorrection): boolean => isAcceptance && (resume === 'reset' || each.isIncomplete)
  const completeDay = corrections.filter(restarts).map(endOf).reduce(later, depositDay)
  const start = daysLater(completeDay, 1)
  const suspended = corrections
    .filter((each) => !restarts(each))
    .map((each) => ({ from: each.askedDay, to: endOf(each) }))
  return {
    dueDay: daysLater(dayAfterTerm(start, period), daysCovered(suspended, start)),
    isWaiting: corrections.some(
      ({ resolvedDay, untilDay }) => resolvedDay === undefined && (isAcceptance || today <= untilDay),
    ),
  }
}

/** The day on which silence speaks if nobody does anything more; undefined where it waits for the person however long. */
export const dayOfSilence = (input: Omit<ClockInput, 'today'>): string | undefined => {
  const { regime, corrections } = input
  const awaited = corrections.filter(({ resolvedDay }) => resolvedDay === undefined)
  if (regime === 'acceptance' && awaited.length > 0) return undefined
  const today = awaited.map(({ untilDay }) => untilDay).reduce(later, input.depositDay)
  return silenceClock({ ...input, today }).dueDay
}
