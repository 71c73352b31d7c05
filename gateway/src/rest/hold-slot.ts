import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { mandateGiven } from './appointment-schemas.js'
import { bookingRefusals } from './booking-refusals.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { instant, subjectId } from './schemas.js'
import { slotChosen } from './slot-schemas.js'
import { slotChosenOf } from './slot-views.js'
import { instantOf } from './views.js'

export const holdSlot = operation({
  id: 'holdSlot',
  method: 'POST',
  path: '/v1/appointments/holds',
  summary: 'Keeps a slot for some minutes while the rest is filled in; a person’s own former hold for the same ends',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId.optional(),
    slot: slotChosen,
    isAccompanied: z.boolean().default(false),
    by: handGiven.optional(),
    mandate: mandateGiven.optional(),
  }),
  responses: {
    201: {
      description: 'Held until then, and no longer.',
      schema: z.strictObject({ holdId: z.string(), until: instant }),
    },
  },
  refusals: bookingRefusals,
  handle: async ({ body, caller, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { holdId, untilMs } = await neighbours.appointments.holdSlot(
      {
        subject: concernedSubject(body.subject, caller()),
        slot: slotChosenOf(body.slot),
        isAccompanied: body.isAccompanied,
        by: handOf(body.by),
        secret: undefined,
        mandate: body.mandate,
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { holdId, until: instantOf(untilMs) } }
  },
})
