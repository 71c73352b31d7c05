import type { Disclosure } from './disclosures.js'

/** One provider's part of a consent, under its own basis. */
export interface Basis {
  readonly provider: string
  readonly basisId: string
  readonly evidenceTypes: readonly string[]
}

/** A basis as one party is told of it. */
export type Copy = Basis & { readonly party: string }

/** One basis for each provider, with the evidence types that concern it; `draw` gives a fresh basis id. */
export const basesOf = (disclosures: readonly Disclosure[], draw: () => string): readonly Basis[] =>
  [...new Set(disclosures.map(({ provider }) => provider))].map((provider) => ({
    provider,
    basisId: draw(),
    evidenceTypes: disclosures.filter((each) => each.provider === provider).map(({ evidenceType }) => evidenceType),
  }))

/** Who is told: of a yes the requester and each provider, of a no the requester alone; no provider sees another's basis. */
export const copiesOf = (requester: string, bases: readonly Basis[], answer: 'given' | 'refused'): readonly Copy[] => [
  ...bases.map((basis) => ({ ...basis, party: requester })),
  ...(answer === 'given' ? bases.map((basis) => ({ ...basis, party: basis.provider })) : []),
]
