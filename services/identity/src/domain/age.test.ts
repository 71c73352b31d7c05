import { describe, expect, it } from 'vitest'
import { hasReachedAge } from './age.js'

describe('hasReachedAge', () => {
  it.each([
    ['2008-11-23', '2026-11-22', 'tomorrow'],
    ['2008-00-00', '2026-12-30', 'some day of the year'],
    ['2008-11-00', '2026-11-30', 'some day of the month'],
    ['2008-02-29', '2026-02-28', 'on a leap day'],
  ])('is not sure that somebody born %s is 18 on %s: %s', (birthdate, today) => {
    expect(hasReachedAge(birthdate, 18, today)).toBe(false)
  })

  it.each([
    ['2008-11-22', '2026-11-22'],
    ['2008-00-00', '2026-12-31'],
    ['2008-11-00', '2026-12-01'],
    ['2008-02-29', '2026-03-01'],
    ['1950-01-01', '2026-11-22'],
  ])('is sure that somebody born %s is 18 on %s', (birthdate, today) => {
    expect(hasReachedAge(birthdate, 18, today)).toBe(true)
  })
})
