import type { PlainRpc } from '@unefois/chassis/rpc'
import type { OfferVisitSlotsRequest, OfferVisitSlotsResponse } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { z } from 'zod'
import { memberCalling, openToVisitsOf } from '../visits/members.js'
import type { VisitNeeds } from '../visits/needs.js'
import { visitSlots, visitWhere } from '../visits/slots.js'
import { calendarId } from './appointment-fields.js'
import { searchedNeeds } from './calendar-fields.js'

/**
 * Errors: VISIT_NOT_TAKEN for a member to whose visits this is not open, also where it is none; PLACE_UNKNOWN for a shared place in
 * which this agency is not; RANGE_INVERTED, RANGE_TOO_LONG, TIME_PASSED.
 */
export const offerVisitSlots = (
  needs: Pick<VisitNeeds, 'runtime' | 'book' | 'openings' | 'fullOpenings'>,
): PlainRpc<OfferVisitSlotsRequest, OfferVisitSlotsResponse> => ({
  request: z.object({ ...visitWhere, ...searchedNeeds, serviceTypeId: calendarId, isAccompanied: z.boolean() }),
  handle: async (request, call) => {
    openToVisitsOf(await needs.book.current(), request.serviceTypeId, memberCalling(call))
    return { slots: await visitSlots(needs, request), areNeedsMet: true }
  },
})
