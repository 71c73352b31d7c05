import {
  CorrectionOutcome,
  CorrectionServiceDefinition,
  ListedCorrections,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { refusalOf } from '../refusal.js'
import { type Ending, endingOf } from './ending.js'
import { type Entitled, entitled } from './entitled.js'
import { granted, OwnDoor } from './own-door.js'
import type { ScriptOf } from './script.js'
import type { Stage } from './stage.js'
import { ask, eventually, type Obtained, obtained, tellOf } from './steps.js'

export interface Prefilled extends Ending {
  /** What the requester is answered when it asks the registrar, and when it asks for another purpose. */
  readonly refusals: { readonly registrar: string; readonly otherPurpose: string }
  /** Who holds what the person may see at the portal: member, evidence type, where it came from. */
  readonly holdings: readonly { readonly agency: string; readonly evidenceType: string; readonly origin: string }[]
  readonly first: Obtained
  readonly corrected: Obtained
  readonly answeredContest: string
  /** What the requester is told of the other body's decision, and what a third finds because of it. */
  readonly decision: unknown
  readonly entitled: Entitled
}

interface HoldingsPage extends Pick<Prefilled, 'holdings'> {
  readonly members: readonly { readonly member: string; readonly nextPageToken?: string }[]
}

/** Everything that each agency says it holds, page after page. */
const allHoldings = async (portal: OwnDoor): Promise<Prefilled['holdings']> => {
  const found: Prefilled['holdings'][number][] = []
  const asks: Readonly<Record<string, string>>[] = [{}]
  for (const query of asks) {
    const { holdings, members } = granted<HoldingsPage>(await portal.get('/v1/me/holdings', query))
    found.push(...holdings)
    for (const { member, nextPageToken } of members) if (nextPageToken) asks.push({ member, pageToken: nextPageToken })
  }
  return found
}

type Contested = { readonly contestId: string; readonly state: string }

/** The provider's staff look at what is contested, put their register right and answer; answers the state the person sees. */
const putRight = async (
  stage: Stage,
  { person, exchange, contested }: ScriptOf<'prefilled'>,
  contestId: string,
  wrongVersion: number,
): Promise<void> => {
  const { provider, evidenceType } = exchange
  const system = stage.system(provider)
  const corrections = system.service('documents', CorrectionServiceDefinition)
  const correctedVersion = stage.hold(provider, evidenceType, person, contested.right)
  const corrected = { firstVersion: wrongVersion, lastVersion: wrongVersion, correctedVersion }
  const answer = { contestId, answer: { $case: 'corrected' as const, value: corrected } }
  await corrections.answerContest(answer, await system.call('evidence:declare'))
}

/** The requester's software hears of the correction, asks again under the same gates, and answers that it acted. */
const askAgain = async (
  stage: Stage,
  { person, exchange }: ScriptOf<'prefilled'>,
  { exchangeId }: Obtained,
): Promise<Obtained> => {
  const system = stage.system(exchange.requester)
  const corrections = system.service('documents', CorrectionServiceDefinition)
  const { correctionId } = await eventually(async () => {
    const filters = { listed: ListedCorrections.LISTED_CORRECTIONS_OPEN, exchangeId, evidenceType: '', sinceMs: 0 }
    const listing = { ...filters, pageSize: 0, pageToken: '' }
    return (await corrections.listCorrections(listing, await system.call('evidence:request'))).corrections[0]
  })
  const again = obtained(await ask(stage, exchange, person, await tellOf(stage, exchange, person)))
  const acted = { correctionId, outcome: CorrectionOutcome.CORRECTION_OUTCOME_ACTED }
  await corrections.answerCorrection(acted, await system.call('evidence:request'))
  return again
}

/** A body decides, the requester is told and pays; a third then needs to know nothing but that. */
const rightsThatFollow = async (
  stage: Stage,
  { person, granted: right }: ScriptOf<'prefilled'>,
): Promise<Pick<Prefilled, 'decision' | 'entitled'>> => {
  const { decided, decision, paid, assessed } = right
  const { say } = stage
  stage.hold(decided.provider, decided.evidenceType, person, decision)
  const told = obtained(await ask(stage, decided, person, await tellOf(stage, decided, person)))
  say(
    `\nThe ${stage.nameOf(decided.provider)} decides; the ${stage.nameOf(decided.requester)} is told ${JSON.stringify(told.value)}`,
  )
  stage.hold(decided.requester, paid.evidenceType, person, paid.value)
  say(
    `The ${stage.nameOf(assessed.member)} asks the ${stage.nameOf(assessed.provider)} one thing, and ${stage.called(person)} nothing:`,
  )
  const basisId = await tellOf(stage, { ...assessed, requester: assessed.member, fields: [] }, person)
  return { decision: told.value, entitled: await entitled(stage, assessed, person, basisId) }
}

/** A body registers somebody; another prefills what they would have to declare; they correct it, at its source. */
export const prefilled = async (stage: Stage, script: ScriptOf<'prefilled'>): Promise<Prefilled> => {
  const { person, exchange, registrar, otherPurpose, contested } = script
  const { requester, provider, evidenceType, purpose } = exchange
  const { say } = stage
  const who = stage.called(person)
  await stage.enrol(registrar.member, person)
  stage.hold(registrar.member, registrar.evidenceType, person)
  stage.hold(provider, evidenceType, person)
  say(`The ${stage.nameOf(registrar.member)} registers ${who}: recognised by civil identity, no number asked.`)

  say(`\nThe ${stage.nameOf(requester)} prefills the statement of resources. ${who} is told:`)
  say(`  “${stage.purpose(purpose).text.en}”`)
  const basisId = await tellOf(stage, exchange, person)
  const first = obtained(await ask(stage, exchange, person, basisId))
  say(`  The ${stage.nameOf(provider)} gives ${JSON.stringify(first.value)}`)
  const fromRegistrar = { ...exchange, provider: registrar.member, evidenceType: registrar.evidenceType, fields: [] }
  const refusals = {
    registrar: await refusalOf(() => ask(stage, fromRegistrar, person, basisId)),
    otherPurpose: await refusalOf(() => ask(stage, { ...exchange, purpose: otherPurpose }, person, basisId)),
  }
  say(`  Asked of the ${stage.nameOf(registrar.member)}, what it registered: ${refusals.registrar}.`)
  say(`  The same data for “${stage.purpose(otherPurpose).title.en}”: ${refusals.otherPurpose}.`)

  const portal = await OwnDoor.open(stage.places, stage.portal, stage.person(person))
  const holdings = await allHoldings(portal)
  say(`\nAt the portal ${who} sees who holds what:`)
  for (const { agency, evidenceType: type, origin } of holdings)
    say(`  · ${stage.nameOf(agency)}: ${stage.titleOf(type)}${origin === 'received' ? ', received' : ''}`)
  say(`  and contests, where it came from: “${contested.statement}”`)
  const { field, statement } = contested
  const wish = { agency: provider, evidenceType, version: first.version, field, statement }
  const { contestId } = granted<{ contestId: string }>(await portal.post('/v1/me/contests', wish))
  await putRight(stage, script, contestId, first.version)
  const { contests } = granted<{ contests: readonly Contested[] }>(await portal.get('/v1/me/contests'))
  const answeredContest = contests.find((each) => each.contestId === contestId)?.state ?? 'unknown'
  say(`  The ${stage.nameOf(provider)} answers: ${answeredContest}.`)
  const corrected = await askAgain(stage, script, first)
  say(`  The ${stage.nameOf(requester)} hears of it, asks again and gets ${JSON.stringify(corrected.value)}`)
  say(`  ${who} confirms, and had nothing to type.`)
  const following = await rightsThatFollow(stage, script)
  const ending = await endingOf(stage, person)
  const seen = holdings.map(({ agency, evidenceType: type, origin }) => ({ agency, evidenceType: type, origin }))
  return { refusals, holdings: seen, first, corrected, answeredContest, ...following, ...ending }
}
