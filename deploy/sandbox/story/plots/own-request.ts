import { type Ending, endingOf, usesOf } from './ending.js'
import { leftBehind } from './left-behind.js'
import { OwnRequest, type Requested, requestWithPreview } from './preview.js'
import type { ScriptOf } from './script.js'
import type { Stage } from './stage.js'

export interface OwnRequestStory extends Ending, Requested {
  readonly leftBehind: readonly string[]
  /** What a parent is answered who asks for their grown child, and how many of the child's uses the parent sees. */
  readonly parent: { readonly refusedWith: string; readonly usesSeen: number }
  readonly minorRefusedWith: string
}

/** Only the person may ask, as an adult, and sees first what is sent; neither a parent nor a minor gets anything. */
export const ownRequest = async (stage: Stage, script: ScriptOf<'own-request'>): Promise<OwnRequestStory> => {
  const { person, parent, minor, exchange } = script
  const { requester, provider, evidenceType, purpose } = exchange
  const { say } = stage
  const who = stage.called(person)
  const held = stage.planned(provider, evidenceType, person)
  stage.hold(provider, evidenceType, person)

  say(`${who} logs in at the ${stage.nameOf(requester)}, reads:`)
  say(`  “${stage.purpose(purpose).text.en}”`)
  const requested = await requestWithPreview(stage, exchange, person)
  const stayed = leftBehind(held, requested.obtained.value)
  say(`  and asks. Before anything was shown: ${requested.unseen}.`)
  say(`  At the portal ${who} sees what would be sent, ${JSON.stringify(requested.preview)}, and says yes.`)
  say(`  The ${stage.nameOf(requester)} receives ${JSON.stringify(requested.obtained.value)}`)
  say(`  At the ${stage.nameOf(provider)} stayed: ${stayed.join(', ')}.`)

  say(`\n${stage.called(parent)}, a parent, logs in too and asks for ${who}.`)
  const inPlace = await OwnRequest.open(stage, exchange, parent)
  const { reason: refusedWith } = await inPlace.ask({ subject: stage.subject(requester, person) })
  const { uses: seenByParent } = await usesOf(stage, stage.person(parent))
  const { uses: own } = await usesOf(stage, stage.person(person))
  const exchanges = new Set(own.map(({ exchangeId }) => exchangeId))
  const usesSeen = seenByParent.filter(({ exchangeId }) => exchanges.has(exchangeId)).length
  say(`  Refused with ${refusedWith}; of the ${own.length} uses in ${who}’s list the parent’s shows ${usesSeen}.`)

  say(`\n${stage.called(minor)}, a minor, asks for the same.`)
  const { reason: minorRefusedWith } = await (await OwnRequest.open(stage, exchange, minor)).ask()
  say(`  Refused by the identity authority, which alone knows birth dates: ${minorRefusedWith}.`)
  const ending = await endingOf(stage, person)
  return { ...requested, leftBehind: stayed, parent: { refusedWith, usesSeen }, minorRefusedWith, ...ending }
}
