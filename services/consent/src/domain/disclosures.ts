import type { Authorisation } from '@unefois/proto/federation-list'
import type { Reason } from '@unefois/proto/reasons'

/** What one provider would release of one evidence type: names, never values. */
export interface Disclosure {
  readonly provider: string
  readonly evidenceType: string
  readonly fields: readonly string[]
  readonly predicates: readonly string[]
  readonly legalReference: string
  readonly retentionSeconds: number
}

/** Who asks for what, from whom. */
export interface Asked {
  readonly requester: string
  readonly purpose: string
  readonly providers: readonly string[]
  readonly evidenceTypes: readonly string[]
}

/** What the federation list says. */
export interface FederationFacts {
  readonly isProvider: (provider: string, evidenceType: string) => boolean
  /** The authorisation in force for this requester and purpose. */
  readonly authorisation: (provider: string, evidenceType: string) => Authorisation | undefined
}

const disclosureOf = (authorisation: Authorisation): Disclosure => ({
  provider: authorisation.provider,
  evidenceType: authorisation.evidenceType,
  fields: authorisation.fields,
  predicates: authorisation.predicates.map(({ id }) => id),
  legalReference: authorisation.legalReference,
  retentionSeconds: authorisation.retentionSeconds,
})

/**
 * What a consent would disclose, by provider and then type. Each provider is asked only for the types that it provides; each
 * such pair needs an authorisation in force in mode consent, each provider a type and each type a provider.
 * Refusal: PURPOSE_NOT_AUTHORISED.
 */
export const disclosuresOf = (
  asked: Asked,
  federation: FederationFacts,
): { readonly disclosures: readonly Disclosure[] } | { readonly refusal: Reason } => {
  const refusal = { refusal: 'PURPOSE_NOT_AUTHORISED' } as const
  if (asked.providers.includes(asked.requester)) return refusal
  const disclosures: Disclosure[] = []
  for (const provider of [...asked.providers].sort()) {
    for (const evidenceType of [...asked.evidenceTypes].sort()) {
      if (!federation.isProvider(provider, evidenceType)) continue
      const authorisation = federation.authorisation(provider, evidenceType)
      if (authorisation?.mode !== 'consent') return refusal
      disclosures.push(disclosureOf(authorisation))
    }
  }
  const isComplete =
    asked.providers.every((provider) => disclosures.some((each) => each.provider === provider)) &&
    asked.evidenceTypes.every((type) => disclosures.some((each) => each.evidenceType === type))
  return isComplete ? { disclosures } : refusal
}

/** Whether two lists disclose the same: a person's answer holds only for what was shown. */
export const isSameDisclosure = (shown: readonly Disclosure[], current: readonly Disclosure[]): boolean => {
  const text = (list: readonly Disclosure[]): string =>
    JSON.stringify(
      list.map((each) => [
        each.provider,
        each.evidenceType,
        each.fields,
        each.predicates,
        each.legalReference,
        each.retentionSeconds,
      ]),
    )
  return text(shown) === text(current)
}
