import { type Clock, nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { Federation } from '@unefois/proto/federation'
import type { OpenLoginRequest, OpenLoginResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AuthorityNeeds } from '../authority-context.js'
import { requireMember } from '../calling-member.js'
import type { FederatedIdentity } from '../domain/federated-token.js'
import { type Coverage, matchAmong } from '../domain/matching.js'
import type { PersonId } from '../domain/person.js'
import { getsToKnow } from '../gets-to-know.js'
import { livingEntry } from '../living-entry.js'
import { decidedBefore } from '../match-for-member.js'
import type { Pseudonyms } from '../pseudonyms.js'
import type { AuthorityStores } from '../store/authority-stores.js'
import { type ProtectionTelling, tellNewcomer } from '../tell-protection.js'
import { verifyFederatedToken } from '../verify-federated-token.js'

interface Needs extends ProtectionTelling {
  readonly clock: Clock
  readonly federation: { readonly current: Federation }
  readonly inTransaction: AuthorityNeeds['inTransaction']
  readonly pseudonyms: Pseudonyms
  readonly loginSeconds: number
  readonly coverage: Coverage
}

type Outcome<T> = T | { readonly refused: Reason; readonly facts: Record<string, string> }

const isDead = async (register: AuthorityStores['register'], person: PersonId): Promise<boolean> =>
  (await livingEntry(register, person))?.deceasedOn !== undefined

/**
 * Whose account this is, or else who the pivot identity says it is, which is then remembered. A doubt waits for a human, and
 * the next login after the decision goes through.
 */
const personWhoLoggedIn = async (
  { register, questions }: AuthorityStores,
  { iss, sub, pivot }: FederatedIdentity,
  { member, coverage, nowMs }: { readonly member: string; readonly coverage: Coverage; readonly nowMs: number },
): Promise<Outcome<{ readonly person: PersonId }>> => {
  const linked = await register.personOfLogin(iss, sub)
  if (linked !== undefined)
    return (await isDead(register, linked)) ? { refused: 'SUBJECT_DECEASED', facts: {} } : { person: linked }
  const matching = matchAmong(pivot, await register.candidates(pivot), coverage)
  const answered =
    matching.kind === 'ask-human'
      ? await decidedBefore({ register, questions }, member, pivot, matching.candidates)
      : matching
  if (answered?.kind !== 'same') {
    if (!answered) await questions.open(member, pivot, nowMs)
    return { refused: 'SUBJECT_UNKNOWN', facts: { match: answered?.kind ?? 'ask-human' } }
  }
  if (await isDead(register, answered.person)) return { refused: 'SUBJECT_DECEASED', facts: {} }
  await register.linkLogin(iss, sub, answered.person, nowMs)
  return { person: answered.person }
}

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
    const outcome = await needs.inTransaction(async (stores, tx): Promise<Outcome<OpenLoginResponse>> => {
      const nowMs = needs.clock.nowMs()
      const found = await personWhoLoggedIn(stores, identity, { member, coverage: needs.coverage, nowMs })
      if ('refused' in found) return found
      const { person } = found
      if (getsToKnow(federation, member)) {
        const newcomers = await stores.acquaintances.record([person], member, nowMs)
        await tellNewcomer(needs, tx, stores, newcomers, member, nowMs)
      }
      const loginHandle = await stores.logins.open({ member, person, acr, authTimeSeconds, expiresAtSeconds })
      return { loginHandle, subject: needs.pseudonyms.of(person, member), acr, authTimeSeconds, expiresAtSeconds }
    })
    if ('refused' in outcome) throw new MeshError(outcome.refused, { facts: outcome.facts })
    return outcome
  },
})
