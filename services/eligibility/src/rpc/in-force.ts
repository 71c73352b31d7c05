import type { Queryable } from '@unefois/chassis/postgres'
import type { NoRelease } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import type { ReadRelease, RuleBook } from '../rule-book.js'
import { releaseView } from './release-view.js'

/** The release in force on a day, or that there is none. Error: BENEFIT_UNKNOWN where there never was one. */
export const inForceOn = async (
  book: RuleBook,
  benefit: string,
  day: string,
  db?: Queryable,
): Promise<ReadRelease | { readonly noRelease: NoRelease }> => {
  const found = await book.onDay(benefit, day, db)
  if ('inForce' in found) return found.inForce
  if (!found.nearest) throw new MeshError('BENEFIT_UNKNOWN')
  return { noRelease: { day, nearest: releaseView(book, found.nearest) } }
}
