import { z } from 'zod'
import { hand } from './application-schemas.js'
import { givenBasis, notObtained } from './assessment-views.js'
import { accessibility, languageTag, meetingChannel, offeredPlace } from './calendar-schemas.js'
import { parisDay } from './eligibility-schemas.js'
import { bilingual, instant, route } from './schemas.js'

// Documented shapes of what somebody books, until the meeting is over.

/** What the path of an operation on one appointment names. */
export const appointmentNamed = z.strictObject({ id: z.uuid() })

export const appointmentState = z.enum(['held', 'booked', 'arrived', 'fulfilled', 'cancelled', 'no-show'])
const told = z.string().nullable()

export const contactWay = z.enum(['email', 'sms', 'telephone', 'post', 'none'])

export const contactGiven = z
  .strictObject({
    way: contactWay,
    address: z.string().max(500).default(''),
    reachedAt: z.string().max(400).optional().meta({
      description:
        'Where the agent reaches the person then: for a call the number, for a visit at home the address. Left out: the address beside it, if it is one.',
    }),
  })
  .meta({ description: 'How the person wants to hear of it: an e-mail address, a number as +33612345678, an address.' })

export const contactShown = z
  .strictObject({
    way: z.string(),
    address: z.string(),
    reachedAt: told.meta({ description: 'Of a call the number, of a visit at home the address.' }),
  })
  .nullable()

export const needsGiven = z
  .strictObject({
    isAccompanied: z.boolean().default(false),
    accessibility: z.array(accessibility).max(4).default([]),
    language: languageTag.or(z.literal('')).default('').meta({ description: 'Of an interpreter.' }),
  })
  .meta({ description: 'What the person or who helps them says they need; never inferred, and no proof is asked.' })

export const mandateGiven = z
  .strictObject({
    reference: z.string().min(1).max(128).meta({ description: 'The helper’s own.' }),
    fromDay: parisDay,
    toDay: parisDay,
  })
  .meta({ description: 'The mandate by which a helper acts.' })

export const basesGiven = z.array(givenBasis).max(20).default([])

export const preparation = z.strictObject({
  preparedAt: instant.nullable(),
  had: z.array(
    z.strictObject({
      title: bilingual,
      provider: z.string(),
      evidenceType: z.string(),
      fields: z.array(z.string()),
      exchangeId: z.string(),
    }),
  ),
  notObtained,
  toBring: z.array(z.strictObject({ title: bilingual, routes: z.array(route) })),
})

export const appointment = z
  .strictObject({
    appointmentId: z.string(),
    subject: told.meta({ description: 'Null for somebody without an account.' }),
    title: bilingual,
    serviceTypeId: z.string(),
    scheduleId: z.string(),
    placeId: z.string(),
    place: offeredPlace.nullable().meta({ description: 'As who has an appointment there may know it.' }),
    practitionerId: told,
    practitionerShown: told.meta({ description: 'What the person sees of who receives them.' }),
    state: appointmentState.or(z.literal('unknown')),
    revision: z.number().int().meta({ description: 'Grows with each change; SEQUENCE of RFC 5545.' }),
    startsAt: instant,
    endsAt: instant,
    localStart: z.string().meta({ description: 'Wall clock of the place with its offset.' }),
    zone: z.string(),
    channel: meetingChannel.or(z.literal('unknown')),
    units: z.number().int(),
    seats: z.number().int().nullable().meta({ description: 'Of the same meeting; more than 1 is a group.' }),
    needs: z.strictObject({
      isAccompanied: z.boolean(),
      accessibility: z.array(accessibility.or(z.literal('unknown'))),
      language: z.string(),
    }),
    contact: contactShown,
    language: z.string(),
    note: z.string(),
    preApplications: z.array(z.string()),
    seriesId: told,
    visitId: told,
    visitCode: told.meta({
      description: 'Of a visit of another agency: what the person shows in the place of a name.',
    }),
    bookedAt: instant.nullable(),
    bookedBy: hand.nullable(),
    cancelledBy: hand.nullable(),
    cancelledBecause: told,
    attendedBy: hand.nullable(),
    mandate: mandateGiven.nullable(),
    heldUntil: instant.nullable(),
    preparation: preparation.nullable(),
  })
  .meta({ id: 'Appointment', description: 'FHIR: Appointment.' })

export const appointmentAnswered = z.strictObject({ appointment })
export const appointmentsAnswered = z.strictObject({ appointments: z.array(appointment) })
