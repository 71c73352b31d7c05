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

/** The sandbox's federation, with people to spare: each journey takes some that nobody else touches. */
export const journeyPlan = (): FederationPlan => {
  const plan = readPlan(fileURLToPath(new URL('../deploy/federations/sandbox', import.meta.url)))
  return { ...plan, people: [...plan.people, ...Array.from({ length: peopleCount }, (_, at) => somebody(at))] }
}
