import { Deadline } from '@unefois/chassis/deadline'
import { describe, expect, it } from 'vitest'
import { tokenOf } from '../gateway.fixture.js'
import { TokenExchange } from './token-exchange.js'

const setUp = ({ expiresInSeconds = 300 } = {}) => {
  let nowMs = 1_000_000_000
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const asked: string[] = []
  const identity = {
    exchangeToken: async ({ subjectToken }: { subjectToken: string }) => {
      asked.push(subjectToken)
      await Promise.resolve()
      return { accessToken: `at-${asked.length}`, expiresInSeconds, subject: 's', acr: 'eidas1', authTimeSeconds: 1 }
    },
  }
  const tokens = new TokenExchange({ member: 'hall', identity, clock })
  const from = (token: string) => tokens.fromHeader(`Bearer ${token}`, Deadline.after(5000, clock))
  return { tokens, from, asked, deadline: Deadline.after(5000, clock), pass: (ms: number) => (nowMs += ms) }
}

const federated = tokenOf({ typ: 'JWT' }, { iss: 'https://idp.test', exp: 1_000_000 + 3600 })

describe('the token of a request', () => {
  it.each([
    ['none', undefined, 'TOKEN_MISSING'],
    ['another scheme', 'Basic YTpi', 'TOKEN_MALFORMED'],
    ['two tokens', 'Bearer a.b.c d.e.f', 'TOKEN_MALFORMED'],
    ['no JWT', 'Bearer abc', 'TOKEN_MALFORMED'],
    ['a payload in another spelling', `Bearer ${federated.replace('.', '=.')}`, 'TOKEN_MALFORMED'],
    ['a size beyond reason', `Bearer ${federated}${'A'.repeat(9000)}`, 'TOKEN_MALFORMED'],
  ])('is refused with %s', async (_what, header, reason) => {
    const { tokens, deadline, asked } = setUp()
    await expect(tokens.fromHeader(header, deadline)).rejects.toMatchObject({ reason })
    expect(asked).toEqual([])
  })

  it('goes on as it is when it is an access token of this member', async () => {
    const { from, asked } = setUp()
    const own = tokenOf({ typ: 'at+jwt' }, { iss: 'hall' })
    expect(await from(own)).toBe(own)
    expect(asked).toEqual([])
  })

  it('is exchanged when another member issued it, so that the identity service refuses it', async () => {
    const { from, asked } = setUp()
    const foreign = tokenOf({ typ: 'at+jwt' }, { iss: 'fund' })
    expect(await from(foreign)).toBe('at-1')
    expect(asked).toEqual([foreign])
  })

  it('is exchanged once until the access token ends', async () => {
    const { from, asked, pass } = setUp()
    expect(await Promise.all([from(federated), from(federated)])).toEqual(['at-1', 'at-1'])
    expect(await from(federated)).toBe('at-1')
    pass(296_000)
    expect(await from(federated)).toBe('at-2')
    expect(asked).toHaveLength(2)
  })

  it('is exchanged again once the federated token itself has ended, whatever was remembered', async () => {
    const { from, asked, pass } = setUp({ expiresInSeconds: 3600 })
    const short = tokenOf({ typ: 'JWT' }, { iss: 'https://idp.test', exp: 1_000_000 + 60 })
    await from(short)
    pass(61_000)
    await from(short)
    expect(asked).toHaveLength(2)
  })
})
