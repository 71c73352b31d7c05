import type { Purpose } from '@unefois/proto/federation-list'
import type { Reason } from '@unefois/proto/reasons'
import type { ExchangeRecord } from './exchange-record.js'

/** What was collected proactively is deleted within 12 months (CRPA R114-9-7). */
export const longestCollectionMs = 365 * 86_400_000

/** When the marker of an opposition made at this moment is to be deleted; a day that does not exist is the next. */
export const markerEndMs = (opposedAtMs: number, months: number): number => {
  const end = new Date(opposedAtMs)
  end.setUTCMonth(end.getUTCMonth() + months)
  return end.getTime()
}

/** Uses for which data collected proactively may be read: telling a person of a right, or giving them one (CRPA L114-8 II). */
const lawfulUses: readonly Purpose['use'][] = ['inform', 'attribute']

/**
 * The purpose lock. Evidence is read for no other purpose than it was collected for; what was collected proactively only when
 * that purpose is named, and still serves to inform or to attribute. `use` is that of the purpose named, undefined when the
 * federation list has no such purpose.
 */
export const purposeLockRefusal = (
  collected: Pick<ExchangeRecord, 'mode' | 'purpose'>,
  named: string | undefined,
  use: Purpose['use'] | undefined,
): Reason | undefined => {
  if (collected.mode !== 'proactive')
    return named === undefined || named === collected.purpose ? undefined : 'PURPOSE_LOCKED'
  const isLawful = named === collected.purpose && use !== undefined && lawfulUses.includes(use)
  return isLawful ? undefined : 'PURPOSE_LOCKED'
}
