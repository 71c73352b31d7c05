import type { AccessView } from '../rest/views.js'

/** One exchange as the person sees it: everything that either of its two ends recorded of it, newest first. */
export interface ExchangeSeen {
  readonly requester: string
  readonly provider: string
  readonly purpose: string
  readonly evidenceType: string
  readonly mode: AccessView['mode']
  readonly outcome: AccessView['outcome']
  /** What either end names. */
  readonly fields: readonly string[]
  readonly predicates: readonly string[]
  /** Of the latest record. */
  readonly at: string
  readonly records: readonly AccessView[]
}

/** From what matters most to a person: that data were sent, or may have been; of a subscription, how far it has come. */
const byWeight: readonly AccessView['outcome'][] = [
  ...(['released', 'subscription-ended', 'change-told', 'subscribed'] as const),
  ...(['unconfirmed', 'unknown', 'no-evidence', 'refused'] as const),
]
/** Outcomes of a subscription, by which no data are sent. */
const ofSubscriptions: readonly AccessView['outcome'][] = ['subscribed', 'change-told', 'subscription-ended']

/** Whether this is a requester's wish to be told of changes, and no exchange of data. */
export const isSubscription = ({ outcome }: Pick<ExchangeSeen, 'outcome'>): boolean => ofSubscriptions.includes(outcome)

/** An exchange id is whatever a sender says: records belong together only if they name the same two ends and matter. */
const sameExchange = ({ exchangeId, requester, provider, purpose, evidenceType }: AccessView): string =>
  JSON.stringify([exchangeId, requester, provider, purpose, evidenceType])

const seen = (records: readonly [AccessView, ...AccessView[]]): ExchangeSeen => {
  const [{ requester, provider, purpose, evidenceType, at }] = records
  const outcomes = new Set(records.map(({ outcome }) => outcome))
  return {
    requester,
    provider,
    purpose,
    evidenceType,
    at,
    mode: records.find(({ mode }) => mode !== 'none')?.mode ?? 'none',
    outcome: byWeight.find((outcome) => outcomes.has(outcome)) ?? 'unknown',
    fields: [...new Set(records.flatMap(({ fields }) => fields))],
    predicates: [...new Set(records.flatMap(({ predicates }) => predicates))],
    records,
  }
}

/** Records, newest first, as exchanges; no record is lost and none is in two. */
export const exchangesOf = (records: readonly AccessView[]): ExchangeSeen[] => {
  const grouped = new Map<string, [AccessView, ...AccessView[]]>()
  for (const record of records) {
    const key = record.exchangeId === '' ? `alone ${record.member} ${record.recordId}` : sameExchange(record)
    const known = grouped.get(key)
    if (known) known.push(record)
    else grouped.set(key, [record])
  }
  return [...grouped.values()].map(seen)
}

/** The end of an exchange that recorded nothing that was found; undefined when both did. */
export const silentEnd = ({ requester, provider, records }: ExchangeSeen): string | undefined =>
  [requester, provider].find((end) => !records.some(({ member }) => member === end))
