import { randomUUID } from 'node:crypto'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { IdentityAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { originalOf, withClaims } from './_forgeries.js'
import { identityAuthority } from './_resident.js'

/** What the identity authority's staff work with: its own system, with the scopes of those who write and who review. */
export class Staff {
  readonly #system: AgencySystem
  readonly #accessToken: string

  private constructor(system: AgencySystem, accessToken: string) {
    this.#system = system
    this.#accessToken = accessToken
  }

  static async open(places: Places): Promise<Staff> {
    const system = new AgencySystem(places, identityAuthority)
    const { accessToken = '' } = await system.call('register:write')
    const original = originalOf(accessToken, places.keys(identityAuthority).token.path)
    return new Staff(system, withClaims(original, { scope: 'register:write register:review' }))
  }

  get register() {
    return this.#system.service('identity-authority', IdentityAuthorityServiceDefinition)
  }

  /** What each call needs, with an idempotency key of its own. */
  call() {
    return { accessToken: this.#accessToken, deadlineMs: 10_000, idempotencyKey: randomUUID() }
  }

  close(): void {
    this.#system.close()
  }
}
