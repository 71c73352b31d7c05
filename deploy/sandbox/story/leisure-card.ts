import { MeshError, type Reason } from '@unefois/proto/reasons'
import { logInAt } from '../log-in.js'
import { Visitor } from '../visitor.js'
import type { Cast } from './cast.js'
import type { PortalVisit } from './her-list.js'
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

/** She is asked at the consent authority, looks at the values first at the portal, says yes, and comes back to her town. */
const consentOnline = async (cast: Cast): Promise<{ requestId: string; preview: string; back: string }> => {
  const { places, script, person } = cast
  const { purpose, durationDays } = script.consent
  const visitor = new Visitor()
  const login = person.login ?? ''
  const procedure = await logInAt(visitor, places.origin(script.requester), login, `/procedures/${purpose}`)
  const asked = await visitor.send(procedure, `/procedures/${purpose}/consent-request`, { days: String(durationDays) })
  const { origin, pathname } = new URL(asked.url)
  const question = await logInAt(visitor, origin, login, pathname)
  const requestId = pathname.split('/').at(-1) ?? ''
  const { searchParams } = new URL(
    /href="([^"]*\/preview\?[^"]*)"/.exec(question.text)?.[1]?.replaceAll('&amp;', '&') ?? '',
  )
  const preview = await logInAt(visitor, places.origin(script.portal), login, `/preview?${searchParams}`)
  const back = await visitor.send(question, `/consent/${requestId}`, { answer: 'yes' })
  return { requestId, preview: preview.text, back: back.text }
}

const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value)

const refusalOf = async (act: () => Promise<unknown>): Promise<Reason | 'nothing'> => {
  try {
    await act()
    return 'nothing'
  } catch (error) {
    if (error instanceof MeshError) return error.reason
    throw error
  }
}

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
    pageShowsEvidence: back.includes(shown),
    value,
    receipt: given.receipt,
    recordedAt,
    inForceAt,
    inForceAfterMs: inForceAt === null ? Number.NaN : Date.parse(inForceAt) - Date.parse(recordedAt),
    refusedWith: await refusalOf(() => askForEvidence(cast, asking)),
  }
}
