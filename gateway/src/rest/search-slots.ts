import { z } from 'zod'
import { accessibility, calendarId, languageTag, localDay, meetingChannel } from './calendar-schemas.js'
import { accessibilityOf, channelAsked } from './calendar-views.js'
import { listQuery, pageOf } from './list-query.js'
import { operation } from './operation.js'
import { repeated, slot, walkInPlace, yesOrNo } from './slot-schemas.js'
import { slotView, walkInPlaceView } from './slot-views.js'

const mostPlaces = 100
const mostSlots = 1000
const usualKilometres = 20

export const searchSlots = operation({
  id: 'searchSlots',
  method: 'GET',
  path: '/v1/slots',
  summary: 'Free slots, the earliest first; of an urgent service type where to come today instead',
  kinds: ['agency'],
  query: listQuery(
    {
      serviceType: calendarId,
      place: repeated(calendarId, mostPlaces)
        .optional()
        .meta({ description: 'Only there; may be repeated. None: anywhere.' }),
      near: z
        .string()
        .regex(/^[0-9AB]{5}$/)
        .optional()
        .meta({ description: 'INSEE code: only within a distance of the centre of this commune.' }),
      kilometres: z.coerce
        .number<string>()
        .int()
        .min(1)
        .max(200)
        .optional()
        .meta({
          description: `The distance; ${usualKilometres} unless said.`,
        }),
      channel: meetingChannel.optional(),
      accessibility: repeated(accessibility, 4).optional().meta({ description: 'All of them; may be repeated.' }),
      language: languageTag.optional().meta({ description: 'One that the practitioner speaks.' }),
      from: localDay.optional(),
      to: localDay.optional().meta({ description: 'Included; at most 92 days.' }),
      units: z.coerce.number<string>().int().min(1).max(10).optional().meta({
        description: 'People or documents of one appointment, each of the whole duration.',
      }),
      accompanied: yesOrNo.optional().meta({
        description: 'Stated by the person or who helps them: slots kept for them are shown. No proof is asked.',
      }),
      allOfPeriod: yesOrNo.optional().meta({
        description: 'Every slot of the period, one after the other; up to 1000 on a page.',
      }),
    },
    mostSlots,
  ),
  responses: {
    200: {
      description: 'The slots that follow.',
      schema: z.strictObject({
        slots: z.array(slot),
        walkInPlaces: z.array(walkInPlace),
        from: z.string().meta({ description: 'Local days that were looked through.' }),
        to: z.string(),
        nextPageToken: z.string().nullable(),
      }),
    },
  },
  refusals: [
    ...(['CALLER_NOT_ALLOWED', 'SERVICE_TYPE_UNKNOWN', 'PLACE_UNKNOWN', 'COMMUNE_UNKNOWN', 'TIME_PASSED'] as const),
    ...(['RANGE_INVERTED', 'RANGE_TOO_LONG', 'APPOINTMENT_INVALID', 'PAGE_TOKEN_MISMATCH'] as const),
  ],
  handle: async ({ query, accessToken, deadline }, { neighbours }) => {
    const found = await neighbours.slots.searchSlots(
      {
        serviceTypeId: query.serviceType,
        placeIds: query.place ?? [],
        near:
          query.near === undefined
            ? undefined
            : { commune: query.near, kilometres: query.kilometres ?? usualKilometres },
        channel: channelAsked(query.channel),
        accessibility: (query.accessibility ?? []).map((one) => accessibilityOf[one]),
        language: query.language ?? '',
        fromDay: query.from ?? '',
        toDay: query.to ?? '',
        units: query.units ?? 0,
        isAccompanied: query.accompanied === 'true',
        allOfPeriod: query.allOfPeriod === 'true',
        ...pageOf(query),
      },
      { deadline, accessToken },
    )
    return {
      body: {
        slots: found.slots.map(slotView),
        walkInPlaces: found.walkInPlaces.map(walkInPlaceView),
        from: found.fromDay,
        to: found.toDay,
        nextPageToken: found.nextPageToken || null,
      },
    }
  },
})
