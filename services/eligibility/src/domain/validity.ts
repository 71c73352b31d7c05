/** From when to when a release counts; days in Europe/Paris, YYYY-MM-DD, both included. Undefined: no end. */
export interface Validity {
  readonly from: string
  readonly to: string | undefined
}

/** A release that stands, under its name. */
export interface Standing {
  readonly sha256: string
  readonly validity: Validity
}

export const isWithin = ({ from, to }: Validity, day: string): boolean => from <= day && (to === undefined || day <= to)

const overlap = (one: Validity, other: Validity): boolean =>
  (other.to === undefined || one.from <= other.to) && (one.to === undefined || other.from <= one.to)

/** Why a release may not be published: what it replaces does not stand from that day, or another is in force on some of its days. */
export type PublicationFault =
  | { readonly fault: 'replaces-nothing' }
  | { readonly fault: 'overlaps'; readonly other: Standing }

/** Whether a release may join those that stand for its benefit. One that it replaces began on the same day, and may have had another end. */
export const publicationFault = (
  standing: readonly Standing[],
  validity: Validity,
  replaces: string | undefined,
): PublicationFault | undefined => {
  const replaced = standing.find(({ sha256 }) => sha256 === replaces)
  if (replaces !== undefined && replaced?.validity.from !== validity.from) return { fault: 'replaces-nothing' }
  const other = standing.find((each) => each !== replaced && overlap(each.validity, validity))
  return other && { fault: 'overlaps', other }
}

/** The release to name where none is in force: the one that ended last before the day, or else the first after it. */
export const nearestTo = <S extends Standing>(standing: readonly S[], day: string): S | undefined => {
  const byStart = [...standing].sort((one, other) => (one.validity.from < other.validity.from ? -1 : 1))
  return byStart.filter(({ validity }) => validity.from <= day).at(-1) ?? byStart[0]
}
