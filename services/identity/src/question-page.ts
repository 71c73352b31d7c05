import { z } from 'zod'
import type { Question } from './domain/question.js'
import type { QuestionPosition } from './store/questions.js'

const usualPage = 50
const largestPage = 200

export const pageSizeField = z.number().int().min(0).max(largestPage)

/** How many a page has when this many were asked for. */
export const pageSizeOf = (asked: number): number => asked || usualPage

const position = /^([0-9]{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** A place in the order of questions, as a page token carries it. */
export const questionTokenField = z.string().refine((text) => text === '' || position.test(text), 'not a page token')

/** Undefined for the first page. */
export const positionOf = (token: string): QuestionPosition | undefined => {
  const [, askedAtMs, id] = position.exec(token) ?? []
  return id === undefined ? undefined : { askedAtMs: Number(askedAtMs), id }
}

/** The page that was asked for of the questions found, of which there is one more when there is a next page. */
export const pageOf = (
  found: readonly Question[],
  size: number,
): { readonly page: readonly Question[]; readonly nextPageToken: string } => {
  const page = found.slice(0, size)
  const last = page.at(-1)
  return { page, nextPageToken: found.length > size && last ? `${last.askedAtMs}.${last.id}` : '' }
}
