import { isBasisId, isMemberId, isSubjectId } from '@unefois/proto/ids'
import { parsePath } from '@unefois/proto/mask'
import { z } from 'zod'

/** How the fields that several requests share must look. */
export const subject = z.string().refine(isSubjectId, 'not a pseudonym')
export const member = z.string().refine(isMemberId, 'not a member id')
export const basis = z.string().refine(isBasisId, 'not a basis id')
export const evidenceType = z.string().regex(/^[a-z][a-z0-9-]{1,63}$/, 'not an evidence type')
export const purpose = z.string().regex(/^[a-z][a-z0-9-]{1,63}$/, 'not a purpose')
export const procedure = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'not a procedure')
export const token = z.string().min(1).max(8192)
export const instantMs = z.number().int().positive()
export const isPath = (path: string): boolean => {
  try {
    return parsePath(path).length > 0
  } catch {
    return false
  }
}
export const fieldPaths = z.array(z.string().min(1).max(200)).max(100)
export const related = z.array(z.object({ relation: z.string().min(1).max(64), subject })).max(100)
