import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemaSha256 } from '@unefois/deploy/sandbox/federation-list'
import { readPlan } from '@unefois/deploy/sandbox/plan'
import { Schemas } from '@unefois/documents/schemas'
import { admissionRefusal } from '@unefois/proto/federation-admission'
import { parsePath } from '@unefois/proto/mask'
import { describe, expect, it } from 'vitest'
import { ROOT } from './sources.js'

// What a lawyer, a translator and a provider's data office would check in the sandbox's data, each rule over all of it.

interface Schema {
  readonly type?: string | readonly string[]
  readonly additionalProperties?: boolean
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

const plan = readPlan(join(ROOT, 'deploy/federations/sandbox'))
const schemaOf = (type: string): Schema =>
  JSON.parse(readFileSync(join(plan.folder, 'evidence-types', `${type}.json`), 'utf8'))
const typeOf = (id: string) => plan.evidenceTypes.find((type) => type.id === id)

/** The validation of the documents service, over these files. */
const schemas = new Schemas(join(plan.folder, 'evidence-types'), {
  current: { evidenceType: (id: string) => ({ schemaSha256: schemaSha256(plan, id) }) },
} as never)

const resolved = (root: Schema, schema: Schema | undefined): Schema | undefined =>
  schema?.$ref === undefined ? schema : root.$defs?.[schema.$ref.replace('#/$defs/', '')]

/** Whether a path leads somewhere in a schema. */
const leads = (root: Schema, path: string): boolean => {
  let at: Schema | undefined = root
  for (const step of parsePath(path)) {
    const here: Schema | undefined = resolved(root, at)
    at = step === '[]' ? here?.items : here?.properties?.[step]
  }
  return at !== undefined
}

/** Every object of a schema with the names of its fields. */
const objectsOf = (schema: Schema): Schema[] => [
  ...(schema.properties ? [schema] : []),
  ...[...Object.values(schema.properties ?? {}), ...Object.values(schema.$defs ?? {}), schema.items ?? {}].flatMap(
    (inside) => (Object.keys(inside).length > 0 ? objectsOf(inside) : []),
  ),
]
const fieldNames = (type: string): string[] =>
  objectsOf(schemaOf(type)).flatMap(({ properties }) => Object.keys(properties ?? {}))

const secretNumber =
  /(^|_)nir($|_)|numero_?secu|securite_?sociale|numero_?inscription|insee_?number|(^|[a-z])Nir($|[A-Z])/i
const medical = /diagnos|patholog|maladie|medical|taux_?(d_?)?(incapacite|invalidite)|deficien|traitement|handicap_/i

describe('the sandbox’s evidence types', () => {
  it('carry no national number and nothing medical', () => {
    expect(['nir', 'numero_securite_sociale', 'numeroSecu'].every((name) => secretNumber.test(name))).toBe(true)
    expect(['diagnostic', 'taux_incapacite', 'tauxIncapacite'].every((name) => medical.test(name))).toBe(true)
    const carried = plan.evidenceTypes.flatMap(({ id }) => fieldNames(id).map((name) => `${id} ${name}`))
    expect(carried.length).toBeGreaterThan(100)
    expect(carried.filter((each) => secretNumber.test(each.split(' ')[1] ?? ''))).toEqual([])
    expect(carried.filter((each) => medical.test(each.split(' ')[1] ?? ''))).toEqual([])
  })

  it('are closed: no object takes a field that its contract does not name', () => {
    const open = plan.evidenceTypes.filter(({ id }) =>
      objectsOf(schemaOf(id)).some(({ additionalProperties }) => additionalProperties !== false),
    )
    expect(open.map(({ id }) => id)).toEqual([])
  })

  it('title fields that their schema has', () => {
    const strangers = plan.evidenceTypes.flatMap(({ id, fieldTitles }) =>
      Object.keys(fieldTitles)
        .filter((path) => !leads(schemaOf(id), path))
        .map((path) => `${id} ${path}`),
    )
    expect(strangers).toEqual([])
  })

  it('have a provider, and a way on for whoever has no computer', () => {
    for (const { id, providers, routes } of plan.evidenceTypes) {
      expect(providers, id).not.toEqual([])
      const kinds = routes.map(({ kind }) => kind)
      expect(
        kinds.filter((kind) => ['counter', 'telephone', 'paper'].includes(kind)),
        id,
      ).toEqual(['counter', 'telephone', 'paper'])
    }
  })

  it('of a national contract accept every recorded answer', () => {
    const recorded = join(ROOT, '../shared/data/api-particulier/cases.jsonl')
    if (!existsSync(recorded)) {
      process.stdout.write('skipped: the recorded national answers are not at hand (../shared/data)\n')
      return
    }
    const answers = readFileSync(recorded, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { endpoint: string; status: number; file: string; payload: { data: object } })
      .filter(({ status }) => status === 200)
    const refused = answers.flatMap(({ endpoint, file, payload }) => {
      const type = Object.entries(typeOfEndpoint).find(([start]) =>
        endpoint.startsWith(`api_particulier_${start}_with_`),
      )
      if (!type) return [`${endpoint}: of no evidence type`]
      try {
        schemas.read(type[1], JSON.stringify(payload.data))
        return []
      } catch (error) {
        return [`${endpoint} ${file}: ${JSON.stringify((error as { facts?: object }).facts)}`]
      }
    })
    expect(refused).toEqual([])
    expect(answers).toHaveLength(155)
    expect([...new Set(Object.values(typeOfEndpoint))].map((type) => typeOf(type)?.contract)).toEqual(
      [...new Set(Object.values(typeOfEndpoint))].map(() => 'national'),
    )
  })
})

/** Which type stands for which endpoint of API Particulier. */
const typeOfEndpoint: Readonly<Record<string, string>> = {
  v3_ants_extrait_immatriculation_vehicule: 'immatriculation-vehicule',
  v3_cnav_allocation_adulte_handicape: 'allocation-adulte-handicape',
  v3_cnav_allocation_enfant_handicape: 'allocation-enfant-handicape',
  v3_cnav_allocation_soutien_familial: 'allocation-soutien-familial',
  v3_cnav_complementaire_sante_solidaire: 'complementaire-sante-solidaire',
  v3_cnav_participation_familiale_eaje: 'participation-familiale-eaje',
  v3_cnav_prime_activite: 'prime-activite',
  v3_cnav_quotient_familial: 'quotient-familial',
  v3_cnav_revenu_solidarite_active: 'revenu-solidarite-active',
  v3_cnous_etudiant_boursier: 'etudiant-boursier-v3',
  v4_cnous_etudiant_boursier: 'etudiant-boursier',
  v3_dsnj_service_national: 'service-national',
  v3_france_travail_indemnites: 'indemnites-demandeur-emploi',
  v3_france_travail_statut: 'inscription-demandeur-emploi',
  v3_gip_mds_service_civique: 'service-civique',
  v3_men_scolarites: 'scolarite',
  v4_men_scolarites: 'scolarite',
  v3_mesri_statut_etudiant: 'statut-etudiant',
}

describe('the sandbox’s authorisations', () => {
  it('name fields that exist and have a title in both languages', () => {
    const faults = plan.authorisations.flatMap(({ id, evidenceType, fields, predicates }) => [
      ...fields.filter((path) => !leads(schemaOf(evidenceType), path)).map((path) => `${id}: no field ${path}`),
      ...fields
        .filter((path) => typeOf(evidenceType)?.fieldTitles[path] === undefined)
        .map((path) => `${id}: no title of ${path}`),
      ...predicates.flatMap((predicate) => [
        ...(typeOf(evidenceType)?.predicateTitles[predicate.id] === undefined
          ? [`${id}: no title of ${predicate.id}`]
          : []),
        ...(predicate.kind === 'at-most' && !leads(schemaOf(evidenceType), predicate.field)
          ? [`${id}: no field ${predicate.field}`]
          : []),
      ]),
      ...(fields.length + predicates.length === 0 ? [`${id}: nothing to release`] : []),
    ])
    expect(faults).toEqual([])
  })

  it('let nobody have the number by which a register finds a person', () => {
    const keys = plan.authorisations.filter(({ fields }) => fields.some((path) => /(^|\.)identifiant$/.test(path)))
    expect(keys.map(({ id }) => id)).toEqual([])
  })

  it('are all admitted by the reader of the list: secrets lifted by a text, proactive only to inform or attribute', () => {
    const refused = plan.authorisations.flatMap((each) => {
      const type = typeOf(each.evidenceType)
      const purpose = plan.purposes.find(({ id }) => id === each.purpose)
      const terms = { ...each, retentionSeconds: each.retentionDays * 24 * 3600 }
      const refusal = type && purpose ? admissionRefusal(terms, type, purpose) : 'names something unknown'
      return refusal === undefined ? [] : [`${each.id} ${refusal}`]
    })
    expect(refused).toEqual([])
    const secret = plan.authorisations.filter(({ evidenceType }) => typeOf(evidenceType)?.secrecy !== undefined)
    expect(secret.length).toBeGreaterThan(5)
    expect(new Set(plan.authorisations.map(({ mode }) => mode))).toEqual(
      new Set(['information', 'consent', 'explicit-request', 'proactive']),
    )
  })

  it('ask a consent of whoever is told that a company asks, and only a yes or no', () => {
    const companies = plan.authorisations.filter(({ requester }) => requester === 'trans-meuse')
    expect(companies.map(({ mode, fields }) => ({ mode, fields }))).toEqual([{ mode: 'consent', fields: [] }])
  })
})

describe('the sandbox’s purposes', () => {
  it('say something else in French than in English, and each serves an authorisation', () => {
    for (const { id, title, text } of plan.purposes) {
      expect(text.fr, id).not.toBe(text.en)
      expect(title.fr, id).not.toBe(title.en)
      expect(text.fr.length, id).toBeGreaterThan(80)
      expect(text.en.length, id).toBeGreaterThan(80)
      expect(
        plan.authorisations.some(({ purpose }) => purpose === id),
        id,
      ).toBe(true)
    }
  })
})

describe('the sandbox’s registers', () => {
  it('hold what the schema of its type accepts', () => {
    const entries = plan.registers.flatMap(({ evidenceType, entries }) =>
      entries.map(({ value }) => ({ evidenceType, value })),
    )
    expect(entries.length).toBeGreaterThan(20)
    for (const { evidenceType, value } of entries)
      expect(() => schemas.read(evidenceType, JSON.stringify(value)), evidenceType).not.toThrow()
  })
})
