import { randomUUID } from 'node:crypto'
import { connectGrpc, type GrpcClient } from '@unefois/chassis/grpc-client'
import {
  ConsentAuthorityServiceDefinition,
  ConsentState,
  type OpenConsentRequestRequest,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { vi } from 'vitest'
import { databaseOf } from './_database.js'
import { agreed, authority, evidenceType, fund, personTokenOf, type Resident, town } from './_resident.js'

const until = (isSo: () => Promise<boolean>): Promise<void> =>
  vi.waitFor(
    async () => {
      if (!(await isSo())) throw new Error('a consent has not reached its parties')
    },
    { timeout: 10_000, interval: 20 },
  )

/** What the town asks a resident's consent for. */
export const consentWish = (
  { places, subject }: Resident,
  changes: Partial<OpenConsentRequestRequest> = {},
): OpenConsentRequestRequest => ({
  subject,
  purpose: agreed,
  providers: [fund],
  evidenceTypes: [evidenceType],
  durationDays: 1,
  returnUrl: `${places.origin(town)}/procedures/${agreed}`,
  ...changes,
})

/** Opens a consent request at the authority; answers its id. */
export const askConsent = async (resident: Resident): Promise<string> => {
  const call = await resident.town.call('consent:request')
  return (await resident.town.consent.openConsentRequest(consentWish(resident), call)).requestId
}

/** A person's own session with the consent authority, over its gRPC door. */
export class Session {
  readonly #resident: Resident
  readonly #connection
  readonly #accessToken: string
  readonly authority: GrpcClient<typeof ConsentAuthorityServiceDefinition>

  private constructor(resident: Resident, accessToken: string) {
    const { address, authority: file } = resident.places.grpc(authority, 'consent-authority')
    this.#resident = resident
    this.#connection = connectGrpc(address, file)
    this.#accessToken = accessToken
    this.authority = this.#connection.client(ConsentAuthorityServiceDefinition)
  }

  static async open(resident: Resident): Promise<Session> {
    return new Session(resident, await personTokenOf(resident.places, resident.person, authority))
  }

  get call() {
    return { accessToken: this.#accessToken, deadlineMs: 10_000, idempotencyKey: randomUUID() }
  }

  /** Says yes, and waits until both parties know; answers the consent and its basis id at the fund. */
  async grant(requestId: string): Promise<{ readonly consentId: string; readonly basisId: string }> {
    const { consentId } = await this.authority.grantConsent({ requestId, language: 'fr' }, this.call)
    const basisId = await this.#basisOf(requestId)
    const copies = await databaseOf(this.#resident.places, fund, 'documents')
    const isKnown = async () => (await copies.query('SELECT 1 FROM consent WHERE basis_id = $1', [basisId])).rowCount
    await until(async () => (await isKnown()) === 1)
    await copies.end()
    return { consentId, basisId }
  }

  async #basisOf(requestId: string): Promise<string> {
    const { town: system } = this.#resident
    const outcome = async () => system.consent.getConsentOutcome({ requestId }, await system.call('consent:request'))
    await until(async () => (await outcome()).state === ConsentState.CONSENT_STATE_GIVEN)
    return (await outcome()).bases[0]?.basisId ?? ''
  }

  close(): void {
    this.#connection.close()
  }
}
