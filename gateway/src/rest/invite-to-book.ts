import { z } from 'zod'
import { linkPath } from '../booking-addresses.js'
import { agentGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { calendarId } from './calendar-schemas.js'
import { msOf } from './list-query.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'

export const inviteToBook = operation({
  id: 'inviteToBook',
  method: 'POST',
  path: '/v1/appointments/links',
  summary: 'A link by which somebody books one appointment without an account; answered once, it works once',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    serviceTypeId: calendarId,
    placeIds: z.array(calendarId).max(100).default([]).meta({ description: 'Only there; none: anywhere.' }),
    subject: subjectId
      .optional()
      .meta({ description: 'Who is invited; left out: somebody whom the agency does not know.' }),
    isAccompanied: z.boolean().default(false),
    expiresAt: z.iso.datetime({ offset: true }).meta({ description: '1 to 366 days ahead.' }),
    by: agentGiven,
  }),
  responses: {
    201: {
      description: 'The address of the page; who knows it can book.',
      schema: z.strictObject({ linkId: z.string(), url: z.url() }),
    },
  },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'SERVICE_TYPE_UNKNOWN', 'PLACE_UNKNOWN', 'URGENT_SEEN_TODAY'] as const),
    ...(['BOOKING_NOT_ALLOWED', 'APPOINTMENT_INVALID'] as const),
  ],
  handle: async ({ body, accessToken, deadline, idempotencyKey }, { neighbours, config }) => {
    const { linkId, secret } = await neighbours.appointments.inviteToBook(
      {
        serviceTypeId: body.serviceTypeId,
        placeIds: body.placeIds,
        subject: body.subject ?? '',
        isAccompanied: body.isAccompanied,
        expiresAtMs: msOf(body.expiresAt),
        by: handOf(body.by),
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { linkId, url: `${config.publicUrl}${linkPath(secret)}` } }
  },
})
