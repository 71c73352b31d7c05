import { type AccessRule, CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import type { MemberId, SubjectId } from '@unefois/proto/ids'
import { describe, expect, it } from 'vitest'
import { requireAccess } from './access.js'
import type { Caller } from './caller.js'
import { because, ruleOf } from './contract.fixture.js'

const person = (acr = 'eidas2'): Caller => ({
  kind: 'person',
  clientId: 'app',
  subject: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA' as SubjectId,
  acr,
  authTimeSeconds: 1,
  loginHandle: 'handle',
})
const callers = {
  anyone: { kind: 'anyone' },
  system: { kind: 'system', clientId: 'erp', scopes: ['read', 'write'] },
  person: person(),
  neighbour: { kind: 'neighbour', service: 'desk' },
  member: { kind: 'member', member: 'north' as MemberId, service: 'desk' },
} as const satisfies Record<string, Caller>
type Name = keyof typeof callers

const kinds = {
  system: CallerKind.CALLER_KIND_SYSTEM,
  person: CallerKind.CALLER_KIND_PERSON,
  neighbour: CallerKind.CALLER_KIND_NEIGHBOUR,
  member: CallerKind.CALLER_KIND_MEMBER,
  anyone: CallerKind.CALLER_KIND_ANYONE,
} as const
const letIn = { scope: 'read', neighbours: ['desk'], memberServices: ['desk'] }
const hasRole = (member: string, role: string) => member === 'north' && role === 'portal'

const refusal = (rule: Partial<AccessRule>, caller: Caller): unknown => {
  try {
    requireAccess(ruleOf(rule), caller, hasRole)
    return undefined
  } catch (error) {
    return error
  }
}

describe('the access rule', () => {
  const table = (Object.keys(kinds) as Name[]).flatMap((allowed) =>
    (Object.keys(callers) as Name[]).map((caller) => [allowed, caller] as const),
  )

  it.each(table.filter(([allowed, caller]) => allowed !== 'anyone' && allowed !== caller))(
    'for %s alone refuses %s, whatever else it says',
    (allowed, caller) => {
      const reason = caller === 'anyone' ? 'TOKEN_MISSING' : 'CALLER_NOT_ALLOWED'
      expect(refusal({ ...letIn, callers: [kinds[allowed]] }, callers[caller])).toMatchObject(because(reason))
    },
  )

  it.each(table.filter(([allowed, caller]) => allowed === 'anyone' || allowed === caller))(
    'for %s lets %s in',
    (allowed, caller) => {
      expect(refusal({ ...letIn, callers: [kinds[allowed]] }, callers[caller])).toBeUndefined()
    },
  )

  it.each<[string, Partial<AccessRule>, Name]>([
    ['a system without the scope', { callers: [kinds.system], scope: 'admin' }, 'system'],
    ['a system when no scope is named', { callers: [kinds.system] }, 'system'],
    ['a part of a scope', { callers: [kinds.system], scope: 'rea' }, 'system'],
    ['another neighbour', { callers: [kinds.neighbour], neighbours: ['des', 'desks'] }, 'neighbour'],
    ['a neighbour when none is named', { callers: [kinds.neighbour] }, 'neighbour'],
    ['another service of a member', { callers: [kinds.member], memberServices: ['other'] }, 'member'],
    ['a member when no service is named', { callers: [kinds.member] }, 'member'],
    [
      'a member without the role',
      { callers: [kinds.member], memberServices: ['desk'], memberRole: 'identity-authority' },
      'member',
    ],
    ['a neighbour by what lets members in', { callers: [kinds.member], memberServices: ['desk'] }, 'neighbour'],
    ['a kind that is unspecified', { callers: [CallerKind.CALLER_KIND_UNSPECIFIED], ...letIn }, 'system'],
    ['every kind when it names none', { callers: [], ...letIn }, 'member'],
  ])('refuses %s', (_, rule, caller) => {
    expect(refusal(rule, callers[caller])).toMatchObject(because('CALLER_NOT_ALLOWED'))
  })

  it('refuses a system whose scopes hold an empty one when no scope is named', () => {
    const system = { ...callers.system, scopes: [''] }
    expect(refusal({ callers: [kinds.system] }, system)).toMatchObject(because('CALLER_NOT_ALLOWED'))
  })

  it('lets a member in by its role', () => {
    const rule = { callers: [kinds.member], memberServices: ['desk'], memberRole: 'portal' }
    expect(refusal(rule, callers.member)).toBeUndefined()
    expect(refusal(rule, { ...callers.member, member: 'south' as MemberId })).toMatchObject(
      because('CALLER_NOT_ALLOWED'),
    )
  })

  it.each([
    ['eidas1', 'eidas2'],
    ['eidas1', 'eidas3'],
    ['eidas2', 'eidas3'],
    ['', 'eidas1'],
    ['eidas9', 'eidas1'],
    ['EIDAS3', 'eidas1'],
    // A level that nobody knows cannot be reached: a slip in a contract closes a door and opens none.
    ['eidas3', 'eidas4'],
    ['eidas4', 'eidas4'],
  ])('refuses a login at "%s" where %s is asked, and names the level', (acr, minimumAcr) => {
    const rule = { callers: [kinds.person], minimumAcr }
    expect(refusal(rule, person(acr))).toMatchObject(because('ASSURANCE_TOO_LOW', { required_acr: minimumAcr }))
  })

  it.each([
    ['eidas1', 'eidas1'],
    ['eidas3', 'eidas1'],
    ['eidas3', 'eidas2'],
    ['unknown', ''],
  ])('lets a login at "%s" in where "%s" is asked', (acr, minimumAcr) => {
    expect(refusal({ callers: [kinds.person], minimumAcr }, person(acr))).toBeUndefined()
  })
})
