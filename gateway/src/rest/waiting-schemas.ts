import { z } from 'zod'
import { contactGiven, contactShown, needsGiven } from './appointment-schemas.js'
import { accessibility, calendarId, localDay, meetingChannel } from './calendar-schemas.js'
import { instant } from './schemas.js'
import { slot } from './slot-schemas.js'

// Documented shapes of who waits for an earlier slot.

export const waitingState = z.enum(['waiting', 'offered', 'booked', 'left', 'ended'])

export const waitingGiven = {
  serviceTypeId: calendarId,
  placeIds: z.array(calendarId).max(20).default([]).meta({ description: 'None: anywhere.' }),
  channel: meetingChannel.optional().meta({ description: 'Left out: any.' }),
  fromDay: localDay,
  toDay: localDay.meta({ description: 'Included; at most 366 days.' }),
  booksByItself: z.boolean().default(false).meta({ description: 'Otherwise a slot is offered for some time.' }),
  offerMinutes: z.number().int().min(30).max(2880).optional().meta({ description: 'How long; 120 unless said.' }),
  needs: needsGiven.prefault({}).meta({
    description:
      'What the person or who helps them says they need; never inferred, and no proof is asked. A slot that they are given has the accessibility, and a practitioner who speaks the language.',
  }),
  contact: contactGiven.default({ way: 'none', address: '' }),
  language: z.enum(['fr', 'en']),
}

export const waiting = z
  .strictObject({
    waitingId: z.string(),
    subject: z.string(),
    serviceTypeId: z.string(),
    placeIds: z.array(z.string()),
    channel: meetingChannel.or(z.literal('unknown')).nullable(),
    fromDay: z.string(),
    toDay: z.string(),
    booksByItself: z.boolean(),
    offerMinutes: z.number().int(),
    needs: z.strictObject({
      isAccompanied: z.boolean(),
      accessibility: z.array(accessibility.or(z.literal('unknown'))),
      language: z.string(),
    }),
    contact: contactShown,
    language: z.string(),
    state: waitingState.or(z.literal('unknown')),
    since: instant,
    appointmentId: z.string().nullable().meta({ description: 'While offered, or once booked.' }),
    slot: slot.nullable(),
    offeredUntil: instant.nullable(),
  })
  .meta({ id: 'Waiting', description: 'Somebody for whom no slot is early enough.' })

export const waitingAnswered = z.strictObject({ waiting })
