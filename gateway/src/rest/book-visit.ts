import { z } from 'zod'
import { handGiven } from './application-schemas.js'
import { handOf } from './application-views.js'
import { contactGiven, mandateGiven, needsGiven } from './appointment-schemas.js'
import { contactOf, needsOf } from './appointment-views.js'
import { bookingRefusals } from './booking-refusals.js'
import { concernedSubject } from './concerned-subject.js'
import { operation } from './operation.js'
import { subjectId } from './schemas.js'
import { slotChosenOf } from './slot-views.js'
import { visitAnswered, visitLegGiven } from './visit-schemas.js'
import { visitIn } from './visit-views.js'

export const bookVisit = operation({
  id: 'bookVisit',
  method: 'POST',
  path: '/v1/visits',
  summary: 'Has each agency pledge its slot, and books all of them once all have; otherwise all are given back',
  kinds: ['agency'],
  body: z.strictObject({
    visitId: z.uuid().meta({ description: 'The caller draws it; the same again answers what became of it.' }),
    subject: subjectId.optional(),
    legs: z
      .array(visitLegGiven)
      .min(2)
      .max(4)
      .meta({ description: 'At least one is the agency’s own; each is at the counter.' }),
    contact: contactGiven.default({ way: 'none', address: '' }),
    language: z.enum(['fr', 'en']),
    needs: needsGiven.prefault({}),
    by: handGiven.optional(),
    mandate: mandateGiven.optional(),
  }),
  responses: {
    200: {
      description: 'What became of it; final, and true also after a crash of any of them.',
      schema: visitAnswered,
    },
  },
  refusals: [
    ...bookingRefusals,
    ...(['VISIT_INVALID', 'VISIT_UNKNOWN', 'ASSURANCE_TOO_LOW', 'IDEMPOTENCY_KEY_REUSED'] as const),
  ],
  handle: async ({ body, caller, accessToken, deadline }, { neighbours }) => {
    const answer = await neighbours.visits.bookVisit(
      {
        visitId: body.visitId,
        subject: concernedSubject(body.subject, caller()),
        legs: body.legs.map(({ member, slot }) => ({ member, slot: slotChosenOf(slot) })),
        contact: contactOf(body.contact),
        language: body.language,
        needs: needsOf(body.needs),
        by: handOf(body.by),
        mandate: body.mandate,
      },
      { deadline, accessToken },
    )
    return { body: { visit: visitIn(answer) } }
  },
})
