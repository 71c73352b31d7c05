import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hubPapers, papers, startsAtMs, tonight, townHall } from '../appointment.fixture.js'
import { serviceTypeView } from '../rest/calendar-views.js'
import { datesIn, mostDates, seriesFault } from './series-choice.js'
import { type ChosenSlot, slotValue } from './slot-choice.js'

const minuteMs = 60_000
const of = (type: typeof papers) => ({ serviceType: serviceTypeView(type), places: [] })
const aDate = (change: Partial<ChosenSlot> = {}): ChosenSlot => ({
  ...{ scheduleId: 'counter-1', startsAtMs, channel: 'counter', placeId: townHall.placeId, company: 'alone' },
  ...change,
})
const at = (minutes: number, change: Partial<ChosenSlot> = {}) =>
  aDate({ startsAtMs: startsAtMs + minutes * minuteMs, ...change })

describe('dates of a series', () => {
  it.each(['', 'somewhere', 'counter-1~1~fax~town-hall'])('are not what no button stands for: %j', (value) => {
    expect(() => datesIn([slotValue(aDate()), value])).toThrow(expect.objectContaining({ reason: 'REQUEST_INVALID' }))
  })

  it.each([
    ['the same slot, by another way', [at(0), at(0, { channel: 'telephone' })], 'twice'],
    ['the same moment at two counters', [at(0), at(0, { scheduleId: 'counter-2' })], 'overlapping'],
    ['one within another', [at(0), at(29, { scheduleId: 'counter-2' })], 'overlapping'],
    ['one after another', [at(0), at(30)], undefined],
    ['one more than one may take', [at(0), at(60), at(120), at(180)], 'too-many'],
    ['as many as one may take', [at(0), at(60), at(120)], undefined],
  ] as const)('say what is wrong with %s', (_, dates, fault) => {
    expect(seriesFault(dates, 3, of(papers), 1)).toBe(fault)
  })

  it('last as long as they are for', () => {
    expect(seriesFault([at(0), at(60)], 3, of(papers), 2)).toBeUndefined()
    expect(seriesFault([at(0), at(60)], 3, of(papers), 3)).toBe('overlapping')
  })

  it('are as many as the agency says, and one by a secret, for a pre-application and for what is urgent', () => {
    const secret = { of: { $case: 'link', value: 'l' } } as const
    const most = (type: typeof papers, by?: typeof secret) => mostDates({ offered: of(type), secret: by })
    const longestSeries = 4
    expect(most({ ...papers, longestSeries })).toBe(4)
    expect(most(papers)).toBe(1)
    expect(most({ ...papers, longestSeries }, secret)).toBe(1)
    expect(most({ ...hubPapers, longestSeries })).toBe(1)
    expect(most({ ...tonight, longestSeries })).toBe(1)
  })

  it('are read in the order of time, and found faultless only where none meets another', () => {
    const dates = fc.array(fc.tuple(fc.integer({ min: 0, max: 600 }), fc.constantFrom('counter-1', 'counter-2')), {
      minLength: 1,
      maxLength: 6,
    })
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 3 }), (given, units) => {
        const read = datesIn(given.map(([minutes, scheduleId]) => slotValue(at(minutes, { scheduleId }))))
        const starts = read.map((one) => (one.startsAtMs - startsAtMs) / minuteMs)
        expect(starts).toEqual(given.map(([minutes]) => minutes).sort((a, b) => a - b))
        const meets = starts.some((one, i) => starts.some((other, j) => i !== j && Math.abs(one - other) < 30 * units))
        expect(seriesFault(read, 6, of(papers), units) === undefined).toBe(!meets)
      }),
    )
  })
})
