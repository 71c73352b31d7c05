import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { calendarMediaType } from './get-calendar-file.js'
import { operation } from './operation.js'

const secretShape = /^[A-Za-z0-9_-]{43}$/

export const readFeed = operation({
  id: 'readFeed',
  method: 'GET',
  path: '/v1/calendar/feeds/{secret}.ics',
  summary: 'A practitioner’s appointments for their calendar program (RFC 5545): times, what for, and a code; no names',
  kinds: ['agency'],
  isPublic: true,
  params: z.strictObject({ secret: z.string().max(100) }),
  responses: { 200: { description: 'iCalendar.', schema: z.string(), mediaType: calendarMediaType } },
  refusals: ['FEED_UNKNOWN'],
  handle: async ({ params, deadline }, { neighbours }) => {
    // What cannot be a secret is no other answer than one that is none.
    if (!secretShape.test(params.secret)) throw new MeshError('FEED_UNKNOWN')
    const { icalendar } = await neighbours.calendar.readFeed({ secret: params.secret }, { deadline })
    return { body: icalendar }
  },
})
