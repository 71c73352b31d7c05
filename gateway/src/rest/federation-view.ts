import type { Federation } from '@unefois/proto/federation'
import type { EvidenceType, Member } from '@unefois/proto/federation-list'
import { z } from 'zod'
import { bilingual, route } from './schemas.js'

export const agency = z.strictObject({
  id: z.string(),
  name: bilingual,
  roles: z.array(z.string()),
  origin: z.string().nullable(),
  contact: bilingual,
})

export const evidenceType = z.strictObject({
  id: z.string(),
  contract: z.enum(['national', 'own']),
  title: bilingual,
  providers: z.array(z.string()),
  schemaSha256: z.string(),
  fields: z.array(z.strictObject({ path: z.string(), title: bilingual })),
  predicates: z.array(z.strictObject({ id: z.string(), title: bilingual })),
  routes: z.array(route),
})

/** The members whose security approval has not ended. */
export const agenciesOf = (federation: Federation, nowSeconds: number): z.infer<typeof agency>[] =>
  federation.claims.members
    .filter(({ approvedUntilSeconds }) => approvedUntilSeconds > nowSeconds)
    .map(({ id, name, roles, origin, contact }: Member) => ({ id, name, roles, origin: origin ?? null, contact }))

export const evidenceTypesOf = (federation: Federation): z.infer<typeof evidenceType>[] =>
  federation.claims.evidenceTypes.map(
    ({ id, contract, title, providers, schemaSha256, fieldTitles, predicateTitles, routes }: EvidenceType) => ({
      id,
      contract,
      title,
      providers,
      schemaSha256,
      fields: Object.entries(fieldTitles).map(([path, words]) => ({ path, title: words })),
      predicates: Object.entries(predicateTitles).map(([predicate, words]) => ({ id: predicate, title: words })),
      routes,
    }),
  )
