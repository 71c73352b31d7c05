/** The text of a nats-server configuration: operator mode, no JetStream, nobody connects without a credential. */
import type { NatsServerClaims } from './nats-operator.js'

/** Where one server listens and what it dials. */
export interface NatsListen {
  readonly name: string
  readonly host: string
  readonly port: number
  /** Where a hub listens for leaf servers. */
  readonly leafPort?: number
  /** What a leaf server dials; `credentials` is the path of a `.creds` file. */
  readonly remotes?: readonly { readonly url: string; readonly account: string; readonly credentials: string }[]
}

// A sealed message is at most 256 kB before its two base64 envelopes.
const maxPayload = '512KB'
// The server's own 2 s are short for a hosted node that proves a hundred connections after a restart.
const authenticationSeconds = 10

/** The configuration of one server that carries the given accounts. */
export function natsConfig(claims: NatsServerClaims, { name, host, port, leafPort, remotes }: NatsListen): string {
  return `${[
    `server_name: ${quote(name)}`,
    `listen: ${quote(`${host}:${port}`)}`,
    `max_payload: ${maxPayload}`,
    `authorization { timeout: ${authenticationSeconds} }`,
    `operator: ${claims.operatorJwt}`,
    `system_account: ${claims.systemAccount}`,
    ...(leafPort === undefined ? [] : [`leafnodes { listen: ${quote(`${host}:${leafPort}`)} }`]),
    ...(remotes === undefined ? [] : ['leafnodes { remotes: [', ...remotes.map(remote), '] }']),
    'resolver: MEMORY',
    'resolver_preload: {',
    ...[...claims.accounts].map(([key, jwt]) => `  ${key}: ${jwt}`),
    '}',
  ].join('\n')}\n`
}

const remote = ({ url, account, credentials }: NonNullable<NatsListen['remotes']>[number]): string =>
  `  { url: ${quote(url)}, account: ${quote(account)}, credentials: ${quote(credentials)} }`

/** A configuration string; a quote or a line break in it would be read as configuration. */
export function quote(text: string): string {
  if (/["\\\r\n]/.test(text)) throw new TypeError(`not a configuration string: ${JSON.stringify(text)}`)
  return `"${text}"`
}
