import { describe, expect, it } from 'vitest'
import { outcomeOf } from './outcome.js'

const request = { providers: ['one', 'two'], expiresAtMs: 100 }
const answer = (provider: string, state: 'given' | 'refused' | 'withdrawn', validUntilMs = 1000) => ({
  provider,
  basisId: `basis of ${provider}`,
  state,
  validUntilMs,
})

describe('the outcome of a consent request', () => {
  it('is refused by one refusal, and gives no basis then', () => {
    expect(outcomeOf(request, [answer('one', 'refused')], 1)).toEqual({ state: 'refused', bases: [] })
  })

  it('waits until it is answered, and expires when it never is', () => {
    expect(outcomeOf(request, [], 99)).toEqual({ state: 'requested', bases: [] })
    expect(outcomeOf(request, [], 100)).toEqual({ state: 'expired', bases: [] })
  })

  it('is not given while the answer for one provider is missing', () => {
    expect(outcomeOf(request, [answer('one', 'given')], 150)).toEqual({ state: 'requested', bases: [] })
  })

  it('is given with one basis for each provider', () => {
    expect(outcomeOf(request, [answer('one', 'given'), answer('two', 'given')], 150)).toEqual({
      state: 'given',
      bases: [
        { provider: 'one', basisId: 'basis of one' },
        { provider: 'two', basisId: 'basis of two' },
      ],
    })
  })

  it('is withdrawn or expired with its bases, so that the provider says why', () => {
    expect(outcomeOf(request, [answer('one', 'given'), answer('two', 'withdrawn')], 150)).toMatchObject({
      state: 'withdrawn',
      bases: [{}, {}],
    })
    expect(outcomeOf(request, [answer('one', 'given', 140), answer('two', 'given')], 150).state).toBe('expired')
  })
})
