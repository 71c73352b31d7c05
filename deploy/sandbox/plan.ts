import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMemberId, type MemberId } from '@unefois/proto/ids'
import { parse } from 'yaml'
import { z } from 'zod'

/** What a federation folder says: its members, what is authorised, and, for a sandbox, its fictitious people. */
const memberId = z.string().refine(isMemberId, 'not a member id') as unknown as z.ZodType<MemberId>
const bilingual = z.strictObject({ fr: z.string(), en: z.string() })

const federation = z.strictObject({
  federation: z.string(),
  signer: z.string(),
  agencies: z.array(
    z.strictObject({
      id: memberId,
      name: bilingual,
      roles: z.array(z.enum(['agency', 'portal', 'identity-authority', 'consent-authority'])).length(1),
      /** Members of the same name share a process. */
      process: z.string(),
      contact: bilingual,
    }),
  ),
  purposes: z.array(z.strictObject({ id: z.string(), title: bilingual, textVersion: z.string(), text: bilingual })),
  evidenceTypes: z.array(
    z.strictObject({
      id: z.string(),
      contract: z.enum(['national', 'own']),
      title: bilingual,
      providers: z.array(memberId),
      fieldTitles: z.record(z.string(), bilingual),
      predicateTitles: z.record(z.string(), bilingual),
      routes: z.array(
        z.strictObject({
          kind: z.enum(['own-document', 'statement-on-honour', 'counter', 'telephone', 'paper']),
          text: bilingual,
        }),
      ),
    }),
  ),
  authorisations: z.array(
    z.strictObject({
      id: z.string(),
      provider: memberId,
      requester: memberId,
      evidenceType: z.string(),
      purpose: z.string(),
      fields: z.array(z.string()),
      predicates: z.array(z.record(z.string(), z.unknown())),
      mode: z.enum(['information', 'consent']),
      legalReference: z.string(),
      habilitation: z.string(),
      maximumAgeDays: z.number(),
      retentionDays: z.number(),
      predicatesPerDay: z.number(),
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
  registers: z.array(
    z.strictObject({
      agency: memberId,
      evidenceType: z.string(),
      entries: z.array(
        z.strictObject({
          person: z.string(),
          related: z.array(z.strictObject({ relation: z.string(), person: z.string() })),
          value: z.record(z.string(), z.unknown()),
        }),
      ),
    }),
  ),
})

export type FederationPlan = z.infer<typeof federation> & z.infer<typeof people> & { readonly folder: string }
export type PlannedMember = FederationPlan['agencies'][number]
export type PlannedPerson = FederationPlan['people'][number]

const read = <S extends z.ZodType>(schema: S, file: string): z.infer<S> => {
  const checked = schema.safeParse(parse(readFileSync(file, 'utf8')))
  if (!checked.success) throw new Error(`${file}:\n${z.prettifyError(checked.error)}`)
  return checked.data
}

/** Reads a federation folder; the message of an error names the file and the key. */
export const readPlan = (folder: string): FederationPlan => ({
  folder,
  ...read(federation, join(folder, 'federation.yaml')),
  ...read(people, join(folder, 'people.yaml')),
})

/** The one member that holds a role. */
export const memberWithRole = (plan: FederationPlan, role: PlannedMember['roles'][number]): PlannedMember => {
  const found = plan.agencies.find((member) => member.roles.includes(role))
  if (!found) throw new Error(`the federation has no member with the role ${role}`)
  return found
}
