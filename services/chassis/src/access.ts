import { type AccessRule, CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { MeshError } from '@unefois/proto/reasons'
import { type Caller, reachesAssurance } from './caller.js'

/** What the federation list says of a member's role; given by argument so that this rule stays pure. */
export type HasRole = (member: string, role: string) => boolean

const kindOf: Record<Caller['kind'], number> = {
  anyone: CallerKind.CALLER_KIND_ANYONE,
  system: CallerKind.CALLER_KIND_SYSTEM,
  person: CallerKind.CALLER_KIND_PERSON,
  neighbour: CallerKind.CALLER_KIND_NEIGHBOUR,
  member: CallerKind.CALLER_KIND_MEMBER,
}

const isAllowed = (rule: AccessRule, caller: Caller, hasRole: HasRole): boolean => {
  switch (caller.kind) {
    case 'anyone':
    case 'person':
      return true
    case 'system':
      return rule.scope !== '' && caller.scopes.includes(rule.scope)
    case 'neighbour':
      return rule.neighbours.includes(caller.service)
    case 'member':
      return (
        rule.memberServices.includes(caller.service) &&
        (rule.memberRole === '' || hasRole(caller.member, rule.memberRole))
      )
  }
}

/** The second gate: whether this kind of caller may use this RPC, at this assurance level. */
export const requireAccess = (rule: AccessRule, caller: Caller, hasRole: HasRole): void => {
  if (rule.callers.includes(CallerKind.CALLER_KIND_ANYONE)) return
  if (caller.kind === 'anyone') throw new MeshError('TOKEN_MISSING')
  if (!rule.callers.some((kind) => kind === kindOf[caller.kind]) || !isAllowed(rule, caller, hasRole))
    throw new MeshError('CALLER_NOT_ALLOWED')
  if (caller.kind === 'person' && rule.minimumAcr !== '' && !reachesAssurance(caller.acr, rule.minimumAcr))
    throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: rule.minimumAcr } })
}
