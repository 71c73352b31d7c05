import { describe, expect, it } from 'vitest'
import { failedStart } from './failed-start.js'

const changed = new Error('town ended while starting. Its last lines:\nmigration svc/0001-thing.sql was changed')

describe('a start that failed', () => {
  it('says how to start without the data of an earlier one', () => {
    const said = failedStart(changed, 'kept')
    expect(said.startsWith(changed.message)).toBe(true)
    expect(said).toContain('`npm start -- --reset`')
  })

  it('says the reason alone where there were no data, or where it says so itself', () => {
    expect(failedStart(changed, 'none')).toBe(changed.message)
    const taken = 'port 1 is taken; choose another one with `npm start -- --reset`'
    expect(failedStart(new Error(taken), 'kept')).toBe(taken)
    expect(failedStart('no', 'none')).toBe('no')
  })
})
