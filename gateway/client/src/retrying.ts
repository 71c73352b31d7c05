import { NoAnswerError, type RetryAdvice, retryAdvice } from './problem.js'

/** How often and how patiently one request is sent. */
export interface Retrying {
  /** Sent at most so often, the first time included. */
  readonly attempts: number
  /** Answers after so many milliseconds, or rejects when the signal ends first. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly nowMs: () => number
  /** From 0 to 1. */
  readonly chance: () => number
}

const firstWaitMs = 100
const longestWaitMs = 5_000

/** With full jitter, so that many clients do not come back together. */
const backOff = (attempt: number, chance: () => number): number =>
  Math.min(longestWaitMs, firstWaitMs * 2 ** attempt) * chance()

const onceSent = async (send: () => Promise<Response>, signal: AbortSignal): Promise<Response | NoAnswerError> => {
  try {
    return await send()
  } catch (thrown) {
    if (signal.aborted) throw thrown
    return new NoAnswerError('the gateway could not be reached', { cause: thrown })
  }
}

const adviceFor = (answer: Response | NoAnswerError, nowMs: number): RetryAdvice =>
  answer instanceof Response
    ? retryAdvice(answer.status, answer.headers.get('retry-after'), nowMs)
    : { kind: 'after', waitMs: undefined }

/**
 * Sends until there is an answer that stands. What takes longer than the signal lasts is given up: the answer is then what
 * was last heard. Error: NoAnswerError when nothing was.
 */
export const sendRetrying = async (
  send: () => Promise<Response>,
  signal: AbortSignal,
  endsAtMs: number,
  { attempts, wait, nowMs, chance }: Retrying,
): Promise<Response> => {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await onceSent(send, signal)
    const advice = adviceFor(answer, nowMs())
    const waitMs = advice.kind === 'never' ? undefined : (advice.waitMs ?? backOff(attempt, chance))
    const isLast = waitMs === undefined || attempt + 1 >= attempts || nowMs() + waitMs >= endsAtMs
    if (!isLast) {
      if (answer instanceof Response) await answer.body?.cancel()
      await wait(waitMs, signal)
      continue
    }
    if (answer instanceof Response) return answer
    throw answer
  }
}
