import { logInAt } from '../../log-in.js'
import { memberWithRole } from '../../plan.js'
import { Visitor } from '../../visitor.js'
import { sayYes } from '../consent-online.js'
import { PortalVisit } from '../her-list.js'
import { refusalOf } from '../refusal.js'
import { type Ending, endingOf } from './ending.js'
import { type Entitled, entitled } from './entitled.js'
import { leftBehind } from './left-behind.js'
import { granted, OwnDoor } from './own-door.js'
import type { ScriptOf } from './script.js'
import type { Stage } from './stage.js'
import { ask, type Obtained, obtained } from './steps.js'

export interface Consented extends Ending {
  readonly refusedFields: Readonly<Record<string, string>>
  /** Whether each field that would be sent, and none of the others, stood on the preview page. */
  readonly previewShowsFields: boolean
  readonly obtained: Obtained
  readonly leftBehind: readonly string[]
  /** What the requester's rule finds with it. */
  readonly entitled: Entitled
  /** Days from the yes to the end of the consent. */
  readonly consentDays: number
  readonly inForceAfterMs: number
  readonly refusedWith: string
  /** The other ways that the requester's page names after the withdrawal. */
  readonly routesTold: readonly string[]
}

const dayMs = 24 * 3600 * 1000

/** A text as a page has it: escaped, and with typography of its own; only letters and digits count. */
const lettersOf = (text: string): string => text.replace(/&[^;]+;|<[^>]*>|[^\p{L}\p{N}]/gu, '')

/** The requester asks for a consent of so many days; the person logs in, looks, and says yes. */
const consentFor = async (stage: Stage, { person, exchange, durationDays }: ScriptOf<'consented'>) => {
  const { places } = stage
  const { requester, provider, evidenceType, purpose } = exchange
  const door = await OwnDoor.open(places, requester, stage.person(person))
  const returnUrl = `${places.origin(requester)}/procedures/${purpose}`
  const wish = { purpose, providers: [provider], evidenceTypes: [evidenceType], durationDays, returnUrl }
  const { authorityUrl } = granted<{ authorityUrl: string }>(await door.post('/v1/me/consents', wish))
  const visitor = new Visitor()
  const login = stage.person(person).login ?? ''
  await logInAt(visitor, places.origin(requester), login, `/procedures/${purpose}`)
  return { visitor, ...(await sayYes(visitor, authorityUrl, { login, portalOrigin: places.origin(stage.portal) })) }
}

/** A consent for a term, after a preview; after its withdrawal a refusal, and the other ways. */
export const consented = async (stage: Stage, script: ScriptOf<'consented'>): Promise<Consented> => {
  const { person, exchange, neverAsked } = script
  const { requester, provider, evidenceType, purpose } = exchange
  const { say, places } = stage
  const who = stage.called(person)
  const authority = memberWithRole(places.plan, 'consent-authority').id
  const held = stage.planned(provider, evidenceType, person)
  stage.hold(provider, evidenceType, person)

  say(`The ${stage.nameOf(requester)} asks ${who}:`)
  say(`  “${stage.purpose(purpose).text.en}”`)
  const { visitor, requestId, preview, back } = await consentFor(stage, script)
  const system = stage.system(requester)
  const { bases } = await system.consent.getConsentOutcome({ requestId }, await system.call('consent:request'))
  const basisId = bases[0]?.basisId ?? ''
  const given = obtained(await ask(stage, exchange, person, basisId))
  const stayed = leftBehind(held, given.value)
  const shown = (path: string): boolean =>
    lettersOf(preview).includes(lettersOf(places.list().evidenceType(evidenceType).fieldTitles[path]?.en ?? path))
  const previewShowsFields = exchange.fields.every(shown) && !stayed.some(shown)
  const portal = await PortalVisit.open({ places, script: { portal: stage.portal }, person: stage.person(person) })
  const consent = (await portal.consents()).find((each) => each.state === 'given' && each.purpose === purpose)
  if (!consent) throw new Error('the portal lists no consent that was given')
  const consentDays = Math.round((Date.parse(consent.validUntil) - Date.parse(consent.validFrom)) / dayMs)
  say(`  ${who} looks at the values first and says yes, for ${consentDays} days, at the ${stage.nameOf(authority)}.`)
  say(`  The ${stage.nameOf(provider)} gives ${JSON.stringify(given.value)}; there stayed: ${stayed.join(', ')}.`)
  const found = await entitled(stage, script.assessed, person, basisId)
  const refusedFields: Record<string, string> = {}
  for (const field of neverAsked) {
    refusedFields[field] = await refusalOf(() => ask(stage, exchange, person, basisId, { fields: [field] }))
    say(`  Asked for ${field} on the same consent: ${refusedFields[field]}.`)
  }

  const { recordedAt, inForceAt } = await portal.withdraw(consent.id)
  const inForceAfterMs = inForceAt === null ? Number.NaN : Date.parse(inForceAt) - Date.parse(recordedAt)
  say(`\n${who} withdraws: recorded ${recordedAt}, in force ${inForceAfterMs} ms later.`)
  const refusedWith = await refusalOf(() => ask(stage, exchange, person, basisId))
  say(`  The ${stage.nameOf(requester)} asks again: ${refusedWith}.`)
  const after = await visitor.open(back.url)
  const routes = places.list().evidenceType(evidenceType).routes
  const routesTold = routes.filter(({ text }) => lettersOf(after.text).includes(lettersOf(text.en)))
  say(`  Its page tells ${who} the other ways, and that this has no consequence:`)
  for (const { text } of routesTold) say(`  · ${text.en}`)
  const ending = await endingOf(stage, person)
  return {
    ...{
      refusedFields,
      previewShowsFields,
      obtained: given,
      leftBehind: stayed,
      entitled: found,
      consentDays,
      inForceAfterMs,
    },
    ...{ refusedWith, routesTold: routesTold.map(({ kind }) => kind) },
    ...ending,
  }
}
