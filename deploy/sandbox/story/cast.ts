import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { AgencySystem } from '../agency-system.js'
import type { Pseudonyms } from '../people.js'
import type { Places } from '../places.js'
import type { PlannedPerson } from '../plan.js'

const script = z.strictObject({
  requester: z.string(),
  provider: z.string(),
  stranger: z.string(),
  portal: z.string(),
  consentAuthority: z.string(),
  person: z.string(),
  child: z.string(),
  unknownToProvider: z.string(),
  evidenceType: z.string(),
  information: z.strictObject({
    purpose: z.string(),
    fields: z.array(z.string()),
    /** What the requester knows itself of the facts that its rule asks for. */
    knownHere: z.record(z.string(), z.boolean()),
    /** What the person gives for the fields that nobody holds, and who takes it down. */
    given: z.record(z.string(), z.string()),
    agent: z.strictObject({ agentId: z.string(), firstName: z.string(), lastName: z.string(), capacity: z.string() }),
  }),
  consent: z.strictObject({ purpose: z.string(), fields: z.array(z.string()), durationDays: z.number().int() }),
})

/** Who plays which part: read from the federation's data, because code names no agency. */
export type Script = z.infer<typeof script>

/** The parts of the story, ready to act. */
export interface Cast {
  readonly places: Places
  readonly script: Script
  /** The requester's own software. */
  readonly town: AgencySystem
  readonly person: PlannedPerson
  /** The requester's own pseudonym of somebody in the story. */
  readonly pseudonym: (key: string) => string
}

/** Reads the parts from the federation folder and hands them out. */
export const castOf = (places: Places, pseudonyms: Pseudonyms): Cast => {
  const parts = script.parse(parse(readFileSync(join(places.plan.folder, 'story.yaml'), 'utf8')))
  const known = pseudonyms.get(parts.requester)
  const person = places.plan.people.find(({ key }) => key === parts.person)
  if (!person) throw new Error(`story.yaml names ${parts.person}, who is not in people.yaml`)
  return {
    places,
    script: parts,
    town: new AgencySystem(places, parts.requester),
    person,
    pseudonym: (key) => {
      const subject = known?.get(key)
      if (subject === undefined) throw new Error(`${parts.requester} does not know ${key}`)
      return subject
    },
  }
}
