/** Fields that several requests have in common, as both roles read them. */
import { isBasisId, isMemberId, isSubjectId } from '@unefois/proto/ids'
import { z } from 'zod'

export const subjectField = z.string().refine(isSubjectId, 'not a pseudonym')
export const memberField = z.string().refine(isMemberId, 'not a member id')
export const basisField = z.string().refine(isBasisId, 'not a basis id')
/** As the federation list spells purposes. */
export const purposeField = z.string().regex(/^[a-z][a-z0-9-]{1,63}$/, 'not a purpose id')
/** Empty when nobody logged in. */
export const loginHandleField = z.string().regex(/^[A-Za-z0-9_-]{0,64}$/, 'not a login handle')

export const questionField = z.uuid()
/** How an agency's system names its staff. */
export const staffField = z.string().regex(/^[\x21-\x7e]{1,64}$/, 'not a staff reference')
/** What a human writes to explain a decision. */
export const whyField = z.string().trim().min(3).max(500)
/** A protection's own id, in the one spelling that the database has too. */
export const protectionIdField = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'not a UUID in lower case')
/** A protection as a system asks for it; a day too far ahead is refused where there is a clock. */
export const protectionField = z.object({
  protectionId: protectionIdField,
  subjects: z
    .array(subjectField)
    .min(1)
    .max(20)
    .refine((subjects) => new Set(subjects).size === subjects.length, 'somebody twice'),
  ground: z.number().int().min(1).max(5),
  reference: z.string().trim().min(1).max(200),
  until: z.iso.date(),
  decidedBy: staffField,
})
/** How many people one call may be about. */
export const mostAtOnce = 500

const name = z.string().trim().min(1).max(200)
/** INSEE codes (COG) of communes and countries. */
const placeCode = z.string().regex(/^[0-9AB]{5}$/, 'not an INSEE code')
const birthdate = z
  .string()
  .regex(/^(1[89]|20)\d{2}-(00-00|(0[1-9]|1[0-2])-(0\d|[12]\d|3[01]))$/, 'not YYYY-MM-DD, with 00 for what is presumed')
const none = z.literal('')

/** A pivot identity that may lack what its holder does not know; what is lacking makes a doubt. */
export const pivotField = z.object({
  givenName: name,
  familyName: name,
  birthdate,
  gender: z.enum(['male', 'female', '']),
  birthplace: z.union([placeCode, none]),
  birthcountry: z.union([placeCode, none]),
  preferredUsername: name.optional(),
})

const bornInFrance = '99100'

/** A complete pivot identity, as the register keeps it. */
export const completePivotField = pivotField
  .extend({ gender: z.enum(['male', 'female']), birthcountry: placeCode })
  .refine(({ birthplace, birthcountry }) => birthplace !== '' || birthcountry !== bornInFrance, {
    path: ['birthplace'],
    message: 'missing for somebody born in France',
  })
