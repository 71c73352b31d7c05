import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Calendar } from './calendar.js'
import { dayAfter } from './local-time.js'
import { longestOpeningMs } from './longest-opening.js'
import { openingsOf } from './openings.js'

const two = (n: number) => String(n).padStart(2, '0')
const time = fc.integer({ min: 0, max: 95 }).map((at) => `${two(Math.floor(at / 4))}:${two((at % 4) * 15)}`)
const hours = fc.array(fc.record({ from: time, to: time }), { maxLength: 4 })

it('no opening is longer than the longest one of its calendar, also where the clocks change', () => {
  const zones = fc.constantFrom('Europe/Paris', 'America/Miquelon', 'Australia/Lord_Howe')
  const from = fc.constantFrom('2026-10-24', '2027-03-27', '2026-10-31', '2026-04-04')
  fc.assert(
    fc.property(zones, from, hours, hours, (zone, day, ofRule, ofException) => {
      const rule = {
        ...{ firstDay: '2026-01-01', lastDay: '', rrule: 'FREQ=DAILY', hours: ofRule },
        exceptions: [{ day, hours: ofException }],
      }
      const calendar = { schedules: new Map([['s', { schedule: rule }]]) } as unknown as Calendar
      const openings = openingsOf(rule, zone, { from: day, to: dayAfter(day, 3) }, [])
      const longest = Math.max(0, ...openings.map(({ startsAtMs, endsAtMs }) => endsAtMs - startsAtMs))
      expect(longest).toBeLessThan(longestOpeningMs(calendar))
    }),
    { numRuns: 300 },
  )
})
