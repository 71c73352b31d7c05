import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GridSlot, type Opening, slotsOf } from './slots.js'

const minuteMs = 60_000
const dayMs = 1440 * minuteMs
/** Monday 5 January 2026. */
const mondayMs = Date.UTC(2026, 0, 5)

interface Plan {
  /** After midnight, of the first day. */
  readonly fromMinute: number
  readonly cells: number
  readonly durationMinutes: number
  readonly gapMinutes: number
  readonly percent: number
}

const openingOn = (day: number, { fromMinute, cells, durationMinutes, gapMinutes }: Plan): Opening => {
  const gridAtMs = mondayMs + day * dayMs + fromMinute * minuteMs
  return { gridAtMs, startsAtMs: gridAtMs, endsAtMs: gridAtMs + cells * (durationMinutes + gapMinutes) * minuteMs }
}
const slotsOn = (day: number, plan: Plan, units = 1): GridSlot[] => [
  ...slotsOf(openingOn(day, plan), { ...plan, reservedPercent: plan.percent }, units),
]
const keptOn = (day: number, plan: Plan): number => slotsOn(day, plan).filter(({ isKept }) => isKept).length

const anyPlan: fc.Arbitrary<Plan> = fc.record({
  fromMinute: fc.integer({ min: 0, max: 1439 }),
  cells: fc.integer({ min: 1, max: 40 }),
  durationMinutes: fc.integer({ min: 5, max: 480 }),
  gapMinutes: fc.integer({ min: 0, max: 120 }),
  percent: fc.integer({ min: 0, max: 100 }),
})

describe('the slots of an opening that are kept', () => {
  it('are there on short mornings too: 9 of 90 in two weeks, at other times of the morning', () => {
    const mornings = { fromMinute: 540, cells: 9, durationMinutes: 20, gapMinutes: 0, percent: 10 }
    const slots = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11].flatMap((day) => slotsOn(day, mornings))
    const kept = slots.filter(({ isKept }) => isKept)
    expect([slots.length, kept.length]).toEqual([90, 9])
    expect(new Set(kept.map(({ startsAtMs }) => startsAtMs % dayMs)).size).toBeGreaterThan(5)
  })

  it('are of 101 openings as many as the share says, give or take less than one, for any opening, slots and rhythm of days', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer({ min: 1, max: 100 }), fc.nat({ max: 3000 }), (plan, everyDays, firstDay) => {
        let kept = 0
        for (let nth = 0; nth < 101; nth++) kept += keptOn(firstDay + nth * everyDays, plan)
        expect(Math.abs(kept - (101 * plan.cells * plan.percent) / 100)).toBeLessThan(1)
      }),
    )
  })

  it('are never 7 more or fewer than that, over any days of any week', () => {
    const anyWeek = fc.uniqueArray(fc.nat({ max: 6 }), { minLength: 1, maxLength: 7 })
    fc.assert(
      fc.property(anyPlan, anyWeek, fc.nat({ max: 3000 }), (plan, weekdays, firstDay) => {
        let [kept, share] = [0, 0]
        for (let day = firstDay; day < firstDay + 200; day++) {
          if (!weekdays.includes(day % 7)) continue
          kept += keptOn(day, plan)
          share += (plan.cells * plan.percent) / 100
          expect(Math.abs(kept - share)).toBeLessThan(7)
        }
      }),
    )
  })

  it('are of one opening as many as the share says, give or take less than one, and evenly spread', () => {
    fc.assert(
      fc.property(anyPlan, fc.nat({ max: 3000 }), (plan, day) => {
        const slots = slotsOn(day, plan)
        for (const [first] of slots.entries()) {
          const kept = slots.slice(first).filter(({ isKept }) => isKept).length
          expect(Math.abs(kept - ((slots.length - first) * plan.percent) / 100)).toBeLessThan(1)
        }
      }),
    )
  })

  it('stay the same where a closure cuts the opening, and any longer meeting over one is kept', () => {
    fc.assert(
      fc.property(anyPlan, fc.nat({ max: 3000 }), fc.nat({ max: 600 }), (plan, day, cutMinutes) => {
        const whole = openingOn(day, plan)
        const cut = { ...whole, startsAtMs: whole.startsAtMs + cutMinutes * minuteMs }
        const type = { ...plan, reservedPercent: plan.percent }
        const single = slotsOn(day, plan)
        expect([...slotsOf(cut, type, 1)]).toEqual(single.filter(({ startsAtMs }) => startsAtMs >= cut.startsAtMs))
        for (const { startsAtMs, endsAtMs, isKept } of slotsOn(day, plan, 2))
          if (single.some((each) => each.isKept && each.startsAtMs >= startsAtMs && each.endsAtMs <= endsAtMs))
            expect(isKept).toBe(true)
      }),
    )
  })
})
