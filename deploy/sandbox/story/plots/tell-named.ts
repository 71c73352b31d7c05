import type { Places } from '../../places.js'
import type { PlannedPerson } from '../../plan.js'
import { type Consented, consented } from './consented.js'
import { type DeclaredStory, declared } from './declared.js'
import { type Gathered, gathered } from './gathered.js'
import { type OwnRequestStory, ownRequest } from './own-request.js'
import { type Prefilled, prefilled } from './prefilled.js'
import { type Plot, readStory, type ScriptOf, type StoryScript } from './script.js'
import { type Say, Stage } from './stage.js'
import { type StatusOnly, statusOnly } from './status-only.js'
import { type ToldOnce, toldOnce } from './told-once.js'

/** What happened in a story of each plot. */
export interface Told {
  readonly prefilled: Prefilled
  readonly 'own-request': OwnRequestStory
  readonly 'status-only': StatusOnly
  readonly consented: Consented
  readonly 'told-once': ToldOnce
  readonly declared: DeclaredStory
  readonly gathered: Gathered
}

type Tellers = { readonly [P in Plot]: (stage: Stage, script: ScriptOf<P>) => Promise<Told[P]> }
const tellers: Tellers = {
  prefilled,
  'own-request': ownRequest,
  'status-only': statusOnly,
  consented,
  'told-once': toldOnce,
  declared,
  gathered,
}

const follow = <P extends Plot>(stage: Stage, script: Extract<StoryScript, { plot: P }>): Promise<Told[P]> =>
  (tellers[script.plot as P] as (stage: Stage, script: StoryScript) => Promise<Told[P]>)(stage, script)

/**
 * Lives one of the federation's stories through public doors only, telling it line by line; other people may take the
 * parts, under the same keys. Error: there is no such story.
 */
export const tellNamed = async (
  places: Places,
  name: string,
  say: Say,
  people: readonly PlannedPerson[] = places.plan.people,
): Promise<{ readonly name: string; readonly script: StoryScript; readonly told: Told[Plot] }> => {
  const script = readStory(places.plan.folder, name)
  say(`${script.title}. ${script.opening}\n`)
  const stage = await Stage.set(places, say, people, script)
  try {
    return { name, script, told: await follow(stage, script) }
  } finally {
    stage.close()
  }
}
