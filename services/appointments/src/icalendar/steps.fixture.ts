import type { Steps } from './steps.js'

/** What steps come to, taken one after the other. */
export const finished = <T>(steps: Steps<T>): T => {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
