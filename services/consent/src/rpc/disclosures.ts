import type { RequestedDisclosure } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { Disclosure } from '../domain/disclosures.js'

/** What would be disclosed, as the contract shows it: names, never values. */
export const wireDisclosures = (disclosures: readonly Disclosure[]): RequestedDisclosure[] =>
  disclosures.map(({ provider, evidenceType, fields, predicates }) => ({
    provider,
    evidenceType,
    fields: [...fields],
    predicates: [...predicates],
  }))
