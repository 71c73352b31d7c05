import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { keptPassword } from './member-keys.js'
import { writePrivateFile } from './nats-keys.js'
import type { OutsideConfig } from './outside.js'
import type { Places } from './places.js'
import type { FederationPlan, PlannedPerson } from './plan.js'

const host = '127.0.0.1'

/** The file in which an agency's own register keeps the entries of one evidence type. */
export const registerEntriesPath = (directory: string, agency: string, evidenceType: string): string =>
  join(directory, 'outside', `${agency}-${evidenceType}.json`)

/** What a town hall shows to the stand-in for the national hub. */
export const nationalHubToken = (directory: string): { path: string; password: string } =>
  keptPassword(join(directory, 'outside'), 'national-hub')

/** The port name of an agency's own register. */
export const registerPortName = (agency: string): string => `${agency}-register`

/** The agencies that have a register, each once. */
export const registerAgencies = ({ registers }: Pick<FederationPlan, 'registers'>): string[] => [
  ...new Set(registers.map(({ agency }) => agency)),
]

const loginOf = (person: PlannedPerson): Record<string, string>[] =>
  person.login === undefined
    ? []
    : [
        {
          login: person.login,
          givenName: person.given_name,
          familyName: person.family_name,
          birthdate: person.birthdate,
          gender: person.gender,
          birthplace: person.birthplace,
          birthcountry: person.birthcountry,
          acr: person.acr ?? 'eidas1',
        },
      ]

const entriesOf = ({ plan, directory }: Places, agency: string): Record<string, string> =>
  Object.fromEntries(
    plan.registers
      .filter((register) => register.agency === agency)
      .map(({ evidenceType }) => {
        const path = registerEntriesPath(directory, agency, evidenceType)
        if (!existsSync(path)) writePrivateFile(path, '[]')
        return [evidenceType, path]
      }),
  )

/** The configuration of the world outside; a register that has no entries yet starts empty. */
export const outsideConfigOf = (places: Places): OutsideConfig => ({
  identityProvider: {
    host,
    port: places.port('identity-provider'),
    clients: places.gateways.map(({ id }) => ({
      clientId: id,
      jwk: { ...places.oidcClientKey(id).publicJwk },
      redirectUris: [`${places.origin(id)}/callback`],
    })),
    people: places.plan.people.flatMap(loginOf),
    signingKeys: [places.providerKey.path],
  },
  nationalHub: { host, port: places.port('national-hub'), tokenFile: nationalHubToken(places.directory).path },
  registers: registerAgencies(places.plan).map((agency) => {
    const { certificate, key } = places.certificate(agency)
    return { host, port: places.port(registerPortName(agency)), certificate, key, entries: entriesOf(places, agency) }
  }),
})
