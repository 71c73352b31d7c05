import type { Reason } from '@unefois/proto/reasons'

/** Why a calendar is not published, with the field that it is about; never a value. */
export interface CalendarRefusal {
  readonly reason: Reason
  readonly facts: Readonly<Record<string, string>>
}

/** What a field should be, said where it is not so. */
export type Check = readonly [field: string, isGood: boolean, what: string]

/** CALENDAR_INVALID for the first field that is not as it should be; undefined where all are. */
export const firstFault = (at: string, checks: readonly Check[]): CalendarRefusal | undefined => {
  const failed = checks.find(([, isGood]) => !isGood)
  return failed && { reason: 'CALENDAR_INVALID', facts: { field: `${at}.${failed[0]}`, what: failed[2] } }
}

/** The first refusal of a list in which each item is looked at for itself. */
export const firstOf = <T>(
  list: string,
  items: readonly T[],
  refusalOf: (item: T, at: string) => CalendarRefusal | undefined,
): CalendarRefusal | undefined => {
  for (const [index, item] of items.entries()) {
    const refusal = refusalOf(item, `${list}.${index}`)
    if (refusal) return refusal
  }
  return undefined
}
