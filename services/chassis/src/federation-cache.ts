import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Federation } from '@unefois/proto/federation'
import { registerPublicKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type Clock, nowSeconds } from './clock.js'
import type { Log } from './log.js'

export const federationConfig = z.strictObject({
  /** A file path or an https URL at which the federation signer publishes its list. */
  source: z.string(),
  /** Where this service keeps the last list that it accepted. */
  cache: z.string(),
  /** The signer's name and public keys, pinned. */
  signer: z.string(),
  signerKeys: z.array(z.record(z.string(), z.unknown())).min(1),
})
export type FederationConfig = z.infer<typeof federationConfig>

const refreshMs = 30_000

const fetchList = async (source: string): Promise<string> => {
  if (!source.startsWith('https://')) return (await readFile(source, 'utf8')).trim()
  const response = await fetch(source, { signal: AbortSignal.timeout(10_000), redirect: 'error' })
  if (!response.ok) throw new Error(`the federation list could not be fetched: HTTP ${response.status}`)
  return (await response.text()).trim()
}

/** The list in force, refreshed in the background; goes on without the signer until the list is 24 h old. */
export class FederationCache {
  readonly #config: FederationConfig
  readonly #clock: Clock
  readonly #log: Log
  readonly #signerKeys
  #current: Federation | undefined
  #compact = ''
  #timer: NodeJS.Timeout | undefined
  readonly #listeners = new Set<() => void>()

  private constructor(config: FederationConfig, clock: Clock, log: Log) {
    this.#config = config
    this.#clock = clock
    this.#log = log
    this.#signerKeys = config.signerKeys.map((jwk) => registerPublicKey(jwk))
  }

  /** Loads the cached list and then the newest; refuses to start without either. */
  static async open(config: FederationConfig, clock: Clock, log: Log): Promise<FederationCache> {
    const cache = new FederationCache(config, clock, log)
    cache.#loadCached()
    await cache.refresh()
    if (!cache.#current) throw new Error(`no usable federation list at ${config.source}: check the federation signer`)
    cache.#timer = setInterval(() => void cache.refresh(), refreshMs)
    cache.#timer.unref()
    return cache
  }

  /** The list in force. Error: FEDERATION_LIST_EXPIRED. */
  get current(): Federation {
    const federation = this.#current
    if (!federation || federation.claims.exp <= nowSeconds(this.#clock)) throw new MeshError('FEDERATION_LIST_EXPIRED')
    return federation
  }

  /** Called each time another list comes into force. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Fetches the list now; one that cannot be accepted leaves the one in force. */
  async refresh(): Promise<void> {
    try {
      const compact = await fetchList(this.#config.source)
      if (compact !== this.#compact) this.#accept(compact)
    } catch (error) {
      this.#log.warn({ err: error }, 'the federation list was not renewed; the one in force goes on')
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #loadCached(): void {
    try {
      this.#accept(readFileSync(this.#config.cache, 'utf8').trim())
    } catch (error) {
      this.#log.debug({ err: error }, 'no cached federation list')
    }
  }

  #accept(compact: string): void {
    const federation = Federation.verify(compact, {
      signerKeyOf: (issuer, kid) =>
        issuer === this.#config.signer ? this.#signerKeys.find((key) => key.kid === kid) : undefined,
      nowSeconds: nowSeconds(this.#clock),
      serialAtLeast: this.#current?.claims.serial ?? 0,
      onLeftOut: (error) => this.#log.warn({ err: error }, 'an authorisation was left out of the list'),
    })
    this.#current = federation
    this.#compact = compact
    this.#keep(compact)
    for (const listener of this.#listeners) listener()
  }

  #keep(compact: string): void {
    try {
      // Written aside and renamed, so that a crash leaves the old cache whole.
      const aside = `${this.#config.cache}.${process.pid}`
      writeFileSync(aside, compact, { mode: 0o600 })
      renameSync(aside, this.#config.cache)
    } catch (error) {
      this.#log.warn({ err: error }, 'the federation list in force could not be kept for a restart')
    }
  }
}
