import { fileURLToPath } from 'node:url'
import { type FederationPlan, type PlannedPerson, readPlan } from '@unefois/deploy/sandbox/plan'

const peopleCount = 200
const letters = (at: number): string =>
  [at % 26, Math.floor(at / 26)].map((each) => String.fromCharCode(65 + each)).join('')

const somebody = (at: number): PlannedPerson => ({
  key: `somebody-${at}`,
  login: `somebody.${at}`,
  acr: 'eidas1',
  given_name: `Camille ${letters(at)}`,
  family_name: `Essai ${letters(at)}`,
  birthdate: `${1950 + (at % 50)}-0${1 + (at % 9)}-1${at % 10}`,
  gender: at % 2 === 0 ? 'female' : 'male',
  birthplace: '08480',
  birthcountry: '99100',
  known: [],
})

/**
 * Three people of whom one journey protects two from the third, with logins of the level substantial; the mother has a weak
 * login besides, as whoever knows an old password of hers would use it.
 */
const guarded = (): PlannedPerson[] => {
  const people = ['mother', 'ex', 'child'].map(
    (role, at): PlannedPerson => ({
      ...somebody(600 + at),
      key: `guarded-${role}`,
      login: `guarded.${role}`,
      acr: 'eidas2',
    }),
  )
  const weak = people
    .slice(0, 1)
    .map((mother): PlannedPerson => ({ ...mother, key: 'guarded-weak', login: 'guarded.weak', acr: 'eidas1' }))
  return [...people, ...weak]
}

/** In the sandbox nobody is authorised to know an address: for a purpose of the journeys' own, the town is. */
const withPlaces = (plan: FederationPlan): Pick<FederationPlan, 'purposes' | 'authorisations'> => {
  const purpose = plan.purposes.find(({ id }) => id === 'school-meals')
  const terms = plan.authorisations.find(({ id }) => id === 'caf-saint-aubin-school-meals')
  if (!purpose || !terms) throw new Error('the sandbox has no school meals')
  const fields = ['quotient_familial.valeur', 'adresse', 'allocataires', 'enfants']
  const homeHelp = { ...terms, id: 'caf-saint-aubin-home-help', purpose: 'home-help', fields }
  return {
    purposes: [...plan.purposes, { ...purpose, id: 'home-help' }],
    authorisations: [...plan.authorisations, homeHelp],
  }
}

/** What a commune decided is declared, and in the sandbox asked by nobody: for a purpose of the journeys' own, the fund may. */
const withDecisions = ({ purposes, authorisations }: Pick<FederationPlan, 'purposes' | 'authorisations'>) => {
  const purpose = purposes.find(({ id }) => id === 'school-meals')
  const terms = authorisations.find(({ id }) => id === 'caf-saint-aubin-school-meals')
  if (!purpose || !terms) throw new Error('the sandbox has no school meals')
  const decided = {
    ...terms,
    ...{ id: 'saint-aubin-caf-decision', provider: 'saint-aubin', requester: 'caf', purpose: 'communal-help' },
    ...{ evidenceType: 'decision-communale', fields: ['decision', 'dateDecision'], predicates: [], changesTold: true },
  } as unknown as typeof terms
  return { purposes: [...purposes, { ...purpose, id: 'communal-help' }], authorisations: [...authorisations, decided] }
}

/** The sandbox's federation, with people to spare: each journey takes some that nobody else touches. */
export const journeyPlan = (): FederationPlan => {
  const plan = readPlan(fileURLToPath(new URL('../deploy/federations/sandbox', import.meta.url)))
  const people = [...plan.people, ...Array.from({ length: peopleCount }, (_, at) => somebody(at)), ...guarded()]
  return { ...plan, ...withDecisions(withPlaces(plan)), people }
}
