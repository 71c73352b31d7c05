import { describe, expect, it } from 'vitest'
import type { FederationPlan, PlannedMember } from './plan.js'
import { planFaults } from './plan-faults.js'
import { graphOf } from './topology.js'

const both = { fr: 'un', en: 'one' }
const member = (id: string, services?: PlannedMember['services']): PlannedMember => ({
  id: id as PlannedMember['id'],
  name: both,
  roles: ['agency'],
  process: 'hosted',
  inNationalHub: false,
  contact: both,
  ...(services && { services }),
})
const authorisation = (change: Partial<FederationPlan['authorisations'][number]> = {}) => ({
  id: 'a1',
  provider: 'north' as PlannedMember['id'],
  requester: 'south' as PlannedMember['id'],
  evidenceType: 'thing',
  purpose: 'errand',
  fields: ['name'],
  predicates: [],
  mode: 'information' as const,
  legalReference: 'article 1',
  habilitation: 'h1',
  maximumAgeDays: 1,
  retentionDays: 1,
  predicatesPerDay: 1,
  ...change,
})
const planOf = (change: Partial<FederationPlan> = {}): FederationPlan => ({
  folder: '',
  federation: 'test',
  signer: 'signer',
  agencies: [
    { ...member('identity-office'), roles: ['identity-authority'] },
    { ...member('consent-office'), roles: ['consent-authority'] },
    member('north', ['identity', 'documents']),
    member('south', ['identity', 'consent', 'documents']),
    member('helper', ['identity']),
  ],
  purposes: [{ id: 'errand', title: both, use: 'manage', textVersion: '1', text: both }],
  evidenceTypes: [
    {
      id: 'thing',
      contract: 'own',
      title: both,
      providers: ['north' as PlannedMember['id']],
      fieldTitles: {},
      predicateTitles: {},
      places: [],
      routes: [],
    },
  ],
  authorisations: [authorisation()],
  people: [],
  registers: [],
  declarations: [],
  ...change,
})
const declaration = (...receivers: string[]): FederationPlan['declarations'][number] => ({
  id: 'move',
  title: both,
  textVersion: '1',
  text: both,
  minimumAcr: 'eidas1',
  groups: [{ id: 'home', title: both, fields: [{ id: 'since', kind: 'date', title: both }] }],
  receivers: receivers.map((id) => ({
    member: id as PlannedMember['id'],
    use: both,
    legalReference: 'article 1',
    service: both,
    address: '1 street',
    telephone: '01',
  })),
})
const replaced = (id: string, services: PlannedMember['services']): Partial<FederationPlan> => ({
  agencies: planOf().agencies.map((each) => (each.id === id ? member(id, services) : each)),
})

describe('a federation folder', () => {
  it.each<[string, Partial<FederationPlan>, string]>([
    [
      'a member twice',
      { agencies: [...planOf().agencies, member('helper', ['identity'])] },
      'member helper stands twice',
    ],
    [
      'a habilitation twice',
      { authorisations: [authorisation(), authorisation({ id: 'a2' })] },
      'habilitation h1 stands twice',
    ],
    [
      'a service that is not the role’s',
      replaced('helper', ['identity', 'identity-authority']),
      'helper runs identity-authority, which is not its role’s',
    ],
    ['documents without identity', replaced('helper', ['documents']), 'helper runs documents without identity'],
    ['consent without documents', replaced('helper', ['identity', 'consent']), 'helper runs consent without documents'],
    [
      'a provider without documents',
      replaced('north', ['identity']),
      'authorisation a1: north runs no documents to release from',
    ],
    [
      'a requester without consent',
      replaced('south', ['identity', 'documents']),
      'authorisation a1: south runs no consent to draw a basis from',
    ],
    [
      'a requester on explicit request where nobody can log in',
      {
        ...replaced('south', ['identity', 'consent', 'documents']),
        authorisations: [authorisation({ mode: 'explicit-request' })],
      },
      'authorisation a1: south runs no gateway, so nobody could ask it for anything',
    ],
    [
      'a provider on consent that hears no withdrawal',
      { authorisations: [authorisation({ mode: 'consent' })] },
      'authorisation a1: north runs no consent to hear withdrawals with',
    ],
    [
      'an authorisation of somebody who does not provide the type',
      {
        authorisations: [
          authorisation({ provider: 'south' as PlannedMember['id'], requester: 'south' as PlannedMember['id'] }),
        ],
      },
      'authorisation a1: south does not provide thing',
    ],
    [
      'an unknown purpose',
      { authorisations: [authorisation({ purpose: 'other' })] },
      'authorisation a1: nobody knows the purpose other',
    ],
    [
      'a register about somebody whom the agency does not know',
      {
        registers: [
          {
            agency: 'north' as PlannedMember['id'],
            evidenceType: 'thing',
            entries: [{ person: 'somebody', related: [], value: {} }],
          },
        ],
      },
      'north holds thing about somebody, whom it does not know',
    ],
    [
      'a declaration to somebody who runs no documents',
      { declarations: [declaration('north', 'helper')] },
      'declaration move: helper runs no documents to receive it with',
    ],
    [
      'a declaration that names a receiver twice',
      { declarations: [declaration('north', 'north')] },
      'declaration move: receiver north stands twice',
    ],
  ])('is refused with %s', (_, change, fault) => {
    expect(planFaults(planOf(change))).toContain(fault)
  })

  it('is taken when everything fits together', () => {
    expect(planFaults(planOf())).toEqual([])
  })
})

describe('the call graphs of members that run a part of the services', () => {
  const { members } = graphOf(planOf())
  const part = (id: string, service: string) =>
    members.find((each) => each.id === id)?.services.find(({ name }) => name === service)
  const called = (id: string, service: string) =>
    part(id, service)?.calls.mesh.flatMap(({ service: to, members: all }) => [...all].map((one) => `${to} of ${one}`))

  it('lead to no service that is not there', () => {
    expect(called('consent-office', 'consent-authority')).toEqual(['consent of south'])
    expect(called('south', 'documents')).toEqual(['documents of north'])
    expect(part('north', 'documents')?.calls.home).toEqual(['identity'])
    expect(part('north', 'consent')).toBeUndefined()
  })

  it('let who only provides be asked, and tell its past requesters of a correction', () => {
    expect(called('north', 'documents')?.every((callee) => callee.startsWith('documents of '))).toBe(true)
    // At home it is its identity service that tells it whose pseudonym has changed.
    expect(part('north', 'documents')?.serves).toEqual({ home: true, mesh: true })
    expect(called('north', 'identity')).toEqual(['identity-authority of identity-office'])
  })

  it('leave a member without evidence its identity alone', () => {
    expect(members.find(({ id }) => id === 'helper')?.services.map(({ name }) => name)).toEqual(['identity'])
    // The identity authority alone speaks to it, with what became of the people whom it knows.
    expect(part('helper', 'identity')?.serves).toEqual({ home: false, mesh: true })
  })
})
