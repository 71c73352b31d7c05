import { isBasisId, isMemberId, isSubjectId } from '@unefois/proto/ids'
import { z } from 'zod'
import { name } from './fields.js'

/** How a person is named in a request. */
export const subject = z.string().refine(isSubjectId, 'not a pseudonym')

const basis = z.object({
  provider: z.string().refine(isMemberId, 'not a member id'),
  purpose: name,
  basisId: z.string().refine(isBasisId, 'not a basis id'),
})
/** Of whom, and on what basis, what is missing may be asked. */
export const bases = z.array(basis).max(20)
