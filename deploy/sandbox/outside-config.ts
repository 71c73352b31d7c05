import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerCertificate } from './certificates.js'
import type { KeptKey } from './member-keys.js'
import { writePrivateFile } from './nats-keys.js'
import type { OutsideConfig } from './outside.js'
import type { FederationPlan, PlannedMember, PlannedPerson } from './plan.js'

const host = '127.0.0.1'

/** The file in which an agency's own register keeps the entries of one evidence type. */
export const registerEntriesPath = (directory: string, agency: string, evidenceType: string): string =>
  join(directory, 'outside', `${agency}-${evidenceType}.json`)

/** The port name of an agency's own register. */
export const registerPortName = (agency: string, evidenceType: string): string => `${agency}-${evidenceType}-register`

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

/** The configuration of the world outside; a register that has no entries yet starts empty. */
export const outsideConfigOf = (
  plan: FederationPlan,
  where: {
    readonly directory: string
    readonly port: (name: string) => number
    readonly certificate: (member: string) => ServerCertificate
    readonly gateways: readonly {
      readonly member: PlannedMember
      readonly origin: string
      readonly clientKey: KeptKey
    }[]
    readonly signingKey: KeptKey
  },
): OutsideConfig => ({
  identityProvider: {
    host,
    port: where.port('identity-provider'),
    clients: where.gateways.map(({ member, origin, clientKey }) => ({
      clientId: member.id,
      jwk: { ...clientKey.publicJwk },
      redirectUris: [`${origin}/callback`],
    })),
    people: plan.people.flatMap(loginOf),
    signingKeys: [where.signingKey.path],
  },
  registers: plan.registers.map(({ agency, evidenceType }) => {
    const entries = registerEntriesPath(where.directory, agency, evidenceType)
    if (!existsSync(entries)) writePrivateFile(entries, '[]')
    const { certificate, key } = where.certificate(agency)
    return { host, port: where.port(registerPortName(agency, evidenceType)), certificate, key, entries }
  }),
})
