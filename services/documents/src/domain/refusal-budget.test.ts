import { describe, expect, it } from 'vitest'
import { startMs } from '../federation.fixture.js'
import { RefusalBudget } from './refusal-budget.js'

const take = (budget: RefusalBudget, sender: string, times: number, atMs: number): number =>
  Array.from({ length: times }).filter(() => budget.take(sender, atMs)).length

describe('RefusalBudget', () => {
  it('lets a sender put 60 refusals on record at once, and no more', () => {
    expect(take(new RefusalBudget(), 'stranger', 100, startMs)).toBe(60)
  })

  it('gains one for each second, up to 60', () => {
    const budget = new RefusalBudget()
    take(budget, 'stranger', 60, startMs)
    expect(take(budget, 'stranger', 10, startMs + 3_000)).toBe(3)
    expect(take(budget, 'stranger', 100, startMs + 3_600_000)).toBe(60)
  })

  it('keeps senders apart', () => {
    const budget = new RefusalBudget()
    take(budget, 'stranger', 100, startMs)
    expect(budget.take('neighbour', startMs)).toBe(true)
  })

  it('gains nothing from a clock that is set back', () => {
    const budget = new RefusalBudget()
    take(budget, 'stranger', 60, startMs)
    expect(budget.take('stranger', startMs - 60_000)).toBe(false)
  })
})
