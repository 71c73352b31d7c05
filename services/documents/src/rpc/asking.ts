import { type AskedFieldNeed, NeedToAsk } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { z } from 'zod'
import type { Need } from '../domain/re-ask.js'
import type { FieldNeed } from '../re-asks.js'
import { evidenceType, isPath, procedure, purpose, subject } from './fields.js'

const askedField = z.object({
  evidenceType,
  // A predicate's id is a path of one step.
  field: z.string().max(200).refine(isPath, 'not a path'),
})

/** How an asking must look. */
export const askingField = z.object({
  subject,
  purpose,
  procedure,
  fields: z
    .array(askedField)
    .min(1)
    .max(100)
    .refine(
      (fields) => new Set(fields.map((one) => `${one.evidenceType} ${one.field}`)).size === fields.length,
      'names a field twice',
    ),
  refusedConsentRequestId: z.string().max(200),
  isOwnWish: z.boolean(),
})

const wire: Readonly<Record<Need, NeedToAsk>> = {
  'nobody-holds-it': NeedToAsk.NEED_TO_ASK_NOBODY_HOLDS_IT,
  'none-confirmed-it': NeedToAsk.NEED_TO_ASK_NONE_CONFIRMED_IT,
  'consent-refused': NeedToAsk.NEED_TO_ASK_CONSENT_REFUSED,
  'own-wish': NeedToAsk.NEED_TO_ASK_OWN_WISH,
  none: NeedToAsk.NEED_TO_ASK_NONE,
}

export const toNeeds = (needs: readonly FieldNeed[]): AskedFieldNeed[] =>
  needs.map(({ field, need, holders }) => ({ field, need: wire[need], holders: [...holders] }))
