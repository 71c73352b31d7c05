/** The signer of one NATS server: its accounts, and the users of each with the least they need. */
import { type Account, encodeAccount, encodeOperator, encodeUser, fmtCreds, type Permissions } from '@nats-io/jwt'
import type { KeyPair } from '@nats-io/nkeys'
import { type BusSubject, brokerReplies, inboxPattern, memberInboxes } from '@unefois/proto/subjects'
import { type KeyStore, keptJwt, keyPair } from './nats-keys.js'

/** What one server carries: its operator and the accounts it knows, JWT by public key. */
export interface NatsServerClaims {
  readonly operatorJwt: string
  readonly systemAccount: string
  readonly accounts: ReadonlyMap<string, string>
}

/** Signs accounts and users under one operator key; `claims` grows with each account. */
export interface Operator {
  readonly claims: NatsServerClaims
  /** The public key an account of that name has or will have. */
  key(name: string): string
  account(name: string, claims: Partial<Account>): Promise<KeyPair>
  /** The `.creds` text of a user, who connects as a client unless said to be a leaf server. */
  user(name: string, account: KeyPair, permissions: Permissions, as?: 'STANDARD' | 'LEAFNODE'): Promise<string>
}

/** No leaf server unless an account says so, no bearer token, no JetStream (absent limits mean none); -1 is no limit. */
export const accountLimits = {
  conn: -1,
  leaf: 0,
  imports: -1,
  exports: -1,
  wildcards: true,
  subs: -1,
  data: -1,
  payload: -1,
  disallow_bearer: true,
}

/** Opens, or draws, the operator whose names in the store begin with `path`. */
export async function openOperator(store: KeyStore, path: string, usersExpireAt?: Date): Promise<Operator> {
  const own = keyPair(store, 'operator', `${path}operator`)
  const accounts = new Map<string, string>()
  const exp = usersExpireAt === undefined ? {} : { exp: Math.floor(usersExpireAt.getTime() / 1000) }

  const account: Operator['account'] = async (name, claims) => {
    const key = keyPair(store, 'account', name)
    const jwt = await encodeAccount(name, key, { limits: accountLimits, ...claims }, { signer: own })
    accounts.set(key.getPublicKey(), keptJwt(store, name, jwt, own))
    return key
  }
  const user: Operator['user'] = async (name, issuer, permissions, as = 'STANDARD') => {
    const key = keyPair(store, 'user', name)
    const jwt = await encodeUser(name, key, issuer, { ...permissions, allowed_connection_types: [as] }, exp)
    return new TextDecoder().decode(fmtCreds(keptJwt(store, name, jwt, issuer), key))
  }

  const systemAccount = (await account(`${path}system`, {})).getPublicKey()
  const jwt = await encodeOperator(`${path}operator`, own, { system_account: systemAccount })
  const claims = { operatorJwt: keptJwt(store, `${path}operator`, jwt, own), systemAccount, accounts }
  return { claims, key: (name) => keyPair(store, 'account', name).getPublicKey(), account, user }
}

/** A caller publishes these calls, hears its own service's inboxes, and nothing else. */
export const callerPermissions = (calls: readonly BusSubject[], service: string): Permissions => ({
  pub: { allow: [...calls] },
  sub: { allow: [inboxPattern(service)] },
})

// The broker forgets an unanswered request after two minutes too.
const replyWindowNs = 120_000_000_000

/**
 * A server hears these requests and answers each once, where the broker asked it to. `_R_.>` would do as well and let it
 * answer a neighbour's requests: the broker draws those subjects from a predictable generator.
 */
export const serverPermissions = (serves: BusSubject): Permissions => ({
  pub: { deny: ['>'] },
  sub: { allow: [serves] },
  resp: { max: 1, ttl: replyWindowNs },
})

/** A leaf sends its member's calls to the hub and hears their answers. */
export const callingLeafPermissions = (calls: BusSubject): Permissions => ({
  pub: { allow: [calls] },
  sub: { allow: [memberInboxes] },
})

/** A leaf hears what is asked of its member, and answers; alone in its account, it can answer for nobody else. */
export const servingLeafPermissions = (serves: BusSubject): Permissions => ({
  pub: { allow: [brokerReplies] },
  sub: { allow: [serves] },
})
