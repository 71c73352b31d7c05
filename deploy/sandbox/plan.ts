import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeclarationKind, declarationKindFormat } from '@unefois/proto/declaration-kind'
import { authorisationFormat, evidenceTypeFormat, purposeFormat, routeFormat } from '@unefois/proto/federation-list'
import { isMemberId, type MemberId } from '@unefois/proto/ids'
import { parse } from 'yaml'
import { z } from 'zod'
import { planFaults } from './plan-faults.js'
import { serviceNames } from './topology.js'

/**
 * What a federation folder says: its members, what may be asked of whom under which text, and, for a sandbox, its fictitious
 * people. One file for each provider's authorisations and each evidence type, so that each reads on one screen.
 */
const memberId = z.string().refine(isMemberId, 'not a member id') as unknown as z.ZodType<MemberId>
const bilingual = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) })

const federation = z.strictObject({
  federation: z.string(),
  signer: z.string(),
  agencies: z.array(
    z.strictObject({
      id: memberId,
      name: bilingual,
      roles: z.array(z.enum(['agency', 'portal', 'identity-authority', 'consent-authority'])).length(1),
      /** Members of the same name share a process: a hosted node. */
      process: z.string(),
      /** What it runs of its role's services; all of them when absent. */
      services: z.array(z.enum(serviceNames)).min(1).optional(),
      /** Whether it takes part in the national hub of town-hall appointments. */
      inNationalHub: z.boolean().default(false),
      contact: bilingual,
    }),
  ),
})
const purposes = z.strictObject({ purposes: z.array(purposeFormat) })
const routes = z.strictObject({ routes: z.array(routeFormat) })
const evidenceType = evidenceTypeFormat.omit({ schemaSha256: true }).extend({
  routes: z.array(routeFormat),
  predicateTitles: evidenceTypeFormat.shape.predicateTitles.default({}),
  /** Said of every type, also where it has none: a type of which nobody thought would be withheld whole. */
  places: evidenceTypeFormat.shape.places.unwrap(),
})
const ofProvider = z.strictObject({
  provider: memberId,
  authorisations: z.array(
    authorisationFormat
      .omit({ iss: true, iat: true, nbf: true, exp: true, maximumAgeSeconds: true, retentionSeconds: true })
      .extend({
        predicates: authorisationFormat.shape.predicates.default([]),
        predicatesPerDay: authorisationFormat.shape.predicatesPerDay.default(20),
        maximumAgeDays: z.number().int().positive(),
        retentionDays: z.number().int().positive(),
      }),
  ),
})
const people = z.strictObject({
  people: z.array(
    z.strictObject({
      key: z.string(),
      login: z.string().optional(),
      acr: z.enum(['eidas1', 'eidas2', 'eidas3']).optional(),
      given_name: z.string(),
      family_name: z.string(),
      birthdate: z.string(),
      gender: z.enum(['male', 'female']),
      birthplace: z.string(),
      birthcountry: z.string(),
      known: z.array(memberId),
    }),
  ),
})
const entry = z.strictObject({
  person: z.string(),
  related: z.array(z.strictObject({ relation: z.string(), person: z.string() })).default([]),
  value: z.record(z.string(), z.unknown()),
})
/** What one agency's own register holds, by evidence type: evidence that stays where it is. */
const register = z.strictObject({ agency: memberId, evidence: z.record(z.string(), z.array(entry)) })

type Terms = z.infer<typeof ofProvider>['authorisations'][number]
type Entry = z.infer<typeof entry>
export type FederationPlan = z.infer<typeof federation> &
  z.infer<typeof purposes> &
  z.infer<typeof people> & {
    readonly folder: string
    evidenceTypes: z.infer<typeof evidenceType>[]
    authorisations: (Terms & { provider: MemberId })[]
    registers: { agency: MemberId; evidenceType: string; entries: Entry[] }[]
    /** What people may tell several members at once. */
    declarations: DeclarationKind[]
  }
export type PlannedMember = FederationPlan['agencies'][number]
export type PlannedPerson = FederationPlan['people'][number]

const read = <S extends z.ZodType>(schema: S, file: string): z.infer<S> => {
  const checked = schema.safeParse(parse(readFileSync(file, 'utf8')))
  if (!checked.success) throw new Error(`${file}:\n${z.prettifyError(checked.error)}`)
  return checked.data
}

const readAll = <S extends z.ZodType>(schema: S, folder: string): z.infer<S>[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => read(schema, join(folder, name)))

/** Reads a federation folder; the message of an error names the file and the key, or the members that do not fit together. */
export const readPlan = (folder: string): FederationPlan => {
  const everyType = read(routes, join(folder, 'routes.yaml')).routes
  const plan: FederationPlan = {
    folder,
    ...read(federation, join(folder, 'federation.yaml')),
    ...read(purposes, join(folder, 'purposes.yaml')),
    ...read(people, join(folder, 'people.yaml')),
    evidenceTypes: readAll(evidenceType, join(folder, 'evidence-types')).map((type) => ({
      ...type,
      routes: [...type.routes, ...everyType],
    })),
    authorisations: readAll(ofProvider, join(folder, 'authorisations')).flatMap(({ provider, authorisations }) =>
      authorisations.map((terms) => ({ ...terms, provider })),
    ),
    declarations: readAll(declarationKindFormat, join(folder, 'declarations')),
    registers: readAll(register, join(folder, 'registers')).flatMap(({ agency, evidence }) =>
      Object.entries(evidence).map(([type, entries]) => ({ agency, evidenceType: type, entries })),
    ),
  }
  const faults = planFaults(plan)
  if (faults.length > 0) throw new Error(`${folder}:\n${faults.join('\n')}`)
  return plan
}

/** The one member that holds a role. */
export const memberWithRole = (plan: FederationPlan, role: PlannedMember['roles'][number]): PlannedMember => {
  const found = plan.agencies.find((member) => member.roles.includes(role))
  if (!found) throw new Error(`the federation has no member with the role ${role}`)
  return found
}
