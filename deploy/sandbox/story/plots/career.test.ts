import { describe, expect, it } from 'vitest'
import { careerOf, yearsBetween } from './career.js'

const year = (member: string, at: number, quarters = 4) => ({ member, year: at, quarters })

describe('a career', () => {
  it('is nothing where nobody knows anything', () => {
    expect(careerOf([], 4)).toEqual({ years: 0, contradictions: [], missing: [] })
  })

  it('shows a year of which two say more than a year has, and none of which they say as much', () => {
    const both = [year('north', 1992, 3), year('south', 1992, 4), year('north', 1993, 2), year('south', 1993, 2)]
    expect(careerOf(both, 4).contradictions).toEqual([{ year: 1992, said: [both[0], both[1]] }])
  })

  it('shows the years in between that nobody knows', () => {
    expect(careerOf([year('north', 2002), year('south', 2005)], 4).missing).toEqual([2003, 2004])
  })
})

describe('a period', () => {
  it('counts whole quarters of each year that it touches', () => {
    expect(yearsBetween('north', '2024-01-15', '2025-06-30')).toEqual([year('north', 2024, 3), year('north', 2025, 1)])
    expect(yearsBetween('north', '2024-01-01', '2025-01-01')).toEqual([year('north', 2024, 4), year('north', 2025, 0)])
  })
})
