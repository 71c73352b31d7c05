import { z } from 'zod'
import { factsUsed, notObtained } from './assessment-views.js'
import { finding, parisDay } from './eligibility-schemas.js'
import { bilingual, instant } from './schemas.js'

// Documented shapes of reviews: decisions whose evidence was corrected or changed since.

/** What the path of an operation on one review names. */
export const reviewNamed = z.strictObject({ id: z.uuid() })

export const reviewState = z.enum(['open', 'reassessed', 'observations-invited', 'upheld', 'replaced'])

export const direction = z.enum(['favourable', 'unfavourable', 'same', 'unknown']).meta({
  description: 'What a new decision would mean to the person; nothing is decided against anybody on an unknown.',
})

export const review = z
  .strictObject({
    reviewId: z.string(),
    decisionId: z.string(),
    applicationId: z.string(),
    subject: z.string(),
    procedure: z.string(),
    state: reviewState.or(z.literal('unknown')),
    openedAt: instant,
    causes: z
      .array(
        z.strictObject({
          kind: z.string().meta({ description: '`corrected`: it was wrong; `changed`: it is another now.' }),
          provider: z.string(),
          evidenceType: z.string(),
          reference: z.string().meta({ description: 'The id of the correction, or of the subscription.' }),
          at: instant,
        }),
      )
      .meta({ description: 'Why it was opened, and what came to it since.' }),
    reassessment: z
      .strictObject({
        at: instant,
        direction,
        finding: finding.nullable(),
        used: factsUsed,
        notObtained,
      })
      .nullable()
      .meta({ description: 'What the release that was applied then finds now; null before anybody asked.' }),
    limits: z
      .array(
        z.strictObject({
          title: bilingual,
          lastDay: parisDay,
          isOver: z.boolean(),
          legalReference: z.string(),
        }),
      )
      .meta({ description: 'Until when the agency may itself take the decision back; shown, and applied by nobody.' }),
    observationsUntilDay: parisDay
      .nullable()
      .meta({ description: 'The last day for the person’s observations; null before they were invited.' }),
    words: z.string().nullable().meta({ description: 'Why the decision was upheld.' }),
    replacedBy: z.string().nullable().meta({ description: 'The decision in its place.' }),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'Review' })

export const reviewAnswered = z.strictObject({ review })
