import { isSubjectId } from '@unefois/proto/ids'
import { z } from 'zod'

/** How the fields that several requests about appointments share must look; what fits no service type is refused by the handler. */
export const orEmpty = <S extends z.ZodType<string>>(schema: S) => z.union([schema, z.literal('')])
export const appointmentId = z.uuid()
export const subject = orEmpty(z.string().refine(isSubjectId, 'not a pseudonym'))
export const calendarId = z.string().regex(/^[a-z0-9-]{1,64}$/, 'not an id of the calendar')
export const momentMs = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

const channel = z.number().int().min(1).max(4)
export const slot = z.object({
  scheduleId: calendarId,
  serviceTypeId: calendarId,
  startsAtMs: momentMs,
  units: z.number().int().min(0).max(10),
  channel,
})

const shown = z.string().min(1).max(200)
export const secret = z
  .object({
    of: z
      .discriminatedUnion('$case', [
        z.object({ $case: z.literal('link'), value: shown }),
        z.object({ $case: z.literal('appointment'), value: shown }),
        z.object({ $case: z.literal('preApplication'), value: shown }),
      ])
      .optional(),
  })
  .optional()

const text = z.string().max(400)
const agent = z.object({ agentId: text, firstName: text, lastName: text, capacity: text, isUnnamed: z.boolean() })
const helper = z.object({ firstName: text, lastName: text, organisation: text })
const who = z.discriminatedUnion('$case', [
  z.object({ $case: z.literal('person'), value: z.boolean() }),
  z.object({ $case: z.literal('agent'), value: agent }),
  z.object({ $case: z.literal('helper'), value: helper }),
  z.object({ $case: z.literal('service'), value: z.boolean() }),
])
/** Whose hand it was; absent for a person and with a secret. */
export const by = z.object({ who: who.optional() }).optional()

export const mandate = z
  .object({ reference: z.string().max(400), fromDay: z.string().max(10), toDay: z.string().max(10) })
  .optional()

/** BCP 47, as "fr" or "pt-BR"; "fsl" is French sign language. */
const languageTag = z.string().regex(/^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8}){0,3}$/, 'not a language tag')
export const statedNeeds = z
  .object({
    isAccompanied: z.boolean(),
    accessibility: z.array(z.number().int().min(1).max(4)).max(10),
    language: orEmpty(languageTag),
  })
  .optional()

export const contact = z
  .object({ way: z.string().max(20), address: z.string().max(400), reachedAt: z.string().max(400).optional() })
  .optional()
