import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Member } from '@unefois/proto/federation-list'
import { type KeptKey, keptKey } from './member-keys.js'
import type { FederationPlan, PlannedMember } from './plan.js'
import { type ServiceName, seals, servicesOf } from './topology.js'

/** The keys of one member, each in a file of its own below the member's folder. */
export interface MemberKeys {
  readonly folder: string
  readonly token: KeptKey
  readonly authorisation: KeptKey
  readonly statement: KeptKey
  readonly log: KeptKey
  readonly ticket: KeptKey | undefined
  /** Of a member that takes applications. */
  readonly decision: KeptKey | undefined
  readonly sealed: ReadonlyMap<ServiceName, { readonly sign: KeptKey; readonly seal: KeptKey }>
}

/** Draws at first use, and finds again later, every key of a member. */
export const memberKeys = (directory: string, member: PlannedMember): MemberKeys => {
  const folder = join(directory, 'members', member.id)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const key = (name: string): KeptKey => keptKey(folder, name, 'sign')
  return {
    folder,
    token: key('token'),
    authorisation: key('authorisation'),
    statement: key('statement'),
    log: key('log'),
    ticket: member.roles.includes('identity-authority') ? key('ticket') : undefined,
    decision: servicesOf(member).includes('eligibility') ? key('decision') : undefined,
    sealed: new Map(
      servicesOf(member)
        .filter((service) => seals(member, service))
        .map((service) => [
          service,
          { sign: key(`${service}-sign`), seal: keptKey(folder, `${service}-seal`, 'seal') },
        ]),
    ),
  }
}

type ListedKey = Member['keys'][number]

const listed = (use: ListedKey['use'], key: KeptKey | undefined, service?: string): ListedKey[] =>
  key ? [{ use, ...(service !== undefined && { service }), jwk: { ...key.publicJwk } }] : []

/** A member as the federation list names it. */
export const listedMember = (
  plan: FederationPlan,
  member: PlannedMember,
  keys: MemberKeys,
  where: {
    readonly busKey: string | undefined
    readonly origin: string | undefined
    readonly approvedUntilSeconds: number
  },
): Member => ({
  id: member.id,
  name: member.name,
  roles: member.roles,
  ...(where.busKey !== undefined && { busKey: where.busKey }),
  keys: [
    ...listed('token', keys.token),
    ...listed('authorisation', keys.authorisation),
    ...listed('statement', keys.statement),
    ...listed('log', keys.log),
    ...listed('ticket', keys.ticket),
    ...listed('decision', keys.decision),
    ...[...keys.sealed].flatMap(([service, { sign, seal }]) => [
      ...listed('sign', sign, service),
      ...listed('seal', seal, service),
    ]),
  ],
  ...(where.origin !== undefined && { origin: where.origin }),
  returnUrls: where.origin === undefined ? [] : plan.purposes.map(({ id }) => `${where.origin}/procedures/${id}`),
  hostingCountry: 'FR',
  approvedUntilSeconds: where.approvedUntilSeconds,
  contact: member.contact,
})
