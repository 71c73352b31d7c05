import { WaitingState } from '@unefois/proto/gen/unefois/appointments/v1/waiting_list'
import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { mandateGiven } from './appointment-schemas.js'
import { contactOf, needsOf } from './appointment-views.js'
import { bookingRefusals } from './booking-refusals.js'
import { channelAsked } from './calendar-views.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'
import { waitingAnswered, waitingGiven } from './waiting-schemas.js'
import { waitingIn } from './waiting-views.js'

export const joinWaitingList = operation({
  id: 'joinWaitingList',
  method: 'POST',
  path: '/v1/waiting',
  summary: 'Says what somebody waits for; what becomes free is booked for them, or offered for a while',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId.optional(),
    ...waitingGiven,
    by: handGiven.optional(),
    mandate: mandateGiven.optional(),
  }),
  responses: {
    201: { description: 'Waiting; offered or booked already when something was free.', schema: waitingAnswered },
  },
  refusals: [
    ...bookingRefusals,
    ...(['PLACE_UNKNOWN', 'RANGE_INVERTED', 'RANGE_TOO_LONG', 'ALREADY_WAITING'] as const),
  ],
  handle: async ({ body, caller, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.waitingList.joinWaitingList(
      {
        waiting: {
          waitingId: '',
          subject: concernedSubject(body.subject, caller()),
          serviceTypeId: body.serviceTypeId,
          placeIds: body.placeIds,
          channel: channelAsked(body.channel),
          fromDay: body.fromDay,
          toDay: body.toDay,
          booksByItself: body.booksByItself,
          offerMinutes: body.offerMinutes ?? 0,
          needs: needsOf(body.needs),
          contact: contactOf(body.contact),
          language: body.language,
          state: WaitingState.WAITING_STATE_UNSPECIFIED,
          sinceMs: 0,
          appointmentId: '',
          slot: undefined,
          offeredUntilMs: 0,
        },
        by: handOf(body.by),
        mandate: body.mandate,
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { waiting: waitingIn(answer) } }
  },
})
