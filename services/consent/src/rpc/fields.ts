import { isBasisId, isMemberId, isSubjectId } from '@unefois/proto/ids'
import { z } from 'zod'

const isUnique = (list: readonly string[]): boolean => new Set(list).size === list.length
const name = z.string().regex(/^[a-z][a-z0-9-]{1,63}$/, 'not a name')

/** How the fields that several requests share must look. */
export const subject = z.string().refine(isSubjectId, 'not a pseudonym')
export const member = z.string().refine(isMemberId, 'not a member id')
export const basis = z.string().refine(isBasisId, 'not a basis id')
export const purpose = name
export const campaign = name
export const providers = z.array(member).min(1).max(20).refine(isUnique, 'names one twice')
export const evidenceTypes = z.array(name).min(1).max(20).refine(isUnique, 'names one twice')
export const durationDays = z.number().int().min(1).max(365)
export const returnUrl = z.string().min(1).max(2000)
export const language = z.enum(['fr', 'en'])
export const token = z.string().min(1).max(8192)
export const requestId = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/, 'not a request id')
export const nonce = z.instanceof(Uint8Array).refine((bytes) => bytes.length === 16, 'not 16 bytes')
export const position = z.number().int().nonnegative()
/** A basis id, or nothing where the ticket stands on none. */
export const optionalBasis = z.union([basis, z.literal('')])
