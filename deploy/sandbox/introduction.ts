import type { Places } from './places.js'
import { type ServiceName, servicesOf } from './topology.js'

const onGrpc = (service: ServiceName): boolean => service !== 'gateway'

/** Says where everything is, and who can log in. */
export const introduce = (places: Places, say: (line: string) => void): void => {
  const { plan } = places
  say('Addresses')
  for (const member of plan.agencies) {
    const services = servicesOf(member)
    say(
      services.includes('gateway')
        ? `  ${member.name.en.padEnd(24)} ${places.origin(member.id)}`
        : `  ${member.name.en}`,
    )
    const doors = services.filter(onGrpc).map((service) => `${service} ${places.grpc(member.id, service).address}`)
    say(`  ${''.padEnd(24)} gRPC: ${doors.join(', ')}`)
  }
  say(`  Identity provider        ${places.issuer} (a stand-in)`)
  say(`  Metrics and health       ${places.processNames.map((name) => places.admin(name)).join(' ')}`)
  say('\nTest people: choose one on the login page, without a password')
  for (const person of plan.people.filter(({ login }) => login !== undefined))
    say(`  ${(person.login ?? '').padEnd(24)} ${person.given_name} ${person.family_name}, ${person.acr}`)
  say(`\nFiles: ${places.directory}`)
  say(
    '  systems/ (the key of each agency’s own software), ports.json, members/ (keys, certificates, configurations), logs/',
  )
  say('Quick starts to paste: gateway/client/README.md (REST), deploy/quick-start-grpc.md. Ctrl-C stops everything.')
}
