import type { FederationPlan } from './plan.js'
import { requiredNeighbours, servicesOf, servicesOfRole } from './topology.js'

const repeated = (what: string, ids: readonly string[]): string[] =>
  ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${what} ${id} stands twice`)

const memberFaults = ({ agencies }: FederationPlan): string[] =>
  agencies.flatMap((member) => {
    const here = servicesOf(member)
    const possible = member.roles.flatMap((role) => servicesOfRole[role])
    return [
      ...here
        .filter((name) => !possible.includes(name))
        .map((name) => `${member.id} runs ${name}, which is not its role’s`),
      ...here.flatMap((name) =>
        requiredNeighbours[name]
          .filter((neighbour) => !here.includes(neighbour))
          .map((neighbour) => `${member.id} runs ${name} without ${neighbour}`),
      ),
    ]
  })

/** An authorisation binds only members that run what its mode needs on their side. */
const authorisationFaults = (plan: FederationPlan): string[] =>
  plan.authorisations.flatMap(({ id, provider, requester, evidenceType, purpose, mode }) => {
    const runs = (member: string, service: 'consent' | 'documents' | 'gateway'): boolean =>
      plan.agencies.some((each) => each.id === member && servicesOf(each).includes(service))
    const type = plan.evidenceTypes.find((each) => each.id === evidenceType)
    const fault = (holds: boolean, text: string): string[] => (holds ? [] : [`authorisation ${id}: ${text}`])
    return [
      ...fault(type !== undefined, `nobody knows the evidence type ${evidenceType}`),
      ...fault(type?.providers.includes(provider) ?? true, `${provider} does not provide ${evidenceType}`),
      ...fault(
        plan.purposes.some((each) => each.id === purpose),
        `nobody knows the purpose ${purpose}`,
      ),
      ...fault(runs(provider, 'documents'), `${provider} runs no documents to release from`),
      ...fault(runs(requester, 'documents'), `${requester} runs no documents to request with`),
      ...fault(runs(requester, 'consent'), `${requester} runs no consent to draw a basis from`),
      ...fault(mode !== 'consent' || runs(provider, 'consent'), `${provider} runs no consent to hear withdrawals with`),
      ...fault(
        mode !== 'explicit-request' || runs(requester, 'gateway'),
        `${requester} runs no gateway, so nobody could ask it for anything`,
      ),
    ]
  })

const registerFaults = (plan: FederationPlan): string[] =>
  plan.registers.flatMap(({ agency, evidenceType, entries }) => [
    ...(plan.evidenceTypes.some(({ id, providers }) => id === evidenceType && providers.includes(agency))
      ? []
      : [`${agency} has a register of ${evidenceType}, which it does not provide`]),
    ...entries
      .flatMap(({ person, related }) => [person, ...related.map((each) => each.person)])
      .filter((key) => !plan.people.some((each) => each.key === key && each.known.includes(agency)))
      .map((key) => `${agency} holds ${evidenceType} about ${key}, whom it does not know`),
  ])

/** A member can only receive what it runs documents for; the list of its kinds names each once. */
const declarationFaults = ({ agencies, declarations }: FederationPlan): string[] => [
  ...repeated(
    'declaration',
    declarations.map(({ id }) => id),
  ),
  ...declarations.flatMap(({ id, groups, receivers }) => [
    ...repeated(
      `declaration ${id}: group`,
      groups.map((group) => group.id),
    ),
    ...groups.flatMap(({ id: group, fields }) =>
      repeated(
        `declaration ${id}: field`,
        fields.map((field) => `${group}.${field.id}`),
      ),
    ),
    ...repeated(
      `declaration ${id}: receiver`,
      receivers.map(({ member }) => member),
    ),
    ...receivers
      .filter(({ member }) => !agencies.some((each) => each.id === member && servicesOf(each).includes('documents')))
      .map(({ member }) => `declaration ${id}: ${member} runs no documents to receive it with`),
  ]),
]

/** What does not fit together in a federation folder, one sentence each. */
export const planFaults = (plan: FederationPlan): string[] => [
  ...repeated(
    'member',
    plan.agencies.map(({ id }) => id),
  ),
  ...repeated(
    'evidence type',
    plan.evidenceTypes.map(({ id }) => id),
  ),
  ...repeated(
    'purpose',
    plan.purposes.map(({ id }) => id),
  ),
  ...repeated(
    'authorisation',
    plan.authorisations.map(({ id }) => id),
  ),
  ...repeated(
    'habilitation',
    plan.authorisations.map(({ habilitation }) => habilitation),
  ),
  ...plan.evidenceTypes.flatMap(({ id, providers }) =>
    providers
      .filter((provider) => !plan.agencies.some((member) => member.id === provider))
      .map((provider) => `evidence type ${id}: ${provider} is no member`),
  ),
  ...memberFaults(plan),
  ...authorisationFaults(plan),
  ...registerFaults(plan),
  ...declarationFaults(plan),
]
