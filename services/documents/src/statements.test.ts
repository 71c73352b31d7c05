import { describe, expect, it } from 'vitest'
import { ManualClock } from './clock.fixture.js'
import { basis, explicitRequest, members, notice, proactiveUse } from './federation.fixture.js'
import { federationOf } from './federation-holder.fixture.js'
import { Statements } from './statements.js'

const clock = new ManualClock()
const kinds = [
  {
    kind: 'notice',
    make: notice,
    mismatch: 'NOTICE_MISMATCH',
    others: [explicitRequest(), proactiveUse()],
    of: 'told',
  },
  {
    kind: 'explicitRequest',
    make: explicitRequest,
    mismatch: 'STATEMENT_MISMATCH',
    others: [notice(), proactiveUse()],
    of: 'wanted',
  },
  {
    kind: 'proactiveUse',
    make: proactiveUse,
    mismatch: 'STATEMENT_MISMATCH',
    others: [notice(), explicitRequest()],
    of: 'found',
  },
] as const

describe.each(kinds)('Statements, of the kind $kind,', ({ kind, make, mismatch, others, of }) => {
  const open = (federation = federationOf(clock)) => new Statements({ clock, federation, member: members.provider })

  it('refuse one of another kind, one that its issuer did not sign, and one for another provider, each time', () => {
    const statements = open()
    for (const forged of [...others, make({}, members.stranger), make({ aud: members.stranger }), 'none'])
      for (let time = 0; time < 2; time++)
        expect(() => statements[kind](forged)).toThrowError(expect.objectContaining({ reason: mismatch }))
  })

  it('read none where there is none', () => {
    expect(open()[kind]('')).toBeUndefined()
  })

  it('are verified once for as long as the same list is in force', () => {
    const federation = federationOf(clock)
    const statements = open(federation)
    const statement = make()
    const first = statements[kind](statement)
    expect(first?.basis).toBe(basis(of))
    expect(statements[kind](statement)).toBe(first)
    federation.change()
    expect(statements[kind](statement)).not.toBe(first)
  })
})
