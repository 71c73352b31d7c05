import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { clockChanges, zoneAndDay, zones as zonesThatChange } from '../clock-changes.fixture.js'
import { isDay, isTime, isZone, localDay, localStart, momentOf, spanOfDays, statedMoment } from './local-time.js'

const tsx = createRequire(import.meta.url).resolve('tsx')
const program = fileURLToPath(new URL('./zone-of-server.fixture.ts', import.meta.url))
const zones = [...zonesThatChange, 'UTC']
const zone = fc.constantFrom(...zones)
const day = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2035-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
/** Any zone on any day, as often one on which its clocks change. */
const zoneOnDay = fc.oneof(zoneAndDay, fc.record({ zone, day }))
const two = (n: number) => String(n).padStart(2, '0')
/** Clocks change between 0:00 and 4:00. */
const time = fc
  .oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 0, max: 299 }))
  .map((at) => `${two(Math.floor(at / 60))}:${two(at % 60)}`)
/** A zone with a whole minute, in ms. */
const zoneAndMoment = fc.oneof(
  fc.record({ zone, ms: fc.integer({ min: 26_333_333, max: 34_166_666 }).map((minutes) => minutes * 60_000) }),
  fc.record({ at: zoneAndDay, minutes: fc.integer({ min: 0, max: 360 }) }).map(({ at, minutes }) => ({
    zone: at.zone,
    ms: spanOfDays(at.zone, at.day, at.day).startsAtMs + (minutes - 30) * 60_000,
  })),
)

describe('what is no zone, no day and no time', () => {
  it.each(['', 'Mars/Olympus', '+02:00', 'UTC+2', 'europe/paris', 'Europe/Paris\n', 'Europe/../Paris', 'CEST'])(
    'refuses %j as a zone',
    (text) => {
      expect(isZone(text)).toBe(false)
    },
  )

  it('knows the zones of the whole country, and others', () => {
    expect(zones.filter((each) => !isZone(each))).toEqual([])
  })

  it.each(['', '2026-02-29', '2026-13-01', '1999-12-31', '20261123', '2026-11-23T09:00', '2026-1-1'])(
    'refuses %j as a day',
    (text) => {
      expect(isDay(text)).toBe(false)
    },
  )

  it.each(['', '24:00', '9:00', '12:60', '12:00:00'])('refuses %j as a time', (text) => {
    expect(isTime(text)).toBe(false)
  })

  it('takes a leap day and the last minute of a day', () => {
    expect([isDay('2028-02-29'), isTime('23:59'), isTime('00:00')]).toEqual([true, true, true])
  })
})

describe('a day on which the clocks change', () => {
  it.each(Object.entries(clockChanges).flatMap(([of, days]) => days.map((on) => [of, on] as const)))(
    'is longer or shorter than others: in %s %s',
    (of, on) => {
      const { startsAtMs, endsAtMs } = spanOfDays(of, on, on)
      expect(endsAtMs - startsAtMs).not.toBe(86_400_000)
    },
  )
})

describe('one local time that somebody wrote', () => {
  it.each([
    ['2027-03-28T02:30', 'Europe/Paris', 'skipped'],
    ['2027-03-28T02:30+01:00', 'Europe/Paris', 'skipped'],
    ['2026-10-25T02:30', 'Europe/Paris', 'twice'],
    ['2026-10-25T02:30+03:00', 'Europe/Paris', 'offset-not-there'],
    ['2026-11-23T09:00+02:00', 'Europe/Paris', 'offset-not-there'],
    ['2026-11-23T09:00Z', 'Europe/Paris', 'malformed'],
    ['2026-11-31T09:00', 'Europe/Paris', 'malformed'],
    ['2026-11-23 09:00', 'Europe/Paris', 'malformed'],
    ['2026-11-23T25:00', 'Europe/Paris', 'malformed'],
    ['', 'Europe/Paris', 'malformed'],
    ['2027-03-14T02:15', 'America/Miquelon', 'skipped'],
    ['2026-11-01T01:15', 'America/Miquelon', 'twice'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', 'twice'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe', 'skipped'],
    ['2026-10-25T01:30', 'Europe/Dublin', 'twice'],
    ['2027-03-28T01:30', 'Europe/Dublin', 'skipped'],
    ['2026-10-25T00:30', 'Atlantic/Azores', 'twice'],
    ['2027-03-28T00:00', 'Atlantic/Azores', 'skipped'],
    ['2027-04-04T03:30', 'Pacific/Chatham', 'twice'],
    ['2026-09-27T02:45', 'Pacific/Chatham', 'skipped'],
  ])('%s in %s is %s', (text, in_, fault) => {
    expect(statedMoment(in_, text)).toBe(fault)
  })

  it.each([
    ['2026-10-25T02:30+02:00', '2026-10-25T00:30:00Z'],
    ['2026-10-25T02:30+01:00', '2026-10-25T01:30:00Z'],
    ['2027-03-28T03:00', '2027-03-28T01:00:00Z'],
    ['2026-11-23T09:00+01:00', '2026-11-23T08:00:00Z'],
  ])('%s in Paris is %s', (text, moment) => {
    expect(statedMoment('Europe/Paris', text)).toBe(Date.parse(moment))
  })

  it('means what its own words say: whoever writes a moment down reads the same moment again', () => {
    fc.assert(
      fc.property(zoneAndMoment, ({ zone: of, ms }) => {
        expect(statedMoment(of, localStart(of, ms))).toBe(ms)
        const bare = statedMoment(of, localStart(of, ms).slice(0, 16))
        expect(bare === ms || bare === 'twice').toBe(true)
      }),
    )
  })
})

describe('a local time of a rule', () => {
  it('is the first of two, and moves on by the gap where the clocks skip it', () => {
    expect(momentOf('Europe/Paris', '2026-10-25', '02:30')).toBe(Date.parse('2026-10-25T00:30:00Z'))
    expect(momentOf('Europe/Paris', '2027-03-28', '02:30')).toBe(Date.parse('2027-03-28T01:30:00Z'))
    expect(localStart('Europe/Paris', momentOf('Europe/Paris', '2027-03-28', '02:30'))).toBe('2027-03-28T03:30+02:00')
  })

  it('is what Temporal says of it, and its day is its own', () => {
    fc.assert(
      fc.property(zoneOnDay, time, ({ zone: of, day: on }, at) => {
        const ms = momentOf(of, on, at)
        expect(ms).toBe(Temporal.ZonedDateTime.from(`${on}T${at}[${of}]`).epochMilliseconds)
        expect(localDay(of, ms)).toBe(on)
        const { startsAtMs, endsAtMs } = spanOfDays(of, on, on)
        expect(ms >= startsAtMs && ms < endsAtMs).toBe(true)
      }),
    )
  })

  it('does not know the zone of the server', () => {
    const run = (TZ: string): string => {
      const { stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, program, ...zones], {
        env: { ...process.env, TZ },
        encoding: 'utf8',
      })
      expect(stderr).toBe('')
      return stdout
    }
    const [paris, auckland, apia] = ['Europe/Paris', 'Pacific/Auckland', 'Pacific/Apia'].map(run)
    expect(paris).toMatch(/^\[\[\d/)
    expect(auckland).toBe(paris)
    expect(apia).toBe(paris)
  })
})
