import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import { isZone } from '../domain/local-time.js'
import type { Span } from '../domain/slots.js'
import { whenOf } from './busy-entry.js'
import { type Component, propertyOf } from './icalendar.js'
import { RuleEffort } from './rule-effort.js'
import type { Steps } from './steps.js'

interface Change {
  readonly atMs: number
  readonly fromMs: number
  readonly toMs: number
}

const dayMs = 86_400_000
/** Further back than any two changes of the clocks lie apart. */
const lookedBackMs = 400 * dayMs
/** More than a calendar of one person defines. */
const mostDefined = 20
/** What a rule of clocks is given: once a year, or for centuries where it counts. */
const allowances = [64, 400]
/** More than the clocks of any zone do within two years. */
const mostChanges = 50

/** An offset of RFC 5545 in milliseconds. Throws a RangeError for anything else. */
const offsetMs = (observance: Component, name: string): number => {
  const found = /^([+-])(\d\d)(\d\d)(\d\d)?$/.exec(propertyOf(observance, name)?.value.trim() ?? '')
  if (!found) throw new RangeError('no offset')
  const [, sign, hours, minutes, seconds] = found
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)) * 1000
}

/**
 * When the clocks change by one part of a VTIMEZONE, around a window. Its local times are read as if they were UTC, then put right. Throws
 * a RangeError for a rule that takes more than a rule of clocks.
 */
function* changesOf(observance: Component, { startsAtMs, endsAtMs }: Span, effort: RuleEffort): Steps<Change[]> {
  const { at } = whenOf(propertyOf(observance, 'DTSTART')?.value ?? '', undefined, 'UTC')
  const [fromMs, toMs] = [offsetMs(observance, 'TZOFFSETFROM'), offsetMs(observance, 'TZOFFSETTO')]
  const rule = propertyOf(observance, 'RRULE')?.value
  const utc = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO('UTC')
  const expand = (most: number) =>
    new RRuleTemporal({
      ...{ rruleString: rule ?? '', dtstart: at, temporal: Temporal },
      ...{ maxIterations: most, maxCandidateEvaluations: most },
    }).between(utc(startsAtMs - lookedBackMs), utc(endsAtMs + dayMs), true)
  const later = rule === undefined ? [] : yield* effort.spendOnWhole(allowances, expand)
  if (later === undefined || later.length > mostChanges) throw new RangeError('too much')
  return [at, ...later].map(({ epochMilliseconds }) => ({ atMs: epochMilliseconds - fromMs, fromMs, toMs }))
}

/** How far ahead of UTC the clocks of a VTIMEZONE are. */
const offsetAt = (changes: readonly Change[], ms: number): number | undefined =>
  changes.findLast(({ atMs }) => atMs <= ms)?.toMs ?? changes[0]?.fromMs

const isLike = (zone: string, changes: readonly Change[], { startsAtMs, endsAtMs }: Span): boolean => {
  const around = changes
    .filter(({ atMs }) => atMs > startsAtMs && atMs < endsAtMs)
    .flatMap(({ atMs }) => [atMs - 1, atMs])
  const days = Array.from({ length: Math.ceil((endsAtMs - startsAtMs) / dayMs) }, (_, day) => startsAtMs + day * dayMs)
  return [startsAtMs, ...around, endsAtMs - 1, ...days].every(
    (ms) =>
      new Temporal.ZonedDateTime(BigInt(ms) * 1_000_000n, zone).offsetNanoseconds / 1_000_000 === offsetAt(changes, ms),
  )
}

/** A zone whose clocks show the same over a window; undefined where there is none, and for what cannot be read. */
function* zoneLike(
  definition: Component,
  placeZone: string,
  window: Span,
  effort: RuleEffort,
): Steps<string | undefined> {
  try {
    const changes: Change[] = []
    for (const each of definition.components) {
      changes.push(...(yield* changesOf(each, window, effort)))
      yield
    }
    changes.sort((a, b) => a.atMs - b.atMs)
    for (const zone of [placeZone, ...Intl.supportedValuesOf('timeZone')]) {
      if (isLike(zone, changes, window)) return zone
      yield
    }
    return undefined
  } catch {
    return undefined
  }
}

/**
 * The zones that calendars define by names of their own (RFC 5545, 3.6.5), as "Romance Standard Time", by those names: each as a zone
 * of the IANA database that shows the same times over the window.
 */
export function* definedZones(
  components: readonly Component[],
  placeZone: string,
  window: Span,
): Steps<ReadonlyMap<string, string>> {
  const zones = new Map<string, string>()
  const nameOf = (definition: Component): string => propertyOf(definition, 'TZID')?.value.trim() ?? ''
  const effort = new RuleEffort()
  let own = 0
  for (const definition of components) {
    if (definition.name !== 'VTIMEZONE') continue
    yield
    const name = nameOf(definition)
    if (isZone(name)) continue
    own += 1
    if (own > mostDefined) break
    if (zones.has(name)) continue
    const zone = yield* zoneLike(definition, placeZone, window, effort)
    if (zone !== undefined) zones.set(name, zone)
  }
  return zones
}

/** A component whose times name zones of the IANA database, as far as these names are known. */
export const inKnownZones = (component: Component, zones: ReadonlyMap<string, string>): Component => ({
  ...component,
  properties: component.properties.map((property) => {
    const { TZID } = property.parameters
    const zone = TZID === undefined ? undefined : zones.get(TZID)
    return zone === undefined ? property : { ...property, parameters: { ...property.parameters, TZID: zone } }
  }),
})
