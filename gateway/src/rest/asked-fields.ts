import { type AskedFieldNeed, type Asking, NeedToAsk } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { z } from 'zod'
import { fieldPath, memberId, name, opaqueId, subjectId } from './schemas.js'

/** A field in the words of the federation. */
export const askedField = z.strictObject({
  evidenceType: name,
  field: fieldPath.meta({ description: 'A path within the evidence, or the id of a predicate.' }),
})

/** What a form asks of a person. */
export const asking = z.strictObject({
  subject: subjectId.optional(),
  purpose: name,
  procedure: name,
  fields: z.array(askedField).min(1).max(100),
  refusedConsentRequestId: opaqueId.optional().meta({ description: 'The consent request that the person refused.' }),
  isOwnWish: z.boolean().default(false).meta({ description: 'The person was offered the exchange and prefers this.' }),
})

const needs = {
  'nobody-holds-it': NeedToAsk.NEED_TO_ASK_NOBODY_HOLDS_IT,
  'none-confirmed-it': NeedToAsk.NEED_TO_ASK_NONE_CONFIRMED_IT,
  'consent-refused': NeedToAsk.NEED_TO_ASK_CONSENT_REFUSED,
  'own-wish': NeedToAsk.NEED_TO_ASK_OWN_WISH,
  none: NeedToAsk.NEED_TO_ASK_NONE,
} as const
type Need = keyof typeof needs
const needNames = Object.keys(needs) as [Need, ...Need[]]

/** The answer for each field, in the order of the request. */
export const fieldNeeds = z.strictObject({
  needs: z.array(
    z.strictObject({
      ...askedField.shape,
      need: z.enum(needNames).meta({ description: 'Why the person must be asked; `none`: they need not be.' }),
      holders: z.array(memberId).meta({ description: 'Where `none`: the members that hold it lawfully in reach.' }),
    }),
  ),
})

/** As the contract has it. */
export const askingOf = (body: z.infer<typeof asking>, subject: string): Asking => ({
  ...body,
  subject,
  refusedConsentRequestId: body.refusedConsentRequestId ?? '',
})

export const fieldNeedsView = (found: readonly AskedFieldNeed[]) => ({
  needs: found.map(({ field, need, holders }) => ({
    ...field,
    need: needNames.find((each) => needs[each] === need) ?? 'nobody-holds-it',
    holders,
  })),
})
