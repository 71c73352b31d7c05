import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { mandateGiven } from './appointment-schemas.js'
import { calendarId } from './calendar-schemas.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'
import { callbackAnswered } from './walk-in-schemas.js'
import { callbackIn } from './walk-in-views.js'

export const requestCallback = operation({
  id: 'requestCallback',
  method: 'POST',
  path: '/v1/callbacks',
  summary: 'Somebody wants to be called: by when, and by whom, is answered',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    subject: subjectId.optional(),
    serviceTypeId: calendarId,
    placeId: calendarId.optional().meta({ description: 'Left out: where agents have the fewest to call.' }),
    telephone: z
      .string()
      .regex(/^\+[1-9][0-9]{6,14}$/)
      .meta({ description: 'As +33612345678.' }),
    about: z.string().max(500).default(''),
    language: z.enum(['fr', 'en']),
    by: handGiven.optional(),
    mandate: mandateGiven.optional(),
  }),
  responses: { 201: { description: 'Who calls, and by when.', schema: callbackAnswered } },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'SERVICE_TYPE_UNKNOWN', 'APPOINTMENT_LIMIT_REACHED'] as const),
    ...(['PLACE_UNKNOWN', 'PLACE_CLOSED', 'APPOINTMENT_INVALID', 'MANDATE_MISSING', 'MANDATE_ENDED'] as const),
  ],
  handle: async ({ body, caller, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const answer = await neighbours.callbacks.requestCallback(
      {
        subject: concernedSubject(body.subject, caller()),
        serviceTypeId: body.serviceTypeId,
        placeId: body.placeId ?? '',
        telephone: body.telephone,
        about: body.about,
        language: body.language,
        by: handOf(body.by),
        mandate: body.mandate,
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { callback: callbackIn(answer) } }
  },
})
