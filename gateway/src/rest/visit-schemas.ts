import { z } from 'zod'
import { bilingual, instant, memberId } from './schemas.js'
import { slot, slotChosen } from './slot-schemas.js'

// Documented shapes of one visit to several agencies.

export const visitState = z.enum(['pledging', 'booked', 'released', 'cancelled'])

export const visitFound = z.strictObject({
  slots: z.array(z.strictObject({ member: z.string(), slot })).meta({ description: 'In the order of time.' }),
})

export const visitOffer = z
  .strictObject({
    member: z.string(),
    serviceTypeId: z.string(),
    title: bilingual,
    summary: bilingual,
    durationMinutes: z.number().int(),
    sharedPlace: z.string().meta({ description: 'Public id of the place.' }),
  })
  .meta({ id: 'VisitOffer', description: 'For what an agency sees somebody in visits, in one shared place.' })

export const visitLegGiven = z.strictObject({ member: memberId, slot: slotChosen })

export const visit = z
  .strictObject({
    visitId: z.string(),
    state: visitState
      .or(z.literal('unknown'))
      .meta({ description: '`released`: nothing is booked, and nothing kept.' }),
    legs: z.array(
      z.strictObject({
        member: z.string(),
        scheduleId: z.string(),
        serviceTypeId: z.string(),
        startsAt: instant,
        endsAt: instant,
        appointmentId: z.string().nullable().meta({ description: 'Of the agency’s own meetings.' }),
        isConfirmed: z.boolean().meta({ description: 'Whether that member has confirmed what became of the visit.' }),
        isCancelled: z.boolean().meta({ description: 'By that member; the other meetings stay.' }),
        cancelledBecause: z.string().nullable(),
      }),
    ),
    code: z.string().meta({ description: 'Shown at each counter.' }),
    refusedBy: z.string().nullable(),
    refusedBecause: z.string().nullable().meta({ description: 'From the closed list of reasons.' }),
  })
  .meta({ id: 'Visit', description: 'Meetings with several agencies, booked all of them or none.' })

export const visitAnswered = z.strictObject({ visit })
