import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { appointmentsAnswered, contactGiven, mandateGiven, needsGiven } from './appointment-schemas.js'
import { appointmentView, contactOf, needsOf } from './appointment-views.js'
import { bookingRefusals } from './booking-refusals.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'
import { slotChosen } from './slot-schemas.js'
import { slotChosenOf } from './slot-views.js'

const most = 12

export const bookAppointment = operation({
  id: 'bookAppointment',
  method: 'POST',
  path: '/v1/appointments',
  summary: 'Books slots, held or free, all of them or none; several are one series',
  kinds: ['agency'],
  hasEffect: true,
  body: z
    .strictObject({
      subject: subjectId.optional(),
      holdIds: z.array(z.uuid()).max(most).default([]),
      slots: z.array(slotChosen).max(most).default([]),
      needs: needsGiven.prefault({}),
      contact: contactGiven.default({ way: 'none', address: '' }),
      language: z.enum(['fr', 'en']),
      note: z.string().max(1000).default(''),
      preApplications: z
        .array(z.string().max(20))
        .max(most)
        .default([])
        .meta({ description: 'Of the national hub, one for each unit.' }),
      isSecondConfirmed: z.boolean().default(false).meta({
        description: 'Where the hub knows another appointment: book nevertheless.',
      }),
      by: handGiven.optional(),
      mandate: mandateGiven.optional(),
    })
    .refine(({ holdIds, slots }) => (holdIds.length === 0) !== (slots.length === 0), {
      path: ['slots'],
      error: 'either holds or slots are booked',
    }),
  responses: { 201: { description: 'Booked.', schema: appointmentsAnswered } },
  refusals: [
    ...bookingRefusals,
    ...(['HOLD_UNKNOWN', 'HOLD_EXPIRED', 'PRE_APPLICATION_INVALID', 'PRE_APPLICATION_NOT_VALIDATED'] as const),
    ...(['PRE_APPLICATION_ALREADY_BOOKED', 'HUB_UNREACHABLE'] as const),
  ],
  handle: async ({ body, caller, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { appointments } = await neighbours.appointments.bookAppointment(
      {
        subject: concernedSubject(body.subject, caller()),
        holdIds: body.holdIds,
        slots: body.slots.map(slotChosenOf),
        needs: needsOf(body.needs),
        contact: contactOf(body.contact),
        language: body.language,
        note: body.note,
        preApplications: body.preApplications,
        isSecondConfirmed: body.isSecondConfirmed,
        by: handOf(body.by),
        secret: undefined,
        mandate: body.mandate,
      },
      { deadline, accessToken, idempotencyKey },
    )
    return { status: 201, body: { appointments: appointments.map(appointmentView) } }
  },
})
