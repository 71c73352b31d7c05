import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, stopChildren } from '@unefois/deploy/sandbox/children'
import { removeElsewhere } from '@unefois/deploy/sandbox/directory'
import { type RunningFederation, startFederation } from '@unefois/deploy/sandbox/federation'
import { type FederationPlan, type PlannedPerson, readPlan } from '@unefois/deploy/sandbox/plan'
import type { ServiceName } from '@unefois/deploy/sandbox/topology'

const provider = 'caf'
const requester = 'saint-aubin'

/** The agencies of the faults, and what the one asks of the other. */
export const parts = {
  provider,
  requester,
  portal: 'mon-portail',
  consentAuthority: 'mes-accords',
  authorities: 'authorities',
  evidenceType: 'quotient-familial',
  field: 'quotient_familial.valeur',
} as const

const somebody = (at: number): PlannedPerson => ({
  key: `somebody-${at}`,
  login: `somebody.${at}`,
  acr: 'eidas1',
  given_name: `Panne ${String.fromCharCode(65 + at)}`,
  family_name: 'Essai',
  birthdate: `${1950 + at}-0${1 + (at % 9)}-1${at % 10}`,
  gender: at % 2 === 0 ? 'female' : 'male',
  birthplace: '08480',
  birthcountry: '99100',
  known: [provider, requester] as unknown as PlannedPerson['known'],
})

/** Which members the faults need, by their processes, and what their agencies run. */
interface FaultParts {
  readonly processes: readonly string[]
  readonly services: readonly ServiceName[]
}

const forExchanges: FaultParts = {
  processes: [parts.authorities, parts.portal, provider, requester],
  services: ['identity', 'consent', 'documents', 'eligibility', 'gateway'],
}

/** One town and nobody else. */
export const forBookings: FaultParts = {
  processes: [parts.authorities, requester],
  services: ['identity', 'documents', 'appointments', 'gateway'],
}

/** A town and a fund that see people one after the other in one house. */
export const forVisits: FaultParts = {
  processes: [parts.authorities, provider, requester],
  services: ['identity', 'documents', 'appointments', 'gateway'],
}

/** The sandbox's federation without the members that no fault needs; its people are known on both sides. */
const faultPlan = (peopleCount: number, { processes, services }: FaultParts): FederationPlan => {
  const plan = readPlan(fileURLToPath(new URL('../../deploy/federations/sandbox', import.meta.url)))
  return {
    ...plan,
    agencies: plan.agencies
      .filter((member) => processes.includes(member.process))
      .map((member) => (member.roles.includes('agency') ? { ...member, services: [...services] } : member)),
    people: Array.from({ length: peopleCount }, (_, at) => somebody(at)),
    registers: [],
  }
}

/** The order of commits is what the faults are about, so the database says when each was. */
export const postgresSettings = { track_commit_timestamp: 'on' } as const

/** A federation to break: only processes that it started itself are ever signalled. */
export interface FaultFederation {
  readonly federation: RunningFederation
  process(name: string): Child
  signal(name: string, signal: NodeJS.Signals): void
  /** Lets every process go on that a failed test may have left stopped: a stopped process does not even hear SIGTERM. */
  resume(): void
  end(): Promise<void>
}

export const startFaultFederation = async (options: {
  readonly leaseMs: number
  readonly people: number
  readonly parts?: FaultParts
}): Promise<FaultFederation> => {
  const temporary = mkdtempSync(join(tmpdir(), 'unefois-faults-'))
  const directory = join(temporary, 'federation')
  const federation = await startFederation({
    plan: faultPlan(options.people, options.parts ?? forExchanges),
    directory,
    leaseMs: options.leaseMs,
    postgresSettings,
  })
  const processOf = (name: string): Child => {
    const child = federation.processes.get(name)
    if (!child?.isRunning()) throw new Error(`${name} does not run`)
    return child
  }
  const resume = (): void => {
    for (const child of federation.processes.values()) if (child.isRunning()) process.kill(child.pid, 'SIGCONT')
  }
  return {
    federation,
    process: processOf,
    signal: (name, signal) => void process.kill(processOf(name).pid, signal),
    resume,
    end: async () => {
      resume()
      await federation.stop()
      await stopChildren()
      removeElsewhere(join(directory, 'postgres'))
      rmSync(temporary, { recursive: true, force: true })
    },
  }
}
