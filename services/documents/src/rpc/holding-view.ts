import { Holding } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import type { Holding as Held } from '../domain/evidence.js'
import { mostPageBytes } from '../domain/page-budget.js'
import type { ReceivedHolding } from '../store/received-holdings.js'

/** A value above this is left out rather than let the list end here. */
const mostValueBytes = mostPageBytes

const shownValue = (json: string): Pick<Holding, 'valueJson' | 'isValueLeftOut'> =>
  Buffer.byteLength(json) > mostValueBytes
    ? { valueJson: '', isValueLeftOut: true }
    : { valueJson: json, isValueLeftOut: false }

const nothing = shownValue('')

/** The member's own evidence; undefined when there is none. A register that does not answer now is said so. */
export const ownHolding = (evidenceType: string, held: Held, origin: 'declared' | 'register'): Holding | undefined => {
  switch (held.kind) {
    case 'absent':
      return undefined
    case 'ambiguous':
    case 'unreachable':
    case 'later': {
      const answer = { $case: 'unreachable', value: {} } as const
      return { evidenceType, origin: { $case: 'register', value: { answer } }, ...nothing }
    }
    case 'found': {
      const { value, version, asOfMs } = held.evidence
      const found = { version, asOfMs }
      const shown = shownValue(JSON.stringify(value))
      return origin === 'register'
        ? { evidenceType, origin: { $case: 'register', value: { answer: { $case: 'found', value: found } } }, ...shown }
        : { evidenceType, origin: { $case: 'declared', value: found }, ...shown }
    }
  }
}

/** Another member's evidence, kept here. */
export const receivedHolding = (
  { evidenceType, evidence, exchangeId, provider, purpose, receivedAtMs }: ReceivedHolding,
  isCorrected: boolean,
): Holding => {
  const { version, asOfMs, keepUntilMs, predicates } = evidence
  const about = { exchangeId, provider, purpose, version, asOfMs, receivedAtMs, keepUntilMs, predicates, isCorrected }
  return { evidenceType, origin: { $case: 'received', value: about }, ...shownValue(evidence.valueJson) }
}

export const bytesOfHolding = (holding: Holding): number => Holding.encode(holding).finish().length
