import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopChildren, stopChildrenOnExit } from './children.js'
import { removeElsewhere } from './directory.js'
import { startFederation } from './federation.js'
import type { Places } from './places.js'
import { isRunning, openPlaces } from './places.js'
import { sandboxDirectory, sandboxPlan } from './sandbox.js'
import { storyNames } from './story/plots/script.js'
import { tellNamed } from './story/plots/tell-named.js'
import { tellStory } from './story/tell.js'

// npm run story [-- NAME] [--json]: in the sandbox that runs, or in one of its own. Without a name, the one of `npm start`.
const isJson = process.argv.includes('--json')
const [name, ...unknown] = process.argv.slice(2).filter((argument) => argument !== '--json')
const say = (line: string): void => {
  if (!isJson) process.stdout.write(`${line}\n`)
}

const tell = (places: Places): Promise<object> =>
  name === undefined ? tellStory(places, say) : tellNamed(places, name, say)

const alone = async (): Promise<void> => {
  const temporary = mkdtempSync(join(tmpdir(), 'unefois-story-'))
  const directory = join(temporary, 'sandbox')
  try {
    const federation = await startFederation({ plan: sandboxPlan(), directory, onStep: (step) => say(`… ${step}`) })
    report(await tell(federation))
  } finally {
    await stopChildren()
    removeElsewhere(join(directory, 'postgres'))
    rmSync(temporary, { recursive: true, force: true })
  }
}

const report = (story: object): void => {
  if (isJson) process.stdout.write(`${JSON.stringify(story, null, 2)}\n`)
}

const names = storyNames(sandboxPlan().folder)
if (unknown.length > 0 || (name !== undefined && !names.includes(name))) {
  process.stderr.write(`unknown: ${[name, ...unknown].join(' ')}. Stories: ${names.join(', ')}\n`)
  process.exit(2)
}
stopChildrenOnExit()
try {
  const places = await openPlaces(sandboxPlan(), sandboxDirectory())
  if (await isRunning(places)) report(await tell(places))
  else await alone()
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
