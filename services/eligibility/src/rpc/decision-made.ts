import { z } from 'zod'
import { day, orEmpty } from './fields.js'

/** How what an agency decides must look in a request; what it must say is the domain's to judge. */
export const decisionMade = z.object({
  outcome: z.number().int(),
  reasons: z.string().max(8000),
  gives: z.string().max(2000),
  fromDay: orEmpty(day),
  toDay: orEmpty(day),
})

/** The review that a decision ends; empty for one that comes in the place of none. */
export const reviewEnded = orEmpty(z.uuid())
