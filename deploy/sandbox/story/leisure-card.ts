import type { Reason } from '@unefois/proto/reasons'
import { logInAt } from '../log-in.js'
import { Visitor } from '../visitor.js'
import type { Cast } from './cast.js'
import { type ConsentOnline, sayYes } from './consent-online.js'
import type { PortalVisit } from './her-list.js'
import { refusalOf } from './refusal.js'
import { askForEvidence } from './scenes.js'

export interface LeisureCard {
  readonly previewShowsValue: boolean
  readonly pageShowsEvidence: boolean
  readonly value: unknown
  readonly receipt: unknown
  readonly recordedAt: string
  readonly inForceAt: string | null
  readonly inForceAfterMs: number
  readonly refusedWith: Reason | 'nothing'
}

/** She asks for the card at her town, and answers where the town sends her. */
const consentOnline = async (cast: Cast): Promise<ConsentOnline> => {
  const { places, script, person } = cast
  const { purpose, durationDays } = script.consent
  const visitor = new Visitor()
  const login = person.login ?? ''
  const procedure = await logInAt(visitor, places.origin(script.requester), login, `/procedures/${purpose}`)
  const asked = await visitor.send(procedure, `/procedures/${purpose}/consent-request`, { days: String(durationDays) })
  return sayYes(visitor, asked.url, { login, portalOrigin: places.origin(script.portal) })
}

const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value)

/** Consent, evidence, withdrawal, and the refusal that follows. */
export const leisureCard = async (cast: Cast, portal: PortalVisit): Promise<LeisureCard> => {
  const { town, script, pseudonym } = cast
  const { purpose, fields } = script.consent
  const { requestId, preview, back } = await consentOnline(cast)
  const { bases } = await town.consent.getConsentOutcome({ requestId }, await town.call('consent:request'))
  const basisId = bases[0]?.basisId ?? ''
  const asking = { subject: pseudonym(script.person), purpose, basisId, fields, predicates: [] }
  const { outcome } = await askForEvidence(cast, asking)
  if (outcome?.$case !== 'evidence') throw new Error(`the provider gave no evidence: ${JSON.stringify(outcome)}`)
  const value = JSON.parse(outcome.value.valueJson)
  const shown = String(valueAt(value, fields[0] ?? ''))
  const given = (await portal.consents()).find(({ state }) => state === 'given')
  if (!given) throw new Error('the portal lists no consent that was given')
  const { recordedAt, inForceAt } = await portal.withdraw(given.id)
  return {
    previewShowsValue: preview.includes(shown),
    pageShowsEvidence: back.text.includes(shown),
    value,
    receipt: given.receipt,
    recordedAt,
    inForceAt,
    inForceAfterMs: inForceAt === null ? Number.NaN : Date.parse(inForceAt) - Date.parse(recordedAt),
    refusedWith: await refusalOf(() => askForEvidence(cast, asking)),
  }
}
