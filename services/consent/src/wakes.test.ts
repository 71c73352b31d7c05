import { describe, expect, it } from 'vitest'
import { Wakes } from './wakes.js'

describe('a wake', () => {
  it('is not lost between looking and waiting', async () => {
    const wakes = new Wakes()
    const wake = wakes.listen()
    wakes.wake()
    await expect(wake.within(60_000)).resolves.toBeUndefined()
  })

  it('reaches everybody who waits', async () => {
    const wakes = new Wakes()
    const waiting = [wakes.listen().within(60_000), wakes.listen().within(60_000)]
    wakes.wake()
    await expect(Promise.all(waiting)).resolves.toHaveLength(2)
  })

  it('goes on without being woken when its time has passed', async () => {
    await expect(new Wakes().listen().within(0)).resolves.toBeUndefined()
  })
})
