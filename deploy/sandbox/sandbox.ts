import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type FederationPlan, readPlan } from './plan.js'

const name = 'sandbox'

/** The project's root, from sources as from the build. */
const projectRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'turbo.json'))) folder = dirname(folder)
  return folder
}

/** The federation that `npm start` runs. */
export const sandboxPlan = (): FederationPlan => readPlan(join(projectRoot(), 'deploy', 'federations', name))

/** Where it keeps its data. */
export const sandboxDirectory = (): string => join(projectRoot(), '.unefois', name)
