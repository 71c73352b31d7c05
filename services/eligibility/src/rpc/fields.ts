import { z } from 'zod'

/** How the fields that several requests share must look. */
export const name = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'not a name')
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256, 64 lower-case hexadecimal digits')
export const day = z.iso.date()
export const source = z.string().min(1)
export const orEmpty = <S extends z.ZodType<string>>(schema: S) => z.union([schema, z.literal('')])
export const pageSize = z.number().int().min(0).max(200)

const usualPageSize = 50
export const pageSizeOf = (asked: number): number => asked || usualPageSize
