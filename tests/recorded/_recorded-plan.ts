import { fileURLToPath } from 'node:url'
import { type FederationPlan, type PlannedPerson, readPlan } from '@unefois/deploy/sandbox/plan'
import { type RecordedAnswer, recordedAnswers, type ScopeMask, scopeMaskOf } from './_recorded-answers.js'
import { leavesOf, shownPaths } from './_scopes.js'

/** Who asks and who answers: one member stands for all the national sources. */
export const requester = 'saint-aubin'
export const provider = 'caf'
/** A client with every scope of an endpoint, and one with every second of them. */
export const purposes = ['every-scope', 'half-the-scopes'] as const

/** The sandbox's evidence type for each endpoint, by what its name contains. */
const types: readonly (readonly [string, string])[] = [
  ['ants_extrait_immatriculation_vehicule', 'immatriculation-vehicule'],
  ['allocation_adulte_handicape', 'allocation-adulte-handicape'],
  ['allocation_enfant_handicape', 'allocation-enfant-handicape'],
  ['allocation_soutien_familial', 'allocation-soutien-familial'],
  ['complementaire_sante_solidaire', 'complementaire-sante-solidaire'],
  ['participation_familiale_eaje', 'participation-familiale-eaje'],
  ['prime_activite', 'prime-activite'],
  ['quotient_familial', 'quotient-familial'],
  ['revenu_solidarite_active', 'revenu-solidarite-active'],
  ['v3_cnous_etudiant_boursier', 'etudiant-boursier-v3'],
  ['v4_cnous_etudiant_boursier', 'etudiant-boursier'],
  ['service_national', 'service-national'],
  ['france_travail_indemnites', 'indemnites-demandeur-emploi'],
  ['france_travail_statut', 'inscription-demandeur-emploi'],
  ['service_civique', 'service-civique'],
  ['men_scolarites', 'scolarite'],
  ['statut_etudiant', 'statut-etudiant'],
]

/** The evidence type that carries an endpoint's answers. */
export const typeOf = (endpoint: string): string => {
  const found = types.find(([part]) => endpoint.includes(part))
  if (!found) throw new Error(`no evidence type for ${endpoint}`)
  return found[1]
}

/** The fictitious person whom a recorded answer is about. */
export const personOf = (at: number): string => `recorded-${at}`

/** The table's entry for an endpoint, and the scopes that a purpose stands for. */
export const scopesOf = (endpoint: string, purpose: string): { mask: ScopeMask | undefined; scopes: Set<string> } => {
  const mask = scopeMaskOf(endpoint)
  const all = [...new Set(Object.values(mask ?? {}))].sort()
  return { mask, scopes: new Set(purpose === purposes[0] ? all : all.filter((_, at) => at % 2 === 0)) }
}

const letters = (at: number): string =>
  [at % 26, Math.floor(at / 26)].map((each) => String.fromCharCode(65 + each)).join('')

const person = (at: number): PlannedPerson => ({
  key: personOf(at),
  given_name: `Camille ${letters(at)}`,
  family_name: `Recueil ${letters(at)}`,
  birthdate: `${1950 + (at % 50)}-0${1 + (at % 9)}-1${at % 10}`,
  gender: at % 2 === 0 ? 'female' : 'male',
  birthplace: '08480',
  birthcountry: '99100',
  known: [provider, requester] as unknown as PlannedPerson['known'],
})

const authorisationsOf = (answers: readonly RecordedAnswer[], plan: FederationPlan): FederationPlan['authorisations'] =>
  [...new Set(answers.map(({ endpoint }) => typeOf(endpoint)))].flatMap((evidenceType) => {
    const ofType = answers.filter(({ endpoint }) => typeOf(endpoint) === evidenceType)
    const paths = [...new Set(ofType.flatMap(({ payload }) => (payload.data ? leavesOf(payload.data) : [])))]
    const secret = plan.evidenceTypes.find(({ id }) => id === evidenceType)?.secrecy
    return purposes.map((purpose) => {
      const { mask, scopes } = scopesOf(ofType[0]?.endpoint ?? '', purpose)
      return {
        id: `${evidenceType}-${purpose}`,
        provider: provider as FederationPlan['authorisations'][number]['provider'],
        requester: requester as FederationPlan['authorisations'][number]['requester'],
        evidenceType,
        purpose,
        fields: shownPaths(paths, mask, scopes),
        predicates: [],
        predicatesPerDay: 20,
        mode: 'information' as const,
        legalReference: 'CRPA art. L114-8 I',
        habilitation: 'HAB-RECORDED',
        maximumAgeDays: 100,
        retentionDays: 1,
        ...(secret !== undefined && { secrecyLiftedBy: 'a text of this test' }),
      }
    })
  })

/** Two agencies and the authorities, one person for each recorded answer, and each endpoint's type authorised twice. */
export const recordedPlan = (answers: readonly RecordedAnswer[] = recordedAnswers() ?? []): FederationPlan => {
  const plan = readPlan(fileURLToPath(new URL('../../deploy/federations/sandbox', import.meta.url)))
  const members = new Set<string>([requester, provider])
  const wanted = new Set(answers.map(({ endpoint }) => typeOf(endpoint)))
  const text = plan.purposes[0] as FederationPlan['purposes'][number]
  return {
    ...plan,
    agencies: plan.agencies.filter(({ id, roles }) => members.has(id) || !roles.includes('agency')),
    purposes: purposes.map((id) => ({ ...text, id })),
    evidenceTypes: plan.evidenceTypes
      .filter(({ id }) => wanted.has(id))
      .map((type) => ({ ...type, providers: [provider] as unknown as typeof type.providers })),
    authorisations: authorisationsOf(answers, plan),
    people: answers.map(({ at }) => person(at)),
    registers: [...wanted].map((evidenceType) => ({
      agency: provider as FederationPlan['registers'][number]['agency'],
      evidenceType,
      entries: [],
    })),
  }
}
