import { Accessibility } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { z } from 'zod'
import { isDay } from '../domain/local-time.js'

/** How the fields look that requests about the calendar share. */
export const calendarId = z.string().regex(/^[a-z0-9-]{1,64}$/, 'not an id of a calendar')
export const dayOrEmpty = z.string().refine((text) => text === '' || isDay(text), 'not a day, YYYY-MM-DD')

/** What the slots of a search must have: as many accessibilities as there are, and a language tag (BCP 47) or none. */
export const searchedNeeds = {
  accessibility: z
    .array(z.number().int().min(1).max(Accessibility.ACCESSIBILITY_QUIET_ROOM))
    .max(Accessibility.ACCESSIBILITY_QUIET_ROOM),
  language: z
    .string()
    .regex(/^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$/, 'not a language tag')
    .max(35),
}
