import { toMeshError } from '@unefois/proto/reasons'

/** A process that is killed answers nothing; whatever it was asked is asked again, with the same key, of the next one. */
export const isLost = (reason: string): boolean =>
  ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'IDEMPOTENCY_IN_PROGRESS'].includes(reason)

const longestTries = 2000

/** Sends the same again until somebody answers. Error: what it is refused for, or that nobody ever answered. */
export const untilAnswered = async <T>(send: () => Promise<T>): Promise<T> => {
  for (let tries = 0; tries < longestTries; tries++) {
    try {
      return await send()
    } catch (thrown) {
      if (!isLost(toMeshError(thrown).reason)) throw thrown
      // A refused connection comes back at once.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  throw new Error('nobody answered')
}
