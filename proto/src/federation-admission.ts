import type { AuthorisationClaims, EvidenceType, Purpose } from './federation-list.js'

/** What was collected proactively is deleted within 12 months (CRPA R114-9-7). */
const longestProactiveRetentionSeconds = 365 * 24 * 3600
/** A proactive exchange serves to inform of a right or to attribute one, and nothing else (CRPA L114-8 II). */
const proactiveUses: readonly Purpose['use'][] = ['inform', 'attribute']

/**
 * Why no member may rely on an authorisation although its provider signed it, as the end of a sentence about it; undefined
 * when nothing speaks against it.
 */
export const admissionRefusal = (
  authorisation: Pick<AuthorisationClaims, 'mode' | 'retentionSeconds' | 'secrecyLiftedBy' | 'changesTold'>,
  type: Pick<EvidenceType, 'secrecy'>,
  purpose: Pick<Purpose, 'use'>,
): string | undefined => {
  if (type.secrecy !== undefined && authorisation.secrecyLiftedBy === undefined)
    return `names no text that lifts the ${type.secrecy} secrecy of its evidence type`
  // Each time is the person's own asking: nobody is told anything between two of them.
  if (authorisation.mode === 'explicit-request' && authorisation.changesTold === true)
    return 'tells of changes what its person asks for each time'
  if (authorisation.mode !== 'proactive') return undefined
  if (!proactiveUses.includes(purpose.use)) return `is proactive for a purpose whose use is to ${purpose.use}`
  if (authorisation.retentionSeconds > longestProactiveRetentionSeconds)
    return 'is proactive and kept for more than 365 days'
  return undefined
}
