import { z } from 'zod'
import { accessibility, calendarId, languageTag, localDay } from './calendar-schemas.js'
import { accessibilityOf } from './calendar-views.js'
import { operation } from './operation.js'
import { memberId } from './schemas.js'
import { slotView } from './slot-views.js'
import { visitFound } from './visit-schemas.js'

export const searchVisits = operation({
  id: 'searchVisits',
  method: 'POST',
  path: '/v1/visits/search',
  summary: 'When several agencies can see somebody one after the other in a shared place',
  kinds: ['agency'],
  body: z.strictObject({
    sharedPlace: z.string().min(1).max(64).meta({ description: 'Public id of the place that the agencies share.' }),
    wishes: z
      .array(z.strictObject({ member: memberId, serviceTypeId: calendarId }))
      .min(2)
      .max(4)
      .meta({ description: 'In any order.' }),
    fromDay: localDay,
    toDay: localDay.meta({ description: 'Included; at most 31 days.' }),
    longestWaitMinutes: z.number().int().min(0).max(120).default(0).meta({
      description: 'Between two meetings; 0: 30.',
    }),
    isAccompanied: z.boolean().default(false),
    accessibility: z.array(accessibility).max(4).default([]).meta({ description: 'All of them, at each meeting.' }),
    language: languageTag.optional().meta({ description: 'One that the practitioner of each meeting speaks.' }),
    most: z.number().int().min(1).max(20).default(10),
  }),
  responses: {
    200: {
      description: 'The visits found, the earliest first.',
      schema: z.strictObject({
        visits: z.array(visitFound),
        withoutMembers: z.array(z.string()).meta({
          description:
            'Members that did not answer, do not take visits of this one, or do not know the accessibility and the language asked for.',
        }),
      }),
    },
  },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'VISIT_INVALID', 'SERVICE_TYPE_UNKNOWN', 'PLACE_UNKNOWN', 'MEMBER_UNKNOWN'] as const),
    ...(['RANGE_INVERTED', 'RANGE_TOO_LONG', 'TIME_PASSED', 'APPOINTMENT_INVALID'] as const),
  ],
  handle: async ({ body, accessToken, deadline }, { neighbours }) => {
    const accessibilities = body.accessibility.map((one) => accessibilityOf[one])
    const found = await neighbours.visits.searchVisits(
      { ...body, accessibility: accessibilities, language: body.language ?? '' },
      { deadline, accessToken },
    )
    return {
      body: {
        visits: found.visits.map(({ slots }) => ({
          slots: slots.flatMap(({ member, slot }) => (slot ? [{ member, slot: slotView(slot) }] : [])),
        })),
        withoutMembers: found.withoutMembers,
      },
    }
  },
})
