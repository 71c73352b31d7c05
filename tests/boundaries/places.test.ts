import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPlan } from '@unefois/deploy/sandbox/plan'
import { isCovered, parsePath } from '@unefois/proto/mask'
import { describe, expect, it } from 'vitest'
import { ROOT } from './sources.js'

// What protects a protected person in the sandbox's data: each rule over every evidence type and every authorisation.

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly enum?: readonly unknown[]
  readonly pattern?: string
}

const folder = join(ROOT, 'deploy/federations/sandbox')
const plan = readPlan(folder)
const schemaOf = (type: string): Schema =>
  JSON.parse(readFileSync(join(folder, 'evidence-types', `${type}.json`), 'utf8'))
const resolved = (root: Schema, schema: Schema): Schema =>
  schema.$ref === undefined ? schema : (root.$defs?.[schema.$ref.replace('#/$defs/', '')] ?? {})

/** Every single value that a schema allows, by its path. */
const leavesOf = (root: Schema, given: Schema = root, path = ''): [string, Schema][] => {
  const schema = resolved(root, given)
  if (schema.properties)
    return Object.entries(schema.properties).flatMap(([name, inside]) =>
      leavesOf(root, inside, path === '' ? name : `${path}.${name}`),
    )
  return schema.items ? leavesOf(root, schema.items, `${path}[]`) : [[path, schema]]
}

/** Words of a name, split at _ and at capitals. */
const wordsOf = (path: string): string[] =>
  path
    .toLowerCase()
    .split(/[_.[\]]+/)
    .concat(path.match(/[A-Z][a-z]+/g)?.map((word) => word.toLowerCase()) ?? [])
const placeWords = new Set(
  [
    'adresse',
    'commune',
    'localite',
    'postal',
    'voie',
    'pays',
    'ville',
    'etablissement',
    'organisme',
    'employeur',
  ].concat([
    ...[
      'telephone',
      'telephone2',
      'email',
      'contact',
      'siret',
      'uai',
      'ecole',
      'immatriculation',
      'allocataires',
      'parents',
    ],
    ...['conjoint', 'hebergement', 'accueil', 'enfants', 'objet', 'commentaires', 'residence', 'domicile'],
  ]),
)
/** Names that have such a word and tell no place, each for its reason. */
const noPlaces: Readonly<Record<string, readonly string[]>> = {
  // Where an adult was born is a part of who they are, which a co-holder knows.
  'etudiant-boursier': ['identite.nom_commune_naissance'],
  'etudiant-boursier-v3': ['identite.nom_commune_naissance'],
  'immatriculation-vehicule': [
    'donnees_immatriculation_vehicule.date_premiere_immatriculation',
    'donnees_immatriculation_vehicule.statut_location.code',
    'donnees_immatriculation_vehicule.statut_location.label',
  ],
  // Numbers of children.
  'participation-familiale-eaje': [
    'parametres_calcul_participation_familiale.nombre_enfants_a_charge',
    'parametres_calcul_participation_familiale.nombre_enfants_beneficiaire_aeeh',
  ],
}

describe('the places of evidence types', () => {
  it('are said of every type, empty or not, by paths that its schema has', () => {
    const wrong = plan.evidenceTypes.flatMap(({ id, places }) => {
      const leaves = leavesOf(schemaOf(id)).map(([path]) => path)
      return places
        .filter((place) => !leaves.some((leaf) => isCovered(leaf, [place])))
        .map((place) => `${id}: ${place}`)
    })
    expect(wrong).toEqual([])
    expect(plan.evidenceTypes.filter(({ places }) => !Array.isArray(places))).toEqual([])
  })

  it('cover every field whose name speaks of an address, a school, an employer, a carer, a contact or a co-holder', () => {
    const untold = plan.evidenceTypes.flatMap(({ id, places }) =>
      leavesOf(schemaOf(id))
        .map(([path]) => path)
        .filter((path) => wordsOf(path).some((word) => placeWords.has(word)))
        .filter((path) => !isCovered(path, places) && !noPlaces[id]?.includes(path))
        .map((path) => `${id}: ${path}`),
    )
    expect(untold).toEqual([])
  })

  it('are required by no schema, so that evidence without them looks like any other', () => {
    const required = plan.evidenceTypes.flatMap(({ id, places }) =>
      places.flatMap((place) => {
        const root = schemaOf(id)
        const steps = parsePath(place)
        const holder = steps.slice(0, -1).reduce<Schema>((at, step) => {
          const here = resolved(root, at)
          return (step === '[]' ? here.items : here.properties?.[step]) ?? {}
        }, root)
        return resolved(root, holder).required?.includes(steps.at(-1) ?? '') ? [`${id}: ${place}`] : []
      }),
    )
    expect(required).toEqual([])
  })

  it('are told of protected people to nobody in the sandbox', () => {
    expect(plan.authorisations.filter(({ protectedPlacesBy }) => protectedPlacesBy !== undefined)).toEqual([])
  })
})
