import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { pivotOf } from '@unefois/deploy/sandbox/people'
import { openPlaces, type Places } from '@unefois/deploy/sandbox/places'
import { memberWithRole, type PlannedPerson } from '@unefois/deploy/sandbox/plan'
import { inject } from 'vitest'
import { journeyPlan } from '../journey-plan.js'

let shared: Promise<Places> | undefined

/** The federation that all journeys share. Opening its directory takes seconds, so one process opens it once. */
export const sharedFederation = (): Promise<Places> => {
  shared ??= openPlaces(journeyPlan(), inject('federation'))
  return shared
}

const claim = (places: Places, key: string): boolean => {
  try {
    closeSync(openSync(join(places.directory, `claimed-${key}`), 'wx'))
    return true
  } catch {
    return false
  }
}

/** Somebody whom no other journey touches, in the national register and known to nobody yet. */
export const freshPerson = async (places: Places): Promise<PlannedPerson> => {
  const person = places.plan.people.find(({ key }) => key.startsWith('somebody-') && claim(places, key))
  if (!person) throw new Error('journey-plan.ts has too few people: raise peopleCount')
  const authority = new AgencySystem(places, memberWithRole(places.plan, 'identity-authority').id)
  await authority.registerPerson(pivotOf(person))
  authority.close()
  return person
}

/** Enrols a person at an agency and answers that agency's own pseudonym. */
export const enrolAt = async (places: Places, agency: string, person: PlannedPerson): Promise<string> => {
  const system = new AgencySystem(places, agency)
  const subject = await system.enrol(pivotOf(person))
  system.close()
  if (subject === undefined) throw new Error(`${agency} could not enrol ${person.key}`)
  return subject
}
