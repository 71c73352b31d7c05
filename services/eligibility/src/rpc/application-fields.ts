import { z } from 'zod'
import { givenFacts } from './facts-given.js'

/** How the fields that several requests about applications share must look; what fits no procedure is refused by the handler. */
export const applicationId = z.uuid()
export const entries = z.array(z.object({ field: z.string().min(1).max(64), text: z.string().max(20_000) })).max(200)
export const facts = givenFacts

const text = z.string().max(400)
const agent = z.object({ agentId: text, firstName: text, lastName: text, capacity: text, isUnnamed: z.boolean() })
const helper = z.object({ firstName: text, lastName: text, organisation: text })
const who = z.discriminatedUnion('$case', [
  z.object({ $case: z.literal('person'), value: z.boolean() }),
  z.object({ $case: z.literal('agent'), value: agent }),
  z.object({ $case: z.literal('helper'), value: helper }),
  z.object({ $case: z.literal('service'), value: z.boolean() }),
])
/** Whose hand it was; absent for a person. */
export const by = z.object({ who: who.optional() }).optional()

/** Words that say something. */
export const words = (least: number, most: number) =>
  z
    .string()
    .max(most)
    .refine((said) => said.trim().length >= least, `has at least ${least} characters`)
