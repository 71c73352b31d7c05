import type { GrpcCallOptions, GrpcClient } from '@unefois/chassis/grpc-client'
import type {
  AppointmentsServiceDefinition,
  BookAppointmentRequest,
  BookAppointmentResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { toMeshError } from '@unefois/proto/reasons'
import type { Booker, Confirmed, ContestedSlot } from './_booking-load.js'

type Client = GrpcClient<typeof AppointmentsServiceDefinition>

const agent: Hand = {
  who: {
    $case: 'agent',
    value: { agentId: 'guichet', firstName: 'Ada', lastName: 'Agent', capacity: 'Adjointe', isUnnamed: false },
  },
}

/** A process that is killed answers nothing; whatever it was asked is asked again, with the same key, of the next one. */
const isLost = (reason: string): boolean =>
  ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'IDEMPOTENCY_IN_PROGRESS'].includes(reason)

/** What becomes of a slot that somebody else has, or of a hold that took too long. */
const isTaken = (reason: string): boolean => ['SLOT_TAKEN', 'HOLD_EXPIRED', 'HOLD_UNKNOWN'].includes(reason)

const longestTries = 2000

/** Books by the doors of several processes of one service, as an agency's software would that does not give up. */
export class MeshBooker implements Booker {
  readonly #doors: readonly Client[]
  readonly #options: { readonly serviceTypeId: string; readonly accessToken: string }
  #next = 0

  constructor(doors: readonly Client[], options: { readonly serviceTypeId: string; readonly accessToken: string }) {
    this.#doors = doors
    this.#options = options
  }

  async book(slot: ContestedSlot, key: string): Promise<Confirmed | undefined> {
    return this.#booked(slot, key, { slots: [this.#chosen(slot)] })
  }

  async hold(slot: ContestedSlot, key: string): Promise<string | undefined> {
    const request = { subject: '', slot: this.#chosen(slot), isAccompanied: false, by: agent }
    const answer = await this.#ask(key, (door, options) => door.holdSlot(request, options))
    return answer?.holdId
  }

  async confirm(holdId: string, slot: ContestedSlot, key: string): Promise<Confirmed | undefined> {
    return this.#booked(slot, key, { holdIds: [holdId] })
  }

  async move({ appointmentId }: Confirmed, to: ContestedSlot, key: string): Promise<Confirmed | undefined> {
    const request = { appointmentId, slot: this.#chosen(to), by: agent }
    const answer = await this.#ask(key, (door, options) => door.moveAppointment(request, options))
    return answer && { appointmentId, ...to }
  }

  async cancel({ appointmentId }: Confirmed, key: string): Promise<void> {
    const request = { appointmentId, because: 'Essai', wholeSeries: false, by: agent }
    await this.#ask(key, (door, options) => door.cancelAppointment(request, options))
  }

  #chosen({ scheduleId, startsAtMs }: ContestedSlot) {
    const { serviceTypeId } = this.#options
    return { scheduleId, serviceTypeId, startsAtMs, units: 1, channel: MeetingChannel.MEETING_CHANNEL_COUNTER }
  }

  async #booked(
    slot: ContestedSlot,
    key: string,
    what: Partial<Pick<BookAppointmentRequest, 'slots' | 'holdIds'>>,
  ): Promise<Confirmed | undefined> {
    const request: BookAppointmentRequest = {
      ...{ subject: '', holdIds: [], slots: [], language: 'fr', note: '', preApplications: [] },
      ...{ isSecondConfirmed: false, by: agent, contact: { way: 'none', address: '' } },
      ...what,
    }
    const answer: BookAppointmentResponse | undefined = await this.#ask(key, (door, options) =>
      door.bookAppointment(request, options),
    )
    const appointmentId = answer?.appointments[0]?.appointmentId
    return appointmentId === undefined ? undefined : { appointmentId, ...slot }
  }

  async #ask<T>(
    idempotencyKey: string,
    send: (door: Client, options: GrpcCallOptions) => Promise<T>,
  ): Promise<T | undefined> {
    const { accessToken } = this.#options
    for (let tries = 0; tries < longestTries; tries++) {
      const door = this.#doors[this.#next++ % this.#doors.length] as Client
      try {
        return await send(door, { accessToken, idempotencyKey, deadlineMs: 5000 })
      } catch (thrown) {
        const { reason } = toMeshError(thrown)
        if (isTaken(reason)) return undefined
        if (!isLost(reason)) throw thrown
        // A refused connection comes back at once.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    throw new Error('nobody answered')
  }
}
