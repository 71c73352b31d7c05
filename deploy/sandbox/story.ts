import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopChildren, stopChildrenOnExit } from './children.js'
import { removeElsewhere } from './directory.js'
import { startFederation } from './federation.js'
import { isRunning, openPlaces } from './places.js'
import { sandboxDirectory, sandboxPlan } from './sandbox.js'
import { tellStory } from './story/tell.js'

// npm run story [-- --json]: in the sandbox that runs, or in one of its own.
const isJson = process.argv.includes('--json')
const say = (line: string): void => {
  if (!isJson) process.stdout.write(`${line}\n`)
}

const alone = async (): Promise<void> => {
  const temporary = mkdtempSync(join(tmpdir(), 'unefois-story-'))
  const directory = join(temporary, 'sandbox')
  try {
    const federation = await startFederation({ plan: sandboxPlan(), directory, onStep: (step) => say(`… ${step}`) })
    report(await tellStory(federation, say))
  } finally {
    await stopChildren()
    removeElsewhere(join(directory, 'postgres'))
    rmSync(temporary, { recursive: true, force: true })
  }
}

const report = (story: object): void => {
  if (isJson) process.stdout.write(`${JSON.stringify(story, null, 2)}\n`)
}

stopChildrenOnExit()
try {
  const places = await openPlaces(sandboxPlan(), sandboxDirectory())
  if (await isRunning(places)) report(await tellStory(places, say))
  else await alone()
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
