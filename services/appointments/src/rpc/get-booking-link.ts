import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  GetBookingLinkRequest,
  GetBookingLinkResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { sha256Of } from '../booking/secret.js'

/** Error: BOOKING_LINK_UNKNOWN, also for one that is over or was used. */
export const getBookingLink = ({
  runtime,
  bookingLinks,
}: Pick<AppointmentNeeds, 'runtime' | 'bookingLinks'>): PlainRpc<GetBookingLinkRequest, GetBookingLinkResponse> => ({
  request: z.object({ secret: z.string().min(1).max(200) }),
  handle: async ({ secret }) => {
    const link = await bookingLinks.open(sha256Of(secret), runtime.clock.nowMs())
    if (!link) throw new MeshError('BOOKING_LINK_UNKNOWN')
    const { serviceTypeId, placeIds, isAccompanied, expiresAtMs } = link
    return { serviceTypeId, placeIds: [...placeIds], isAccompanied, expiresAtMs }
  },
})
