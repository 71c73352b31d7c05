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

export const agencyView = ({ id, name, roles, origin, contact }: Member): z.infer<typeof agency> => ({
  id,
  name,
  roles,
  origin: origin ?? null,
  contact,
})

export const evidenceTypeView = (type: EvidenceType): z.infer<typeof evidenceType> => {
  const { id, contract, title, providers, schemaSha256, fieldTitles, predicateTitles, routes } = type
  return {
    id,
    contract,
    title,
    providers,
    schemaSha256,
    fields: Object.entries(fieldTitles).map(([path, words]) => ({ path, title: words })),
    predicates: Object.entries(predicateTitles).map(([predicate, words]) => ({ id: predicate, title: words })),
    routes,
  }
}
