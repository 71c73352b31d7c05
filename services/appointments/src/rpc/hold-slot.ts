import { randomUUID } from 'node:crypto'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { HoldSlotRequest, HoldSlotResponse } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { knownType, meetingChosen } from '../booking/chosen-meeting.js'
import { claimSlot } from '../booking/claim-slot.js'
import { afterReleased } from '../booking/freed.js'
import { formerHolds, giveUpHolds, lockParty } from '../booking/own-holds.js'
import { bookingParty, requireBookable, requireOfLink } from '../booking/party.js'
import { holdEndsAtMs, motiveOf } from '../domain/appointment.js'
import { heldAppointment } from '../domain/new-appointment.js'
import { by, mandate, secret, slot, subject } from './appointment-fields.js'

/**
 * Errors: CALLER_NOT_ALLOWED for a person who names another, BOOKING_NOT_ALLOWED, BOOKING_LINK_UNKNOWN, PRE_APPLICATION_INVALID, what the
 * hub says, SERVICE_TYPE_UNKNOWN, URGENT_SEEN_TODAY, MANDATE_MISSING, MANDATE_ENDED, SLOT_UNKNOWN, TIME_PASSED, SLOT_NOT_OPEN,
 * SLOT_RESERVED, APPOINTMENT_LIMIT_REACHED, SLOT_TAKEN, APPOINTMENT_INVALID naming the field.
 */
export const holdSlot = (needs: AppointmentNeeds): EffectRpc<HoldSlotRequest, HoldSlotResponse> => ({
  request: z.object({ subject, slot, isAccompanied: z.boolean(), by, secret, mandate }),
  mayJoin: ({ secret: shown }) => !shown?.of,
  effect: async (request, call, tx) => {
    const { runtime, book, appointments, hubCheck } = needs
    const chosen = request.slot as NonNullable<HoldSlotRequest['slot']>
    const party = await bookingParty(needs, request, call, tx)
    const calendar = await book.current(tx)
    const type = knownType(calendar, chosen.serviceTypeId)
    requireBookable(needs, type, party, { mandate: request.mandate, field: 'slot' })
    const isAccompanied = request.isAccompanied || party.link?.isAccompanied === true
    const wish = { way: party.way, isAccompanied }
    const meeting = await meetingChosen(needs, calendar, { slot: chosen, type, field: 'slot', wish }, tx)
    requireOfLink(party, meeting, 'slot')
    // Whether there is another appointment is asked when it is booked.
    if (party.preApplication) await hubCheck?.(tx, [party.preApplication], { isSecondConfirmed: true })

    const standing = await lockParty(tx, needs, party)
    const former = await formerHolds(tx, needs, { ...party, standing }, { motives: [motiveOf(type)], booking: [] })
    const given = await giveUpHolds(tx, needs, former)
    const holdId = randomUUID()
    const untilMs = holdEndsAtMs(type, Math.floor(runtime.clock.nowMs()))
    const holder = { holderId: holdId, expiresAtMs: untilMs }
    if ((await claimSlot(tx, needs, { meeting, holder })) === 'taken') throw new MeshError('SLOT_TAKEN')
    const stated = isAccompanied ? { isAccompanied, accessibility: [], language: '' } : undefined
    const forWhom = {
      appointmentId: holdId,
      subject: standing,
      isByPerson: party.way === 'person',
      secretSha256: party.secretSha256,
      said: { needs: stated, bookedBy: party.hand, mandate: request.mandate },
    }
    await appointments.insert(tx, heldAppointment(meeting, forWhom, untilMs))
    const events = await afterReleased(tx, needs, given.appointments, given.claims)
    if (events.length > 0) await runtime.outbox.add(tx, events)
    return { holdId, untilMs }
  },
})
