import { fileURLToPath } from 'node:url'
import { type FederationPlan, type PlannedPerson, readPlan } from '@unefois/deploy/sandbox/plan'

const peopleCount = 40

/** The agencies between which the bench measures. */
export const parts = { requester: 'saint-aubin', provider: 'caf', authority: 'mes-accords', portal: 'mon-portail' }

const person = (at: number): PlannedPerson => ({
  key: `person-${at}`,
  login: `person.${at}`,
  acr: 'eidas1',
  given_name: `Bench ${String.fromCharCode(65 + (at % 26))}${String.fromCharCode(65 + Math.floor(at / 26))}`,
  family_name: 'Mesure',
  birthdate: `19${String(50 + (at % 50)).padStart(2, '0')}-0${1 + (at % 9)}-1${at % 10}`,
  gender: at % 2 === 0 ? 'female' : 'male',
  birthplace: '08480',
  birthcountry: '99100',
  known: ['caf', 'saint-aubin'] as unknown as PlannedPerson['known'],
})

/**
 * The sandbox's federation without its hosted node, and with other people, whose evidence is declared into the provider's
 * documents service.
 */
export const benchPlan = (): FederationPlan => {
  const plan = readPlan(fileURLToPath(new URL('../../deploy/federations/sandbox', import.meta.url)))
  return {
    ...plan,
    agencies: plan.agencies.filter(({ process }) => process !== 'hosted'),
    people: Array.from({ length: peopleCount }, (_, at) => person(at)),
    registers: [],
  }
}
