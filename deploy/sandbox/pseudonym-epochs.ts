import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptSecret } from './member-keys.js'
import { writePrivateFile } from './nats-keys.js'

/** Which epochs of pseudonyms the identity authority accepts, and which one it issues. */
export interface PseudonymEpochs {
  readonly accepted: readonly number[]
  readonly current: number
}

const fileOf = (folder: string): string => join(folder, 'pseudonym-epochs.json')

/** What the authority is started with the next time; a rotation takes three of these (decision 0009). */
export const setPseudonymEpochs = (folder: string, epochs: PseudonymEpochs): void =>
  writePrivateFile(fileOf(folder), JSON.stringify(epochs))

/** The same as its configuration says it, with the secrets of a sandbox. */
export const pseudonymConfig = (folder: string): object => {
  const { accepted, current }: PseudonymEpochs = existsSync(fileOf(folder))
    ? JSON.parse(readFileSync(fileOf(folder), 'utf8'))
    : { accepted: [1], current: 1 }
  return {
    pseudonymSecrets: accepted.map((epoch) => ({ epoch, file: keptSecret(folder, `pseudonyms-${epoch}`) })),
    currentEpoch: current,
  }
}
