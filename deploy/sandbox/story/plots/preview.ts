import { granted, OwnDoor } from './own-door.js'
import type { PlannedExchange } from './script.js'
import type { Stage } from './stage.js'
import type { Obtained } from './steps.js'

/** A person's own request, from the question to what came. */
export interface Requested {
  /** What the requester was answered before the person had seen anything. */
  readonly unseen: string
  /** What the portal showed to the person alone. */
  readonly preview: unknown
  readonly obtained: Obtained
}

interface Seen {
  readonly evidence: { readonly value: unknown; readonly version: number } | null
}
interface Answered {
  readonly exchangeId: string
  readonly evidence?: { readonly value: unknown; readonly version: number }
}

/** Somebody's own session with a requester, in which they ask for an exchange. */
export class OwnRequest {
  readonly #door: OwnDoor
  readonly #exchange: PlannedExchange
  readonly #basisId: string

  private constructor(door: OwnDoor, exchange: PlannedExchange, basisId: string) {
    this.#door = door
    this.#exchange = exchange
    this.#basisId = basisId
  }

  /** The person logs in at the requester and says what they want. */
  static async open(stage: Stage, exchange: PlannedExchange, key: string): Promise<OwnRequest> {
    const { requester, provider, evidenceType, purpose } = exchange
    const door = await OwnDoor.open(stage.places, requester, stage.person(key))
    const { textVersion } = stage.purpose(purpose)
    const wish = { provider, purpose, evidenceTypes: [evidenceType], textVersion, language: 'en' }
    const { basisId } = granted<{ basisId: string }>(await door.post('/v1/explicit-requests', wish))
    return new OwnRequest(door, exchange, basisId)
  }

  get basisId(): string {
    return this.#basisId
  }

  /** Asks; `subject` names somebody else than the person who is logged in. */
  ask(changes: { readonly subject?: string } = {}) {
    const { provider, evidenceType, purpose, fields } = this.#exchange
    const wish = { provider, evidenceType, purpose, procedure: purpose, basisId: this.#basisId, fields }
    return this.#door.post('/v1/exchanges', { ...wish, ...changes })
  }
}

/** Asks, sees at the portal what would be sent, says yes, and asks again. */
export const requestWithPreview = async (stage: Stage, exchange: PlannedExchange, key: string): Promise<Requested> => {
  const { requester, provider, evidenceType, purpose } = exchange
  const request = await OwnRequest.open(stage, exchange, key)
  const { reason: unseen } = await request.ask()
  const portal = await OwnDoor.open(stage.places, stage.portal, stage.person(key))
  const previewed = { requester, provider, evidenceType, purpose }
  const { evidence } = granted<Seen>(await portal.get('/v1/me/preview', previewed))
  if (!evidence) throw new Error(`${provider} would send nothing about ${key}`)
  const yes = { basisId: request.basisId, answer: 'confirmed', evidenceVersion: evidence.version }
  granted(await portal.post('/v1/me/preview-answers', { ...previewed, ...yes }))
  const { exchangeId, evidence: given } = granted<Answered>(await request.ask())
  if (!given) throw new Error(`${provider} gave ${requester} no evidence about ${key}`)
  return { unseen, preview: evidence.value, obtained: { exchangeId, version: given.version, value: given.value } }
}
