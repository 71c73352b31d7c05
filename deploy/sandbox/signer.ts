import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Federation } from '@unefois/proto/federation'
import type { IdentityProvider, Member } from '@unefois/proto/federation-list'
import { registerPublicKey } from '@unefois/proto/keys'
import { signFederationList } from './federation-list.js'
import { type KeptKey, keptKey } from './member-keys.js'
import { writePrivateFile } from './nats-keys.js'
import type { FederationPlan } from './plan.js'

const resignMs = 3600_000

interface Needs {
  readonly plan: FederationPlan
  readonly folder: string
  readonly members: (nowSeconds: number) => readonly Member[]
  readonly identityProviders: readonly IdentityProvider[]
  readonly authorisationKeyPath: (provider: string) => string
}

/** The federation signer of a sandbox: signs at every start and each hour, so a list never ages out under its user. */
export class FederationSigner {
  readonly key: KeptKey
  readonly listPath: string
  readonly #needs: Needs
  readonly #serialPath: string
  #timer: NodeJS.Timeout | undefined

  constructor(needs: Needs) {
    this.#needs = needs
    this.key = keptKey(needs.folder, 'signer', 'sign')
    this.listPath = join(needs.folder, 'federation.jws')
    this.#serialPath = join(needs.folder, 'serial')
  }

  start(): void {
    this.sign()
    this.#timer = setInterval(() => this.sign(), resignMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Signs the list as the plan now says, with a higher serial than ever before. */
  sign(): void {
    const { plan, members, identityProviders, authorisationKeyPath } = this.#needs
    const nowSeconds = Math.floor(Date.now() / 1000)
    const last = existsSync(this.#serialPath) ? Number(readFileSync(this.#serialPath, 'utf8')) : 0
    const serial = Math.max(last + 1, nowSeconds)
    const list = signFederationList(plan, {
      members: members(nowSeconds),
      identityProviders,
      signerKeyPath: this.key.path,
      authorisationKeyPath,
      serial,
      nowSeconds,
    })
    writePrivateFile(this.#serialPath, String(serial))
    writePrivateFile(this.listPath, list)
  }

  /** The list in force, verified as any member does. */
  list(): Federation {
    const signerKey = registerPublicKey(this.key.publicJwk)
    return Federation.verify(readFileSync(this.listPath, 'utf8').trim(), {
      signerKeyOf: (issuer, kid) =>
        issuer === this.#needs.plan.signer && kid === signerKey.kid ? signerKey : undefined,
      nowSeconds: Math.floor(Date.now() / 1000),
      serialAtLeast: 0,
    })
  }
}
