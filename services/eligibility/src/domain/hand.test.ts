import type { AgentNamed, Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { describe, expect, it } from 'vitest'
import { applicationInReview } from '../decision.fixture.js'
import { handOf, shownToPerson } from './hand.js'

const agent = (change: Partial<AgentNamed> = {}): Hand => ({
  who: {
    $case: 'agent',
    value: { agentId: 'a', firstName: 'Aya', lastName: 'Agent', capacity: 'Officer', isUnnamed: false, ...change },
  },
})
const helper = (organisation: string): Hand => ({
  who: { $case: 'helper', value: { firstName: 'Hugo', lastName: 'Helper', organisation } },
})
const both = ['agent', 'helper'] as const

describe('whose hand it was', () => {
  it.each<[string, 'person' | 'system', Hand | undefined, string]>([
    ['a person who names an agent', 'person', agent(), 'by'],
    ['a system that names nobody', 'system', undefined, 'by'],
    ['a system that says it was the person', 'system', { who: { $case: 'person', value: true } }, 'by'],
    ['a system that says it was the service', 'system', { who: { $case: 'service', value: true } }, 'by'],
    ['an agent without an id', 'system', agent({ agentId: ' ' }), 'by.agent.agentId'],
    ['an agent without a capacity', 'system', agent({ capacity: '' }), 'by.agent.capacity'],
    ['an agent without a first name', 'system', agent({ firstName: '' }), 'by.agent.firstName'],
    ['an agent without a last name', 'system', agent({ lastName: '' }), 'by.agent.lastName'],
    ['a name that is no name', 'system', agent({ lastName: 'a'.repeat(201) }), 'by.agent.lastName'],
    ['a helper of nobody', 'system', helper(''), 'by.helper.organisation'],
  ])('is not %s', (_, caller, by, field) => {
    expect(handOf(caller, by, both)).toMatchObject({ field })
  })

  it('is an agent’s alone where a helper has no part', () => {
    expect(handOf('system', helper('Maison'), ['agent'])).toMatchObject({ field: 'by' })
    expect(handOf('system', helper('Maison'), both)).toEqual(helper('Maison'))
  })

  it('is the person’s own in their session, and an agent’s with the name or, for safety, without', () => {
    expect(handOf('person', undefined, both)).toEqual({ who: { $case: 'person', value: true } })
    expect(handOf('system', agent(), both)).toEqual(agent())
    expect(handOf('system', agent({ firstName: '', lastName: '', isUnnamed: true }), both)).toMatchObject({
      who: { $case: 'agent' },
    })
  })
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
