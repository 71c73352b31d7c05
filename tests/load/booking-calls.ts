import { randomUUID } from 'node:crypto'
import type { GrpcCallOptions } from '@unefois/chassis/grpc-client'
import {
  AppointmentsServiceDefinition,
  BookAppointmentRequest,
  HoldSlotRequest,
  HoldSlotResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeetingChannel } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { LeanCaller } from './lean-caller.js'

// What an agency's system asks when it books for somebody, each time another slot.

const by = {
  who: {
    $case: 'agent' as const,
    value: { agentId: 'a', firstName: 'A', lastName: 'B', capacity: 'Agent', isUnnamed: false },
  },
}

export interface BookingCalls {
  /** Books the next slot. Throws once none is left. */
  book(): Promise<void>
  /** Holds the next slot and books what is held, as people do at a page. */
  holdAndBook(): Promise<void>
}

export const bookingCalls = (caller: LeanCaller, slots: readonly Slot[], options: GrpcCallOptions): BookingCalls => {
  let next = 0
  const chosen = () => {
    const slot = slots[next++]
    if (!slot) throw new Error('no slot is left: measure for a shorter time')
    const { scheduleId, serviceTypeId, startsAtMs } = slot
    return { scheduleId, serviceTypeId, startsAtMs, units: 1, channel: MeetingChannel.MEETING_CHANNEL_COUNTER }
  }
  const call = (method: string, message: Uint8Array): Promise<Uint8Array> =>
    caller.call(`${AppointmentsServiceDefinition.fullName}/${method}`, message, {
      ...options,
      idempotencyKey: randomUUID(),
    })
  const booked = async (what: Pick<BookAppointmentRequest, 'slots' | 'holdIds'>): Promise<void> => {
    const request: BookAppointmentRequest = {
      ...{ subject: '', language: 'fr', note: '', preApplications: [], isSecondConfirmed: false, by },
      ...{ contact: { way: 'none', address: '' }, ...what },
    }
    await call('BookAppointment', BookAppointmentRequest.encode(request).finish())
  }
  return {
    book: () => booked({ slots: [chosen()], holdIds: [] }),
    holdAndBook: async () => {
      const request: HoldSlotRequest = { subject: '', slot: chosen(), isAccompanied: false, by }
      const answer = await call('HoldSlot', HoldSlotRequest.encode(request).finish())
      await booked({ slots: [], holdIds: [HoldSlotResponse.decode(answer).holdId] })
    },
  }
}
