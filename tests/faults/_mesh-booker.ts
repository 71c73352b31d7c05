import type { GrpcCallOptions, GrpcClient } from '@unefois/chassis/grpc-client'
import type {
  AppointmentsServiceDefinition,
  BookAppointmentRequest,
  BookAppointmentResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { toMeshError } from '@unefois/proto/reasons'
import { agent } from '../journeys/_appointments.js'
import type { Booker, Confirmed, ContestedSlot } from './_booking-load.js'
import { untilAnswered } from './_until-answered.js'

type Client = GrpcClient<typeof AppointmentsServiceDefinition>

/** What becomes of a slot that somebody else has, or of a hold that took too long. */
const isTaken = (reason: string): boolean => ['SLOT_TAKEN', 'HOLD_EXPIRED', 'HOLD_UNKNOWN'].includes(reason)

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
    try {
      return await untilAnswered(() => {
        const door = this.#doors[this.#next++ % this.#doors.length] as Client
        return send(door, { accessToken, idempotencyKey, deadlineMs: 5000 })
      })
    } catch (thrown) {
      if (isTaken(toMeshError(thrown).reason)) return undefined
      throw thrown
    }
  }
}
