import { z } from 'zod'

const usualPageSize = 50

/** How the size of a page must look; 0 means the usual one. */
export const pageSize = z.number().int().min(0).max(100)

export const pageSizeOf = (asked: number, usual: number = usualPageSize): number => asked || usual

/** A position in an order that only grows, or empty. */
export const positionToken = z.string().regex(/^([1-9][0-9]{0,14})?$/, 'not a page token of this list')

/** Contests are long: a page of them may hold fewer still. */
export const contestPageSize = z.number().int().min(0).max(50)
export const usualContests = 20
