import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { logIn } from '../../log-in.js'
import type { Places } from '../../places.js'
import type { PlannedPerson } from '../../plan.js'
import { servicesOf } from '../../topology.js'

export interface DoorAnswer {
  readonly status: number
  /** The reason of the problem; `nothing` when it was not refused. */
  readonly reason: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Whether people can log in at a member: it has pages and a REST door. */
export const hasDoor = ({ plan }: Pick<Places, 'plan'>, member: string): boolean =>
  plan.agencies.some((each) => each.id === member && servicesOf(each).includes('gateway'))

/** A person at a member's REST door, with the token of their own login there. */
export class OwnDoor {
  readonly #origin: string
  readonly #idToken: string

  private constructor(origin: string, idToken: string) {
    this.#origin = origin
    this.#idToken = idToken
  }

  /** Logs the person in. Error: the member has no door of its own. */
  static async open(places: Places, member: string, person: PlannedPerson): Promise<OwnDoor> {
    if (!hasDoor(places, member)) throw new Error(`${member} runs no gateway, so nobody can log in there`)
    const jwk = JSON.parse(readFileSync(places.oidcClientKey(member).path, 'utf8'))
    const client = { clientId: member, jwk, redirectUri: `${places.origin(member)}/callback` }
    const { idToken } = await logIn(places.issuer, client, person.login ?? '')
    return new OwnDoor(places.origin(member), idToken)
  }

  get(path: string, query: Readonly<Record<string, string>> = {}): Promise<DoorAnswer> {
    return this.#ask(`${path}?${new URLSearchParams(query)}`, { method: 'GET' })
  }

  post(path: string, body: object): Promise<DoorAnswer> {
    return this.#ask(path, { method: 'POST', body: JSON.stringify(body) })
  }

  async #ask(path: string, init: RequestInit): Promise<DoorAnswer> {
    const response = await fetch(`${this.#origin}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${this.#idToken}`,
        ...(init.method === 'POST' && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
    })
    const body = (await response.json()) as Record<string, unknown>
    return { status: response.status, reason: response.ok ? 'nothing' : String(body.reason), body }
  }
}

/** What a door answered. Error: it refused. */
export const granted = <T>({ reason, status, body }: DoorAnswer): T => {
  if (reason !== 'nothing') throw new Error(`refused with ${reason} (${status}): ${JSON.stringify(body)}`)
  return body as T
}
