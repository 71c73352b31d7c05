import { describe, expect, it } from 'vitest'
import { ManualClock } from './clock.fixture.js'
import { basis, members, notice } from './federation.fixture.js'
import { federationOf } from './federation-holder.fixture.js'
import { Notices } from './notices.js'

const clock = new ManualClock()

describe('Notices', () => {
  it('refuse one that its issuer did not sign, or that is for another provider, each time', () => {
    const notices = new Notices({ clock, federation: federationOf(clock), member: members.provider })
    for (const forged of [notice({}, members.stranger), notice({ aud: members.stranger }), 'none'])
      for (let time = 0; time < 2; time++)
        expect(() => notices.read(forged)).toThrowError(expect.objectContaining({ reason: 'NOTICE_MISMATCH' }))
  })

  it('read none where there is none', () => {
    expect(new Notices({ clock, federation: federationOf(clock), member: members.provider }).read('')).toBeUndefined()
  })

  it('verify a notice once for as long as the same list is in force', () => {
    const federation = federationOf(clock)
    const notices = new Notices({ clock, federation, member: members.provider })
    const statement = notice()
    const first = notices.read(statement)
    expect(first?.basis).toBe(basis('told'))
    expect(notices.read(statement)).toBe(first)
    federation.change()
    expect(notices.read(statement)).not.toBe(first)
  })
})
