import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EvidenceSource } from './evidence-source.js'
import { person } from './federation.fixture.js'
import { type Register, startRegister } from './register.fixture.js'
import type { Schemas } from './schemas.js'

let register: Register
let source: EvidenceSource
beforeAll(async () => {
  register = await startRegister()
  const schemas = { read: (_: string, valueJson: string) => JSON.parse(valueJson) } as Schemas
  source = new EvidenceSource(register.source, schemas)
})
afterAll(async () => {
  source.close()
  await register.stop()
})
beforeEach(() => {
  register.asked.length = 0
  register.deadlinesMs.length = 0
})

const within = (ms: number) => source.read(person('ada'), 'a-type', Deadline.after(ms, systemClock))
const found = {
  answer: { $case: 'found' as const, value: { valueJson: '{"amount":7}', version: 3, asOfMs: 5, related: [] } },
}
/** UNAVAILABLE so many times, as under 429, 502 or 504 of a register behind HTTP; then the evidence. */
const busy = (times: number) => {
  let left = times
  register.answerWith(async () => {
    if (left-- > 0) throw new MeshError('UNAVAILABLE')
    return found
  })
}

describe('EvidenceSource', () => {
  it('gives up on a register that stays busy, with time left to answer', async () => {
    busy(Number.POSITIVE_INFINITY)
    const startedMs = systemClock.monotonicMs()
    const reason = await within(1000).catch((thrown) => thrown.reason)
    // Which of the two depends on where the time ends: in a pause, or in a call.
    expect(['UNAVAILABLE', 'DEADLINE_EXCEEDED']).toContain(reason)
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(1000)
    expect(register.asked.length).toBeGreaterThanOrEqual(2)
    expect(register.asked.length).toBeLessThanOrEqual(6)
  })

  it('asks only once what failed in another way', async () => {
    register.answerWith(async () => {
      throw new MeshError('INTERNAL')
    })
    await expect(within(1000)).rejects.toMatchObject({ reason: 'INTERNAL' })
    expect(register.asked).toHaveLength(1)
  })

  it('asks a busy register again, each time with less time', async () => {
    busy(2)
    expect(await within(5000)).toEqual({
      kind: 'found',
      evidence: { value: { amount: 7 }, version: 3, asOfMs: 5, related: [] },
    })
    const [first, second, third] = register.deadlinesMs as [number, number, number]
    expect(first).toBeLessThan(5000 - 190)
    expect(second).toBeLessThan(first - 45)
    expect(third).toBeLessThan(second - 90)
  })

  it('tells absent, later and no answer apart', async () => {
    const answers = [
      { answer: { $case: 'absent' as const, value: {} } },
      { answer: { $case: 'later' as const, value: { retryAfterMs: 60_000 } } },
      {},
    ]
    register.answerWith(async () => answers.shift() ?? {})
    expect(await within(1000)).toEqual({ kind: 'absent' })
    expect(await within(1000)).toEqual({ kind: 'later', retryAfterMs: 60_000 })
    expect(await within(1000)).toEqual({ kind: 'unreachable' })
  })
})
