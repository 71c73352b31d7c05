import { existsSync } from 'node:fs'
import { stopChildren, stopChildrenOnExit } from './children.js'
import { resetDirectory } from './directory.js'
import { failedStart } from './failed-start.js'
import { startFederation } from './federation.js'
import { introduce } from './introduction.js'
import { publishAll } from './publish.js'
import { sandboxDirectory, sandboxPlan } from './sandbox.js'
import { tellStory } from './story/tell.js'

// npm start [-- --reset]: the sandbox, its story, then its addresses; it stays up until Ctrl-C.
const known = new Set(['--reset'])
const unknown = process.argv.slice(2).filter((argument) => !known.has(argument))
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const run = async (directory: string): Promise<void> => {
  const startedAt = performance.now()
  const federation = await startFederation({
    plan: sandboxPlan(),
    directory,
    onStep: (step) => say(`… ${step}`),
  })
  say(`Ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`)
  await publishAll(federation)
  await tellStory(federation, say)
  introduce(federation, say)
}

if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(' ')}. Known: ${[...known].join(' ')}\n`)
  process.exit(2)
}
stopChildrenOnExit()
const directory = sandboxDirectory()
let data: 'kept' | 'none' = 'none'
try {
  if (process.argv.includes('--reset')) resetDirectory(directory)
  if (existsSync(directory)) data = 'kept'
  await run(directory)
} catch (error) {
  process.stderr.write(`${failedStart(error, data)}\n`)
  await stopChildren()
  process.exit(1)
}
