import { type Ending, endingOf } from './ending.js'
import { leftBehind } from './left-behind.js'
import { type Requested, requestWithPreview } from './preview.js'
import type { ScriptOf } from './script.js'
import type { Stage } from './stage.js'

export interface ToldOnce extends Ending {
  readonly told: readonly (Requested & { readonly requester: string; readonly leftBehind: readonly string[] })[]
}

/** Something that one body has on record is told to each that needs it, each time at the person's wish and after a preview. */
export const toldOnce = async (stage: Stage, script: ScriptOf<'told-once'>): Promise<ToldOnce> => {
  const { person, exchanges } = script
  const { say } = stage
  const who = stage.called(person)
  const told = []
  for (const exchange of exchanges) {
    const { requester, provider, evidenceType, purpose } = exchange
    const held = stage.planned(provider, evidenceType, person)
    stage.hold(provider, evidenceType, person)
    if (told.length === 0) say(`${who} reads:\n  “${stage.purpose(purpose).text.en}”`)
    const requested = await requestWithPreview(stage, exchange, person)
    const stayed = leftBehind(held, requested.obtained.value)
    told.push({ requester, leftBehind: stayed, ...requested })
    say(`\nAt the ${stage.nameOf(requester)} ${who} asks. Before anything was shown: ${requested.unseen}.`)
    say(`  At the portal ${who} sees what would be sent, and says yes.`)
    say(`  The ${stage.nameOf(provider)} gives ${JSON.stringify(requested.obtained.value)}`)
    say(`  There stayed: ${stayed.join(', ')}.`)
  }
  return { told, ...(await endingOf(stage, person)) }
}
