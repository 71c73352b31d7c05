import { randomUUID } from 'node:crypto'
import { callerName } from '@unefois/chassis/caller'
import { parisDay } from '@unefois/chassis/clock'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  RegisterDelegationRequest,
  RegisterDelegationResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { readAgentKey } from '../agent-key.js'
import type { DelegationNeeds } from '../decision-needs.js'
import { delegationFault } from '../domain/delegation.js'
import { day, name } from './fields.js'

const text = z.string().max(200)

const invalid = (field: string, what: string): MeshError =>
  new MeshError('DELEGATION_INVALID', { detail: `${field} ${what}.`, facts: { field, what } })

/** Error: DELEGATION_INVALID naming the field, and what it should be. */
export const registerDelegation = (
  needs: DelegationNeeds,
): EffectRpc<RegisterDelegationRequest, RegisterDelegationResponse> => ({
  request: z.object({
    delegation: z.object({
      delegationId: z.literal(''),
      agent: z.object({ agentId: text, firstName: text, lastName: text, capacity: text, isUnnamed: z.boolean() }),
      jwkJson: z.string().max(2000),
      procedures: z.array(name).max(200),
      outcomes: z.array(z.number().int()).max(10),
      fromDay: day,
      toDay: day,
      legalReference: z.string().max(500),
      endedAtMs: z.literal(0),
    }),
  }),
  effect: async ({ delegation: given }, { caller }, tx) => {
    const { runtime, procedures, delegations } = needs
    if (!given) throw invalid('delegation', 'is missing')
    const published = new Set<string>()
    for (const id of given.procedures) if (await procedures.get(id, tx)) published.add(id)
    const fault = delegationFault(given, (id) => published.has(id), parisDay(runtime.clock))
    if (fault) throw invalid(fault.field, fault.what)
    const key = readAgentKey(given.jwkJson)
    if (!key) throw invalid('jwkJson', 'is a public Ed25519 JWK (RFC 8037) without its private part')
    const agentId = given.agent?.agentId ?? ''
    if (!(await delegations.ownKey(tx, key, agentId))) throw invalid('jwkJson', 'is the key of another agent')
    const delegation = { ...given, delegationId: randomUUID(), jwkJson: key.jwkJson }
    const registered = { registeredAtMs: Math.floor(runtime.clock.nowMs()), registeredBy: callerName(caller) }
    await delegations.add(tx, delegation, { ...key, ...registered })
    return { delegation }
  },
})
