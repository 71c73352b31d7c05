import type { Federation } from '@unefois/proto/federation'

/** The hub through which evidence of a type comes, as a record names it; a refused request may name a type that is none. */
export const relayOf = ({ claims }: Federation, evidenceType: string): string =>
  claims.evidenceTypes.find(({ id }) => id === evidenceType)?.relay ?? 'none'
