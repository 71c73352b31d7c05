import { readFileSync } from 'node:fs'
import type { Purpose } from '@unefois/proto/federation-list'
import { AgencySystem } from '../../agency-system.js'
import { registerEntriesPath } from '../../outside-config.js'
import { pivotOf } from '../../people.js'
import type { Places } from '../../places.js'
import { memberWithRole, type PlannedPerson } from '../../plan.js'
import type { RegisterEntry } from '../../register.js'
import type { StoryScript } from './script.js'

const dayMs = 24 * 3600 * 1000

export type Say = (line: string) => void

/** Where a story is lived: its people, their agencies' own systems, and what these hold. */
export class Stage {
  readonly places: Places
  readonly say: Say
  readonly startedAtMs = Date.now()
  readonly portal: string
  readonly #people: readonly PlannedPerson[]
  readonly #systems = new Map<string, AgencySystem>()
  readonly #subjects = new Map<string, string>()

  private constructor(places: Places, say: Say, people: readonly PlannedPerson[]) {
    this.places = places
    this.say = say
    this.portal = memberWithRole(places.plan, 'portal').id
    this.#people = people
  }

  /** Registers whom the story needs, and enrols them where they are known before it begins. */
  static async set(places: Places, say: Say, people: readonly PlannedPerson[], script: StoryScript): Promise<Stage> {
    const stage = new Stage(places, say, people)
    const { person, enrolled } = script
    const keys = new Set([person, ...Object.values(enrolled).flat()])
    if (script.plot === 'own-request') for (const key of [script.parent, script.minor]) keys.add(key)
    const authority = stage.system(memberWithRole(places.plan, 'identity-authority').id)
    for (const key of keys) await authority.registerPerson(pivotOf(stage.person(key)))
    for (const [member, known] of Object.entries(enrolled)) for (const key of known) await stage.enrol(member, key)
    return stage
  }

  person(key: string): PlannedPerson {
    const found = this.#people.find((each) => each.key === key)
    if (!found) throw new Error(`the story names ${key}, who is not among the people`)
    return found
  }

  /** What somebody is called. */
  called(key: string): string {
    return this.person(key).given_name.split(' ')[0] ?? key
  }

  nameOf(member: string): string {
    return this.places.plan.agencies.find(({ id }) => id === member)?.name.en ?? member
  }

  titleOf(evidenceType: string): string {
    return this.places.plan.evidenceTypes.find(({ id }) => id === evidenceType)?.title.en ?? evidenceType
  }

  purpose(id: string): Purpose {
    return this.places.list().purpose(id)
  }

  /** An agency's own software. */
  system(member: string): AgencySystem {
    const system = this.#systems.get(member) ?? new AgencySystem(this.places, member)
    this.#systems.set(member, system)
    return system
  }

  /** A member gets to know somebody, as its own pseudonym. */
  async enrol(member: string, key: string): Promise<string> {
    const subject = await this.system(member).enrol(pivotOf(this.person(key)))
    if (subject === undefined) throw new Error(`${member} could not enrol ${key}: no single match`)
    this.#subjects.set(`${member} ${key}`, subject)
    return subject
  }

  /** A member's own pseudonym of somebody whom it knows. */
  subject(member: string, key: string): string {
    const subject = this.#subjects.get(`${member} ${key}`)
    if (subject === undefined) throw new Error(`${member} does not know ${key}`)
    return subject
  }

  /** The value that the federation's data give a member's register about somebody. */
  planned(member: string, evidenceType: string, key: string): object {
    const register = this.places.plan.registers.find(
      (each) => each.agency === member && each.evidenceType === evidenceType,
    )
    const entry = register?.entries.find(({ person }) => person === key)
    if (!entry) throw new Error(`registers/${member}.yaml has no ${evidenceType} about ${key}`)
    return entry.value
  }

  /** A member's own register holds this about somebody from now on, as a further version when it is another value. */
  hold(member: string, evidenceType: string, key: string, value = this.planned(member, evidenceType, key)): number {
    const subject = this.subject(member, key)
    const path = registerEntriesPath(this.places.directory, member, evidenceType)
    const entries: RegisterEntry[] = JSON.parse(readFileSync(path, 'utf8'))
    const before = entries.find((each) => each.subject === subject)
    const valueJson = JSON.stringify(value)
    const version = before ? before.version + (before.valueJson === valueJson ? 0 : 1) : 1
    const entry: RegisterEntry = {
      ...{ subject, evidenceType, valueJson, version },
      asOfMs: Date.now() - dayMs,
      related: before?.related ?? [],
    }
    this.places.writeRegister(member, evidenceType, [...entries.filter((each) => each !== before), entry])
    return version
  }

  /** Ends every connection. */
  close(): void {
    for (const system of this.#systems.values()) system.close()
  }
}
