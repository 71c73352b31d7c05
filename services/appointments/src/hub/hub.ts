import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { HubNotice } from '../domain/hub-notice.js'

/** An appointment that the hub knows, anywhere. */
const text = z.string().max(2000).catch('')
const known = z.object({
  management_url: text,
  meeting_point: text,
  meeting_point_id: text,
  appointment_date: text,
})
const status = z.object({
  status: z.enum(['validated', 'consumed', 'declared', 'unknown', 'expired']),
  appointments: z.array(known).max(100).default([]),
})
const statuses = z.record(z.string(), status)

/** How the hub says that it has heard; a page of somebody in between is no such answer. */
const heard = {
  POST: z.object({ success: z.literal(true) }),
  DELETE: z.object({ rowcount: z.number() }),
}

/** What the hub says of one pre-application. */
export type HubStatus = z.infer<typeof status>

export interface HubConfig {
  readonly url: string
  /** What this agency shows to the hub. */
  readonly token: string
  readonly timeoutMs: number
}

/** How many answers are waited for at once; each of them may hold a database connection. */
const mostAtOnce = 4
const tokenHeader = 'x-rdv-opt-auth-token'

const parametersOf = (notice: HubNotice): URLSearchParams =>
  new URLSearchParams({
    application_id: notice.preApplication,
    meeting_point: notice.placeTitle,
    meeting_point_id: notice.placeId,
    appointment_date: notice.localStart,
    management_url: notice.managementUrl,
  })

/** The coordination calls of the national hub of town-hall appointments. No number of a pre-application is in an error. */
export class Hub {
  readonly #config: HubConfig
  #asking = 0

  constructor(config: HubConfig) {
    this.#config = config
  }

  /**
   * Where each pre-application stands; one that the hub leaves out is unknown. Error: HUB_UNREACHABLE, also when more is asked at
   * once than the hub answers.
   */
  async statuses(preApplications: readonly string[]): Promise<ReadonlyMap<string, HubStatus>> {
    if (this.#asking >= mostAtOnce) throw new MeshError('HUB_UNREACHABLE')
    this.#asking += 1
    try {
      const asked = new URLSearchParams(
        [...new Set(preApplications)].map((id): [string, string] => ['application_ids', id]),
      )
      const answer = statuses.parse(await this.#call('GET', 'status', asked))
      return new Map(preApplications.map((id) => [id, answer[id] ?? { status: 'unknown', appointments: [] }]))
    } catch {
      // The cause may carry the address that was called, and with it the numbers.
      throw new MeshError('HUB_UNREACHABLE')
    } finally {
      this.#asking -= 1
    }
  }

  /** Tells one notice. Error: HUB_UNREACHABLE until the hub says that it has heard. */
  async tell(notice: HubNotice): Promise<void> {
    try {
      if (notice.method === 'POST') heard.POST.parse(await this.#call('POST', 'appointments', parametersOf(notice)))
      else if ((await this.#remove(notice)) === 0) await this.#removeAsKnown(notice)
    } catch {
      throw new MeshError('HUB_UNREACHABLE')
    }
  }

  async #remove(notice: HubNotice): Promise<number> {
    return heard.DELETE.parse(await this.#call('DELETE', 'appointments', parametersOf(notice))).rowcount
  }

  /** The hub finds an appointment by the place's name and the time that it was told: those that it knows, where the place is renamed. */
  async #removeAsKnown(notice: HubNotice): Promise<void> {
    const { preApplication, managementUrl } = notice
    const { appointments } = (await this.statuses([preApplication])).get(preApplication) ?? { appointments: [] }
    for (const each of appointments)
      if (each.management_url === managementUrl)
        await this.#remove({
          ...notice,
          placeTitle: each.meeting_point,
          placeId: each.meeting_point_id,
          localStart: each.appointment_date,
        })
  }

  async #call(method: string, path: string, parameters: URLSearchParams): Promise<unknown> {
    const { url, token, timeoutMs } = this.#config
    const response = await fetch(`${url.replace(/\/$/, '')}/coordination/api/${path}?${parameters}`, {
      method,
      headers: { [tokenHeader]: token },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body = await response.text()
    if (response.status !== 200) throw new Error(`the hub answered ${response.status}`)
    return JSON.parse(body)
  }
}
