import { localDay, localStart, momentOf, statedMoment } from './local-time.js'
import { openingsOf } from './openings.js'

// A program of its own: it says what comes of the same rule whatever zone its process is in.
const rule = {
  ...{ firstDay: '2026-01-01', lastDay: '', rrule: 'FREQ=DAILY;INTERVAL=3', exceptions: [] },
  hours: [
    { from: '01:30', to: '02:30' },
    { from: '22:00', to: '03:00' },
  ],
}
const ms = 1_793_000_000_000
const said = process.argv
  .slice(2)
  .map((zone) => [
    ...[momentOf(zone, '2026-10-25', '02:30'), statedMoment(zone, '2026-11-01T01:30')],
    ...[localDay(zone, ms), localStart(zone, ms)],
    openingsOf(rule, zone, { from: '2026-10-20', to: '2026-11-05' }, []),
  ])
process.stdout.write(JSON.stringify(said))
