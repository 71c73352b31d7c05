import { z } from 'zod'
import { hand } from './application-schemas.js'
import { instant } from './schemas.js'

// Documented shapes of people who come without an appointment, and of those who want to be called.

export const ticketState = z.enum(['waiting', 'called', 'seen', 'left'])

export const ticket = z
  .strictObject({
    ticketId: z.string(),
    placeId: z.string(),
    serviceTypeId: z.string(),
    day: z.string().meta({ description: 'Local day of the place.' }),
    number: z.number().int().meta({ description: 'On that day, from 1.' }),
    state: ticketState.or(z.literal('unknown')),
    isUrgent: z.boolean(),
    takenAt: instant,
    before: z.number().int().meta({ description: 'How many are called before; 0 once called.' }),
    practitionerId: z.string().nullable(),
    calledAt: instant.nullable(),
    until: instant.nullable().meta({ description: 'Until when the practitioner’s time is taken.' }),
    subject: z.string().nullable(),
    takenBy: hand.nullable().meta({ description: 'Who took it for them.' }),
    calledBy: hand.nullable().meta({ description: 'Who called it.' }),
  })
  .meta({ id: 'Ticket', description: 'A number that somebody holds who came without an appointment.' })

export const ticketAnswered = z.strictObject({ ticket })

export const callbackState = z.enum(['open', 'reached', 'not-reached'])

export const callback = z
  .strictObject({
    callbackId: z.string(),
    subject: z.string(),
    serviceTypeId: z.string(),
    placeId: z.string(),
    telephone: z.string(),
    about: z.string(),
    language: z.string(),
    state: callbackState.or(z.literal('unknown')).meta({ description: '`not-reached`: three tries in vain.' }),
    requestedAt: instant,
    dueAt: instant.meta({ description: 'By when somebody calls.' }),
    practitionerId: z.string().nullable(),
    practitionerShown: z.string().nullable().meta({ description: 'What the person sees of who calls.' }),
    tries: z.number().int(),
    endedAt: instant.nullable().meta({ description: 'Null while it is open.' }),
    calledBy: hand.nullable().meta({ description: 'Who called last.' }),
  })
  .meta({ id: 'Callback', description: 'Somebody who wants to be called.' })

export const callbackAnswered = z.strictObject({ callback })
