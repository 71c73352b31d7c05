import type { AgentNamed, Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { describe, expect, it } from 'vitest'
import { applicationInReview } from '../decision.fixture.js'
import { shownToPerson } from './hand.js'

const agent = (change: Partial<AgentNamed> = {}): Hand => ({
  who: {
    $case: 'agent',
    value: { agentId: 'a', firstName: 'Aya', lastName: 'Agent', capacity: 'Officer', isUnnamed: false, ...change },
  },
})

describe('what a person sees of an agent', () => {
  it('is the capacity alone where a reason of safety was registered, in every place', () => {
    const unnamed = agent({ isUnnamed: true })
    const shown = shownToPerson(
      applicationInReview({
        depositedBy: unnamed,
        messages: [
          { messageId: 'm', atMs: 1, text: 'Hello', from: unnamed },
          { messageId: 'n', atMs: 2, text: 'Hello', from: agent({ firstName: 'Bea' }) },
        ],
        corrections: [
          {
            ...{ correctionId: 'c', isIncomplete: true, fields: [], what: '', askedAtMs: 1 },
            ...{ untilDay: '2026-12-01', resolvedAtMs: 0, by: unnamed },
          },
        ],
      }),
    )
    expect(JSON.stringify(shown)).not.toContain('Aya')
    expect(JSON.stringify(shown).match(/"capacity":"Officer"/g)).toHaveLength(4)
    expect(JSON.stringify(shown)).toContain('Bea')
  })
})
