import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopChildren } from '@unefois/deploy/sandbox/children'
import { removeElsewhere } from '@unefois/deploy/sandbox/directory'
import { startFederation } from '@unefois/deploy/sandbox/federation'
import { publishAll } from '@unefois/deploy/sandbox/publish'
import type { TestProject } from 'vitest/node'
import { journeyPlan } from './journey-plan.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Directory of the federation that all journeys share. */
    federation: string
  }
}

/** Starts one federation for all journeys; each journey keeps to people of its own. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const temporary = mkdtempSync(join(tmpdir(), 'unefois-journeys-'))
  const directory = join(temporary, 'federation')
  const remove = async (): Promise<void> => {
    await stopChildren()
    removeElsewhere(join(directory, 'postgres'))
    rmSync(temporary, { recursive: true, force: true })
  }
  try {
    const federation = await startFederation({ plan: journeyPlan(), directory })
    await publishAll(federation)
    project.provide('federation', directory)
    return async () => {
      await federation.stop()
      await remove()
    }
  } catch (error) {
    // Children that run on would keep the run from ending, and from saying why.
    await remove()
    throw error
  }
}
