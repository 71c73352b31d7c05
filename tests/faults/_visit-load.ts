import { randomUUID } from 'node:crypto'
import type { GrpcCallOptions, GrpcClient } from '@unefois/chassis/grpc-client'
import {
  type BookVisitRequest,
  type Visit,
  type VisitServiceDefinition,
  VisitState,
} from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { toMeshError } from '@unefois/proto/reasons'
import { agent } from '../journeys/_appointments.js'
import { isLost, untilAnswered } from './_until-answered.js'

type Door = GrpcClient<typeof VisitServiceDefinition>
type Legs = BookVisitRequest['legs']

/** What was told to who booked visits. */
export interface VisitsTold {
  /** By visit id, what somebody has been told that they have and has not given back. */
  readonly booked: ReadonlyMap<string, Legs>
  /** Told that nothing is booked, or that it is cancelled. */
  readonly ended: ReadonlySet<string>
  /** What came of each visit; unheard: its caller asked once, heard nothing and went away. */
  readonly answers: Readonly<Record<'booked' | 'refused' | 'cancelled' | 'unheard', number>>
}

interface VisitWishes {
  readonly clients: number
  readonly forMs: number
  readonly accessToken: string
  readonly draw: (least: number, most: number) => number
  readonly subject: () => string
  /** The meetings of one more visit, which others may want too. */
  readonly legs: () => Legs
}

/** What is in somebody else's hands, or was not to be had in time. */
const isRefused = (reason: string): boolean => reason === 'SLOT_TAKEN'
const mostKept = 4

/** So many clients book visits at one agency and give some of them back, until it is over. What they were told so far is in `told`. */
export class VisitLoad {
  readonly told: VisitsTold
  readonly done: Promise<void>
  readonly #booked = new Map<string, Legs>()
  readonly #ended = new Set<string>()
  readonly #answers = { booked: 0, refused: 0, cancelled: 0, unheard: 0 }
  readonly #door: Door
  readonly #wishes: VisitWishes

  constructor(door: Door, wishes: VisitWishes) {
    this.#door = door
    this.#wishes = wishes
    this.told = { booked: this.#booked, ended: this.#ended, answers: this.#answers }
    const endsAtMs = performance.now() + wishes.forMs
    this.done = Promise.all(Array.from({ length: wishes.clients }, () => this.#client(endsAtMs))).then(() => undefined)
  }

  async #client(endsAtMs: number): Promise<void> {
    const { draw } = this.#wishes
    const own: string[] = []
    while (performance.now() < endsAtMs) {
      if (own.length >= mostKept || (own.length > 0 && draw(0, 3) === 0)) {
        await this.#cancel(own.splice(draw(0, own.length - 1), 1)[0] as string)
      } else {
        const visit = await this.#book(draw(0, 3) > 0)
        if (visit) own.push(visit)
        // Where an agency is down each visit is refused at once; asking on and on would keep it from coming back.
        else await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  /** Answers the visit's id where it was booked. */
  async #book(isPatient: boolean): Promise<string | undefined> {
    const { subject, legs: drawn } = this.#wishes
    const [visitId, legs] = [randomUUID(), drawn()]
    const request: BookVisitRequest = {
      ...{ visitId, subject: subject(), legs, language: 'fr', by: agent },
      ...{ contact: { way: 'none', address: '' } },
    }
    const answer = await this.#ask(isPatient, (options) => this.#door.bookVisit(request, options))
    if (answer === 'unheard') this.#answers.unheard++
    else if (answer !== 'refused' && answer.visit?.state === VisitState.VISIT_STATE_BOOKED) {
      this.#answers.booked++
      this.#booked.set(visitId, legs)
      return visitId
    } else {
      this.#answers.refused++
      this.#ended.add(visitId)
    }
    return undefined
  }

  async #cancel(visitId: string): Promise<void> {
    // From when it is asked nobody was told that it stands.
    this.#booked.delete(visitId)
    const request = { visitId, because: 'Essai', by: agent }
    await this.#ask(true, (options) => this.#door.cancelVisit(request, options))
    this.#answers.cancelled++
    this.#ended.add(visitId)
  }

  async #ask(
    isPatient: boolean,
    send: (options: GrpcCallOptions) => Promise<{ readonly visit?: Visit | undefined }>,
  ): Promise<{ readonly visit?: Visit | undefined } | 'refused' | 'unheard'> {
    const options = { accessToken: this.#wishes.accessToken, idempotencyKey: randomUUID(), deadlineMs: 5000 }
    try {
      return await (isPatient ? untilAnswered(() => send(options)) : send(options))
    } catch (thrown) {
      const { reason } = toMeshError(thrown)
      if (isRefused(reason)) return 'refused'
      if (!isPatient && isLost(reason)) return 'unheard'
      throw thrown
    }
  }
}
