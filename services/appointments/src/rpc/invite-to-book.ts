import { randomUUID } from 'node:crypto'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { InviteToBookRequest, InviteToBookResponse } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { invalid, requireNone } from '../appointment/refusals.js'
import { knownType } from '../booking/chosen-meeting.js'
import { handBehind } from '../booking/party.js'
import { drawSecret } from '../booking/secret.js'
import { bookerRefusal } from '../domain/booking-rules.js'
import { by, calendarId, momentMs, subject } from './appointment-fields.js'

const dayMs = 86_400_000
const longestDays = 366

/**
 * The secret is answered once and kept as a hash. Errors: SERVICE_TYPE_UNKNOWN, URGENT_SEEN_TODAY, BOOKING_NOT_ALLOWED where nobody books
 * by a link, PLACE_UNKNOWN, APPOINTMENT_INVALID naming the field.
 */
export const inviteToBook = (
  needs: Pick<AppointmentNeeds, 'runtime' | 'book' | 'bookingLinks'>,
): EffectRpc<InviteToBookRequest, InviteToBookResponse> => ({
  request: z.object({
    serviceTypeId: calendarId,
    placeIds: z.array(calendarId).max(100),
    subject,
    isAccompanied: z.boolean(),
    expiresAtMs: momentMs,
    by,
  }),
  effect: async ({ serviceTypeId, placeIds, subject: invited, isAccompanied, expiresAtMs, by: hand }, call, tx) => {
    const nowMs = needs.runtime.clock.nowMs()
    handBehind(call, hand, ['agent'])
    const calendar = await needs.book.current(tx)
    requireNone(bookerRefusal(knownType(calendar, serviceTypeId), 'link'))
    if (placeIds.some((placeId) => !calendar.places.has(placeId))) throw new MeshError('PLACE_UNKNOWN')
    const daysAhead = (expiresAtMs - nowMs) / dayMs
    if (daysAhead < 1 || daysAhead > longestDays)
      throw invalid({ field: 'expiresAtMs', what: `is 1 to ${longestDays} days ahead` })
    const { secret, sha256 } = drawSecret()
    const link = { linkId: randomUUID(), serviceTypeId, placeIds, subject: invited, isAccompanied, expiresAtMs }
    await needs.bookingLinks.insert(tx, link, sha256, nowMs)
    return { linkId: link.linkId, secret }
  },
})
