import fc from 'fast-check'

/** Zones of French law and others whose clocks are unlike them, with local days on which they change, YYYY-MM-DD. */
export const clockChanges: Readonly<Record<string, readonly string[]>> = {
  'Europe/Paris': ['2027-03-28', '2026-10-25'],
  'Indian/Reunion': [],
  'America/Guadeloupe': [],
  'Pacific/Noumea': [],
  'America/Miquelon': ['2027-03-14', '2026-11-01'],
  'Europe/London': ['2027-03-28', '2026-10-25'],
  // Its law calls the winter the exception.
  'Europe/Dublin': ['2027-03-28', '2026-10-25'],
  // At midnight: one day begins at 01:00, and another has its first hour twice.
  'Atlantic/Azores': ['2027-03-28', '2026-10-25'],
  // By half an hour.
  'Australia/Lord_Howe': ['2026-10-04', '2027-04-04'],
  // At a quarter to three, and it is three quarters of an hour off.
  'Pacific/Chatham': ['2026-09-27', '2027-04-04'],
}

export const zones: readonly string[] = Object.keys(clockChanges)

const changeDays = [...new Set(Object.values(clockChanges).flat())]

/** A zone with a day on which its own clocks change, or another one's, or on which something else ends. */
export const zoneAndDay = fc.constantFrom(...zones).chain((zone) => {
  const own = clockChanges[zone] ?? []
  const others = fc.constantFrom(...changeDays, '2028-02-29', '2026-12-31')
  const day = own.length === 0 ? others : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...own) }, others)
  return fc.record({ zone: fc.constant(zone), day })
})
