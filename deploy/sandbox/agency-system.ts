import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connectGrpc, type GrpcCallOptions, type GrpcClient, type GrpcConnection } from '@unefois/chassis/grpc-client'
import type { ServiceDefinition } from '@unefois/chassis/method'
import { ConsentServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { DocumentsServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/documents'
import {
  IdentityAuthorityServiceDefinition,
  IdentityServiceDefinition,
  type PivotIdentity,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { importPrivateKey } from '@unefois/proto/keys'
import { signToken, type TokenType } from '@unefois/proto/token'
import type { Places, SystemKey } from './places.js'
import type { ServiceName } from './topology.js'

const deadlineMs = 10_000
const assertionSeconds = 60

/** The client's side of RFC 7523; the agency's identity service has its own, stricter, reading of the same token. */
const clientAssertion: TokenType<Record<string, unknown>> = {
  typ: 'client-authentication+jwt',
  maxBytes: 4096,
  algorithms: ['EdDSA'],
  isSingleUse: true,
  expires: 'required',
  readClaims: (claims) => ({ ...claims }),
}

const assertionOf = ({ clientId, keyPath }: SystemKey, audience: string): string => {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: clientId, sub: clientId, aud: audience, jti: randomUUID(), iat, exp: iat + assertionSeconds }
  return signToken(clientAssertion, claims, importPrivateKey(JSON.parse(readFileSync(keyPath, 'utf8'))))
}

/** An agency's own software as an integrator would write it: it knows its agency's gRPC doors and its own key, nothing else. */
export class AgencySystem {
  readonly member: string
  readonly #federation: Places
  readonly #connections = new Map<ServiceName, GrpcConnection>()

  constructor(federation: Places, member: string) {
    this.#federation = federation
    this.member = member
  }

  /** A client of one of the agency's services. */
  service<D extends ServiceDefinition>(service: ServiceName, definition: D): GrpcClient<D> {
    let connection = this.#connections.get(service)
    if (!connection) {
      const { address, authority } = this.#federation.grpc(this.member, service)
      connection = connectGrpc(address, authority)
      this.#connections.set(service, connection)
    }
    return connection.client(definition)
  }

  get identity(): GrpcClient<typeof IdentityServiceDefinition> {
    return this.service('identity', IdentityServiceDefinition)
  }

  get consent(): GrpcClient<typeof ConsentServiceDefinition> {
    return this.service('consent', ConsentServiceDefinition)
  }

  get documents(): GrpcClient<typeof DocumentsServiceDefinition> {
    return this.service('documents', DocumentsServiceDefinition)
  }

  /** What each call needs: a deadline, a fresh access token of this scope, a fresh idempotency key. */
  async call(scope: string): Promise<GrpcCallOptions> {
    const { accessToken } = await this.identity.issueToken(
      { clientAssertion: assertionOf(this.#federation.system(this.member), this.member), scope },
      { deadlineMs },
    )
    return { accessToken, deadlineMs, idempotencyKey: randomUUID() }
  }

  /** This agency's own pseudonym of a person whom its register knows; undefined when the answer is not `same`. */
  async enrol(pivot: PivotIdentity): Promise<string | undefined> {
    const { match } = await this.identity.enrolSubject({ pivot }, await this.call('identity:enrol'))
    return match?.answer?.$case === 'subject' ? match.answer.value : undefined
  }

  /** Enters a person into the national register; for the identity authority's own system. */
  async registerPerson(pivot: PivotIdentity): Promise<void> {
    await this.service('identity-authority', IdentityAuthorityServiceDefinition).registerPerson(
      { pivot },
      await this.call('register:write'),
    )
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
  }
}
