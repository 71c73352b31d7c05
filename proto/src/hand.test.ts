import { describe, expect, it } from 'vitest'
import type { AgentNamed, Hand } from '../gen/unefois/eligibility/v1/applications.js'
import { handOf } from './hand.js'

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
