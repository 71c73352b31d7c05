import type { Authorisation } from '@unefois/proto/federation-list'
import type { Reason } from '@unefois/proto/reasons'
import type { ExchangeRecord } from './exchange-record.js'

/** An exchange that brought nothing excuses asking the person for so long; milliseconds. */
export const triedForMs = 30 * 24 * 3600 * 1000

/** Refusals that the procedure itself brought about: they excuse nothing. */
const ownMistakes: ReadonlySet<Reason | 'none'> = new Set<Reason>([
  'ASSURANCE_TOO_LOW',
  'CONSENT_MISMATCH',
  'CONSENT_REQUIRED',
  'FIELD_NOT_AUTHORISED',
  'NOTICE_MISMATCH',
  'NOTICE_REQUIRED',
  'PREVIEW_REQUIRED',
  'STATEMENT_MISMATCH',
  'STATEMENT_REQUIRED',
  'TICKET_MISUSED',
])

/** What became of asking one member lately. */
export type Tried = 'never' | 'in vain' | 'obtained'

/** A member that may lawfully give a field to this one: by an exchange in some mode, or because it is in this one's own file. */
export interface Holder {
  readonly member: string
  readonly mode: Authorisation['mode'] | 'own file'
  readonly tried: Tried
}

/** Why a person must be asked for a field; `none`: they need not be. */
export type Need = 'nobody-holds-it' | 'none-confirmed-it' | 'consent-refused' | 'own-wish' | 'none'

/** What the person decided before they were asked. */
export interface Decided {
  readonly hasRefusedConsent: boolean
  readonly isOwnWish: boolean
}

/** Latest halves of the exchanges that this member asked for, the newest first. */
export type Attempt = Pick<
  ExchangeRecord,
  'counterparty' | 'evidence_type' | 'purpose' | 'outcome' | 'reason' | 'at_ms'
>

/** What the newest attempt says. One that is still unconfirmed was an attempt. */
export const triedOf = (
  { provider, evidenceType, purpose }: Pick<Authorisation, 'provider' | 'evidenceType' | 'purpose'>,
  attempts: readonly Attempt[],
  nowMs: number,
): Tried => {
  const newest = attempts.find(
    (one) => one.counterparty === provider && one.evidence_type === evidenceType && one.purpose === purpose,
  )
  if (!newest) return 'never'
  if (newest.outcome === 'released') return 'obtained'
  const isExcuse = newest.at_ms + triedForMs > nowMs && !ownMistakes.has(newest.reason)
  return isExcuse ? 'in vain' : 'never'
}

/** Whether a person must be asked (CRPA L113-12), and who holds it where not. */
export const needToAsk = (
  holders: readonly Holder[],
  { hasRefusedConsent, isOwnWish }: Decided,
): { readonly need: Need; readonly holders: readonly string[] } => {
  const because = (need: Need) => ({ need, holders: [] })
  if (holders.length === 0) return because('nobody-holds-it')
  const left = holders.filter(({ tried }) => tried !== 'in vain')
  if (left.length === 0) return because('none-confirmed-it')
  const allowed = left.filter(({ mode }) => !(hasRefusedConsent && mode === 'consent'))
  if (allowed.length === 0) return because('consent-refused')
  if (isOwnWish && allowed.every(({ mode }) => mode !== 'own file')) return because('own-wish')
  return { need: 'none', holders: [...new Set(allowed.map(({ member }) => member))].sort() }
}
