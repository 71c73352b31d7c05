import { MeshError, type Reason } from '@unefois/proto/reasons'
import type { Fault } from '../domain/release.js'

const mostTold = 20

/** The refusal of a source, with what is wrong in it. A source is no personal data, so its places and words may be named. */
export const invalidSource = (reason: Reason, faults: readonly Fault[]): MeshError => {
  const lines = faults.slice(0, mostTold).map(({ at, what }) => `${at || '(the whole)'} ${what}`)
  const more = faults.length - lines.length
  return new MeshError(reason, {
    detail: lines[0] ?? '',
    facts: { faults: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n') },
  })
}
