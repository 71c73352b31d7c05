import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { type Closeness, compare, type Doubt } from './comparison.js'
import { type NormalisedPivot, normalisePivot } from './normal-form.js'
import type { PersonId } from './person.js'

/**
 * Whether two pivot identities are one person: same, different, or a question for a human. A wrong "same" shows one
 * person's file to another, so every doubt goes to a human.
 */
export type PairMatch = 'same' | 'different' | 'ask-human'

/** Somebody in the register who could be meant. */
export interface Candidate {
  readonly person: PersonId
  readonly pivot: PivotIdentity
  /** Pivot identities that were registered before a correction: another first name, another sex marker. */
  readonly former: readonly PivotIdentity[]
  readonly isDeceased: boolean
}

/**
 * What the register covers: countries of birth (COG) of which it holds everybody. Only there does it mean something that
 * nobody else in it has the same first given names.
 */
export type Coverage = readonly string[]

export type Matching =
  | { readonly kind: 'same'; readonly person: PersonId }
  | { readonly kind: 'different' }
  | { readonly kind: 'ask-human'; readonly candidates: readonly PersonId[] }

type Grade = Closeness | 'formerly-equal'

interface Judged {
  readonly person: PersonId
  readonly grade: Grade
  readonly isDeceased: boolean
}

const ranks: Record<Grade, number> = {
  equal: 0,
  'formerly-equal': 1,
  fewer: 2,
  near: 3,
  namesake: 4,
  far: 5,
  different: 6,
}

/** What was registered once is as good as what is now only when it is complete. */
const ofFormer = (closeness: Closeness): Grade => {
  if (closeness === 'equal') return 'formerly-equal'
  return closeness === 'fewer' ? 'near' : closeness
}

const judge = (asked: NormalisedPivot, { person, pivot, former, isDeceased }: Candidate): Judged => {
  const grades = [
    compare(asked, normalisePivot(pivot)).closeness,
    ...former.map((each) => ofFormer(compare(asked, normalisePivot(each)).closeness)),
  ]
  const grade = grades.reduce((best, each) => (ranks[each] < ranks[best] ? each : best))
  return { person, grade, isDeceased }
}

/** The only person who is surely meant, if there is one. */
const sureOne = (close: readonly Judged[], asked: NormalisedPivot, coverage: Coverage): Judged | undefined => {
  const [best, ...others] = close
  if (!best || best.isDeceased) return undefined
  switch (best.grade) {
    case 'equal':
      // A twin's other name makes no doubt of a complete one; whatever a copyist could have made of it does.
      return others.every(({ grade }) => grade === 'namesake') ? best : undefined
    case 'formerly-equal':
      return others.length === 0 ? best : undefined
    case 'fewer':
      return others.length === 0 && coverage.includes(asked.birthcountry) ? best : undefined
    default:
      return undefined
  }
}

/** Compares two pivot identities; symmetric. Fewer given names on one side are a question for a human between two alone. */
export const matchPair = (a: PivotIdentity, b: PivotIdentity): PairMatch => {
  const { closeness } = compare(normalisePivot(a), normalisePivot(b))
  if (closeness === 'equal') return 'same'
  return closeness === 'different' ? 'different' : 'ask-human'
}

/** The elements on which an asked pivot identity does not plainly agree with a registered one. */
export const doubtsOf = (asked: PivotIdentity, held: PivotIdentity): readonly Doubt[] =>
  compare(normalisePivot(asked), normalisePivot(held)).doubts

/** Finds a person among candidates: the only one who is surely meant, or else a question about all who could be. */
export const matchAmong = (pivot: PivotIdentity, candidates: readonly Candidate[], coverage: Coverage): Matching => {
  const asked = normalisePivot(pivot)
  const possible = candidates
    .map((candidate) => judge(asked, candidate))
    .filter(({ grade }) => grade !== 'different')
    .sort((a, b) => ranks[a.grade] - ranks[b.grade])
  // A change of given names and gender together is thought of only when nobody else could be meant.
  const close = possible.filter(({ grade }) => grade !== 'far')
  const meant = close.length > 0 ? close : possible
  if (meant.length === 0) return { kind: 'different' }
  const sure = sureOne(meant, asked, coverage)
  if (sure) return { kind: 'same', person: sure.person }
  return { kind: 'ask-human', candidates: meant.map(({ person }) => person) }
}
