import { z } from 'zod'
import { isDay } from '../domain/local-time.js'

/** How the fields look that requests about the calendar share. */
export const calendarId = z.string().regex(/^[a-z0-9-]{1,64}$/, 'not an id of a calendar')
export const dayOrEmpty = z.string().refine((text) => text === '' || isDay(text), 'not a day, YYYY-MM-DD')
