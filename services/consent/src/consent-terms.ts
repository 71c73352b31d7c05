import type { Federation } from '@unefois/proto/federation'
import type { Authorisation } from '@unefois/proto/federation-list'
import { MeshError } from '@unefois/proto/reasons'
import { type Asked, type Disclosure, disclosuresOf } from './domain/disclosures.js'

const authorisationOf = (
  federation: Federation,
  of: { requester: string; provider: string; evidenceType: string; purpose: string },
  nowSeconds: number,
): Authorisation | undefined => {
  try {
    return federation.authorisation(of, nowSeconds)
  } catch (thrown) {
    if (thrown instanceof MeshError && thrown.reason === 'PURPOSE_NOT_AUTHORISED') return undefined
    throw thrown
  }
}

/**
 * What a consent would disclose under the federation list in force. Errors: PURPOSE_NOT_AUTHORISED, MEMBER_UNKNOWN,
 * EVIDENCE_TYPE_UNKNOWN.
 */
export const consentTerms = (federation: Federation, asked: Asked, nowSeconds: number): readonly Disclosure[] => {
  federation.purpose(asked.purpose)
  const { requester, purpose } = asked
  for (const member of [requester, ...asked.providers]) federation.member(member, nowSeconds)
  const terms = disclosuresOf(asked, {
    isProvider: (provider, evidenceType) =>
      federation.evidenceType(evidenceType).providers.some((each) => each === provider),
    authorisation: (provider, evidenceType) =>
      authorisationOf(federation, { requester, provider, evidenceType, purpose }, nowSeconds),
  })
  if ('refusal' in terms) throw new MeshError(terms.refusal)
  return terms.disclosures
}
