import { hash } from 'node:crypto'
import type { ReadEvidenceRequest, ReadEvidenceResponse } from '@unefois/proto/gen/unefois/source/v1/source'
import { LruMap } from '@unefois/proto/lru'
import { type SourceDoor, serveSource } from './serve-source.js'

/**
 * An EvidenceSource over a JSON API that an agency has already: the answers of API Particulier (`{"data": …}` under 200, 404,
 * 429, 502, 503, 504), or of whatever answers alike.
 */
export interface HttpSourceConfig extends SourceDoor {
  /**
   * The address that answers about this person, by the agency's own pseudonym of them: the agency knows the identity or the
   * number that the API asks for. Undefined when it does not know the person.
   */
  readonly addressOf: (subject: string, evidenceType: string) => string | undefined
}

type Answer = ReadEvidenceResponse['answer']

const absent: Answer = { $case: 'absent', value: {} }
const mostVersions = 100_000
/** Answers that say "not now"; all others but 200 and 404 say that something is wrong. */
const busyStatuses = new Set([429, 502, 503, 504])

/** RFC 9110 section 10.2.3, in milliseconds from now; undefined when there is none that can be read. */
const retryAfterMs = (header: string | null, nowMs: number): number | undefined => {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

/** An API without versions: a value has the number of the millisecond in which this process first saw it. */
class SeenValues {
  readonly #seen = new LruMap<string, { sha256: string; version: number }>(mostVersions)

  versionOf({ subject, evidenceType }: ReadEvidenceRequest, valueJson: string, nowMs: number): number {
    const key = `${subject}\n${evidenceType}`
    const sha256 = hash('sha256', valueJson, 'base64url')
    const known = this.#seen.get(key)
    if (known?.sha256 === sha256) return known.version
    const version = Math.max(nowMs, (known?.version ?? 0) + 1)
    this.#seen.set(key, { sha256, version })
    return version
  }
}

const answerOf = async (response: Response, request: ReadEvidenceRequest, seen: SeenValues, leftMs: number) => {
  if (response.status === 404) return absent
  const nowMs = Date.now()
  const laterMs = retryAfterMs(response.headers.get('retry-after'), nowMs)
  if (busyStatuses.has(response.status) && laterMs !== undefined && laterMs > leftMs)
    return { $case: 'later' as const, value: { retryAfterMs: laterMs } }
  if (response.status !== 200) throw new Error(`the API answered ${response.status}`)
  const { data } = (await response.json()) as { data: unknown }
  const valueJson = JSON.stringify(data)
  const version = seen.versionOf(request, valueJson, nowMs)
  return { $case: 'found' as const, value: { valueJson, version, asOfMs: nowMs, related: [] } }
}

/** Serves a JSON API as an EvidenceSource. A status that says "not now" is a failure that documents repeats within its deadline. */
export const startHttpSource = async (config: HttpSourceConfig): Promise<{ stop(): Promise<void> }> => {
  const seen = new SeenValues()
  return serveSource(config, async (request, leftMs) => {
    const address = config.addressOf(request.subject, request.evidenceType)
    if (address === undefined) return { answer: absent }
    const response = await fetch(address, { signal: AbortSignal.timeout(Math.max(1, leftMs)) })
    return { answer: await answerOf(response, request, seen, leftMs) }
  })
}
