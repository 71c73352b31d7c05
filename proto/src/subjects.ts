/**
 * The only place that spells a NATS subject. A caller publishes on `rpc.<provider>.<service>.<method>.<its own account key>`;
 * the provider hears the same five words behind `serve.`, where the broker vouches for the last one.
 */
import { isMemberId, type MemberId } from './ids.js'

declare const brand: unique symbol
/** A NATS subject or subject pattern built here, never concatenated by hand. */
export type BusSubject = string & { readonly [brand]: 'BusSubject' }

/** One call as its subject tells it; `callerKey` is the public key of the calling account. */
export interface Call {
  readonly member: MemberId
  readonly service: string
  /** The name of the RPC as its contract spells it, or `deliver` for an event. */
  readonly method: string
  readonly callerKey: string
}

/** What a permission or an import may leave open: an absent part matches any. */
export interface CallPattern {
  readonly member?: MemberId
  readonly service?: string
  readonly callerKey?: string
}

// NATS ADR-6 restricted-term: no dot, no wildcard, no space, no `$`, so a token can neither widen nor shift a subject.
const restrictedTerm = /^[A-Za-z0-9_-]+$/
const any = '*'

/** The given token, or a TypeError when it is not an ADR-6 restricted-term. */
export function busToken(value: string): string {
  if (!restrictedTerm.test(value)) throw new TypeError(`not a NATS restricted-term: ${JSON.stringify(value)}`)
  return value
}

/** The subject on which a caller asks a member's service. */
export const callSubject = ({ member, service, method, callerKey }: Call): BusSubject =>
  join('rpc', busToken(member), busToken(service), busToken(method), busToken(callerKey))

/** The pattern under which one service of one member hears every request addressed to it. */
export const serveSubject = (member: MemberId, service: string): BusSubject =>
  join('serve', busToken(member), busToken(service), any, any)

/** The call behind a subject heard while serving, or undefined when it is not one. */
export function parseServed(subject: string): Call | undefined {
  const [prefix, member = '', service = '', method = '', callerKey = '', ...rest] = subject.split('.')
  if (prefix !== 'serve' || rest.length > 0 || !isMemberId(member)) return undefined
  if (![service, method, callerKey].every((token) => restrictedTerm.test(token))) return undefined
  return { member, service, method, callerKey }
}

/** Every call that fits the pattern, whatever its method: what a calling account imports and a calling user may publish. */
export const callPattern = ({ member, service, callerKey }: CallPattern): BusSubject =>
  join('rpc', tokenOrAny(member), tokenOrAny(service), any, tokenOrAny(callerKey))

/** Where `callPattern` carries the caller's account key, counted from 1: the export's `account_token_position`. */
export const callerKeyPosition = 5

/** Everything a member hears, whichever of its services it is for: the one export of its serving account. */
export const memberServeSubject = (member: MemberId): BusSubject => join('serve', busToken(member), any, any, any)

/** How the joining account renames `memberServeSubject` on import, in the broker's own placeholders. */
export const memberRoute = (member: MemberId): BusSubject => join('rpc', busToken(member), '$1', '$2', '$3')

/** How the joining account renames `serveSubject` on import, in the broker's own placeholders. */
export const serviceRoute = (member: MemberId, service: string): BusSubject =>
  join('rpc', busToken(member), busToken(service), '$1', '$2')

/** The prefix of a service's reply inboxes: services that share a calling account must not read each other's replies. */
export const inboxPrefix = (service: string): string => join('_INBOX', busToken(service))

/** Every reply inbox of one service. */
export const inboxPattern = (service: string): BusSubject => join(inboxPrefix(service), '>')

/** Every inbox of a member, for the link that carries its calls to the hub. */
export const memberInboxes: BusSubject = join('_INBOX', '>')

/** Where the broker asks a server to answer, for the link that carries a member's answers to the hub. */
export const brokerReplies: BusSubject = join('_R_', '>')

const tokenOrAny = (value: string | undefined): string => (value === undefined ? any : busToken(value))
function join(...tokens: string[]): BusSubject {
  return tokens.join('.') as BusSubject
}
