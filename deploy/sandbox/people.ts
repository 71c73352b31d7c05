import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import { AgencySystem } from './agency-system.js'
import type { Places } from './places.js'
import { memberWithRole, type PlannedPerson } from './plan.js'
import type { RegisterEntry } from './register.js'

/** The pseudonyms of the planned people: agency → person's key → pseudonym. */
export type Pseudonyms = ReadonlyMap<string, ReadonlyMap<string, string>>

export const pivotOf = (person: PlannedPerson): PivotIdentity => ({
  givenName: person.given_name,
  familyName: person.family_name,
  birthdate: person.birthdate,
  gender: person.gender,
  birthplace: person.birthplace,
  birthcountry: person.birthcountry,
})

const enrolAt = async (
  federation: Places,
  agency: MemberId,
  people: readonly PlannedPerson[],
): Promise<ReadonlyMap<string, string>> => {
  const system = new AgencySystem(federation, agency)
  const known = new Map<string, string>()
  for (const person of people.filter((each) => each.known.includes(agency))) {
    const subject = await system.enrol(pivotOf(person))
    if (subject === undefined) throw new Error(`${agency} could not enrol ${person.key}: no single match`)
    known.set(person.key, subject)
  }
  system.close()
  return known
}

/** Registers people and enrols them where they are known, through the same doors as any agency's software. */
export const enrolPeople = async (federation: Places, people: readonly PlannedPerson[]): Promise<Pseudonyms> => {
  const authority = new AgencySystem(federation, memberWithRole(federation.plan, 'identity-authority').id)
  for (const person of people) await authority.registerPerson(pivotOf(person))
  authority.close()
  // Each agency at its own pace, as in life.
  const agencies = [...new Set(people.flatMap(({ known }) => known))]
  return new Map(
    await Promise.all(agencies.map(async (agency) => [agency, await enrolAt(federation, agency, people)] as const)),
  )
}

/** Fills the agencies' own registers with the planned entries, under each agency's pseudonyms. */
export const fillRegisters = (federation: Places, pseudonyms: Pseudonyms): void => {
  for (const { agency, evidenceType, entries } of federation.plan.registers) {
    const known = pseudonyms.get(agency)
    const filled = entries.map((entry): RegisterEntry => {
      const subject = known?.get(entry.person)
      if (subject === undefined)
        throw new Error(`${agency} holds an entry about ${entry.person}, whom it does not know`)
      return {
        subject,
        evidenceType,
        valueJson: JSON.stringify(entry.value),
        version: 1,
        asOfMs: Date.now() - 24 * 3600 * 1000,
        related: entry.related.map(({ relation, person }) => ({ relation, subject: known?.get(person) ?? '' })),
      }
    })
    federation.writeRegister(agency, evidenceType, filled)
  }
}
