import { describe, expect, it } from 'vitest'
import { deleteAfterMs } from './exchange-record.js'

const at = (text: string): number => Date.parse(text)

describe('the retention of a record', () => {
  it.each([
    ['2026-03-15T12:30:00.250Z', '2029-03-15T12:30:00.250Z'],
    ['2026-01-31T23:59:59.999Z', '2029-01-31T23:59:59.999Z'],
    ['2026-12-31T00:00:00.000Z', '2029-12-31T00:00:00.000Z'],
    // No 29 February three years later: a day longer rather than a day less than the law says.
    ['2028-02-29T08:00:00.000Z', '2031-03-01T08:00:00.000Z'],
    ['2029-02-28T08:00:00.000Z', '2032-02-28T08:00:00.000Z'],
  ])('of %s ends on %s', (made, ends) => {
    expect(deleteAfterMs(at(made))).toBe(at(ends))
  })
})
