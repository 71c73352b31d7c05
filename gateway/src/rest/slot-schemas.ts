import { z } from 'zod'
import { calendarId, meetingChannel } from './calendar-schemas.js'
import { bilingual, instant } from './schemas.js'

// Documented shapes of when somebody can be seen.

export const slot = z
  .strictObject({
    scheduleId: z.string(),
    serviceTypeId: z.string(),
    placeId: z.string(),
    startsAt: instant,
    endsAt: instant,
    localStart: z.string().meta({ description: 'Wall clock of the place with its offset.' }),
    zone: z.string(),
    channels: z.array(meetingChannel.or(z.literal('unknown'))),
    isReserved: z.boolean().meta({ description: 'Kept for people who are accompanied or vulnerable.' }),
    seatsLeft: z.number().int(),
    seats: z.number().int().meta({ description: 'Of the same meeting; more than 1 is a group.' }),
  })
  .meta({ id: 'Slot', description: 'A time at which somebody can be seen (FHIR: Slot).' })

export const walkInPlace = z.strictObject({
  placeId: z.string(),
  title: bilingual,
  address: z.string(),
  telephone: z.string(),
  hours: z.array(z.strictObject({ from: instant, to: instant })).meta({ description: 'Today, from now on.' }),
})

export const commune = z
  .strictObject({
    code: z.string().meta({ description: 'INSEE code.' }),
    name: z.string(),
    department: z.string().meta({ description: 'Its code, as `08`, `2A` or `974`.' }),
  })
  .meta({ id: 'Commune', description: 'A commune around which one can search.' })

/** A slot as it was answered by a search. */
export const slotChosen = z.strictObject({
  scheduleId: calendarId,
  serviceTypeId: calendarId,
  startsAt: z.iso.datetime({ offset: true }),
  units: z.number().int().min(1).max(10).default(1).meta({
    description: 'People or documents of one appointment, each of the whole duration.',
  }),
  channel: meetingChannel,
})

/** A parameter that may stand in a query several times. */
export const repeated = <T extends z.ZodType>(one: T, most: number) =>
  z.union([z.array(one).max(most), one.transform((value) => [value])])

export const yesOrNo = z.enum(['true', 'false'])
