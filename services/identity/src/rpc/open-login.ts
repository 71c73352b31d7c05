import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { Federation } from '@unefois/proto/federation'
import type { OpenLoginRequest, OpenLoginResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import type { FederatedIdentity } from '../domain/federated-token.js'
import { matchAmong } from '../domain/matching.js'
import type { PersonId } from '../domain/person.js'
import type { Pseudonyms } from '../pseudonyms.js'
import type { AuthorityStores } from '../store/authority-stores.js'
import { verifyFederatedToken } from '../verify-federated-token.js'

interface Needs {
  readonly clock: Clock
  readonly federation: { readonly current: Federation }
  readonly inTransaction: <T>(work: (stores: AuthorityStores) => Promise<T>) => Promise<T>
  readonly pseudonyms: Pseudonyms
  readonly loginSeconds: number
}

/** Whose account this is, or else who the pivot identity says it is, which is then remembered. */
const personWhoLoggedIn = async (
  { register }: AuthorityStores,
  { iss, sub, pivot }: FederatedIdentity,
  nowMs: number,
): Promise<PersonId> => {
  const linked = await register.personOfLogin(iss, sub)
  if (linked !== undefined) return linked
  const matching = matchAmong(pivot, await register.candidates(pivot))
  if (matching.kind !== 'same') throw new MeshError('SUBJECT_UNKNOWN', { facts: { match: matching.kind } })
  await register.linkLogin(iss, sub, matching.person, nowMs)
  return matching.person
}

/** The portal and the consent authority serve everybody and hold nobody's file, so a login there makes no acquaintance. */
const getsToKnow = (federation: Federation, member: string): boolean =>
  !federation.hasRole(member, 'portal') && !federation.hasRole(member, 'consent-authority')

/** Verifies a federated token and opens a login for the asking member. */
export const openLogin = (needs: Needs): PlainRpc<OpenLoginRequest, OpenLoginResponse> => ({
  request: z.object({
    federatedToken: z
      .string()
      .min(1)
      .max(16 * 1024),
  }),
  handle: async ({ federatedToken }, { caller }) => {
    const member = requireMember(caller)
    const federation = needs.federation.current
    const now = nowSeconds(needs.clock)
    const identity = verifyFederatedToken(federatedToken, { federation, member, nowSeconds: now })
    const expiresAtSeconds = now + needs.loginSeconds
    const { acr, auth_time: authTimeSeconds } = identity
    return needs.inTransaction(async (stores) => {
      const nowMs = needs.clock.nowMs()
      const person = await personWhoLoggedIn(stores, identity, nowMs)
      if (getsToKnow(federation, member)) await stores.acquaintances.record(person, member, nowMs)
      const loginHandle = await stores.logins.open({ member, person, acr, authTimeSeconds, expiresAtSeconds })
      return { loginHandle, subject: needs.pseudonyms.of(person, member), acr, authTimeSeconds, expiresAtSeconds }
    })
  },
})
