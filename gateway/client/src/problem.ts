import type { Paths } from '#openapi'

/** What the gateway answers instead of what was asked (RFC 9457), with one reason of a closed list. */
export type Problem = Paths['/v1/me']['get']['responses']['default']['content']['application/problem+json']
export type Reason = Problem['reason']

type Method = 'get' | 'post' | 'delete'

/** The reasons that one operation names beside those of every operation, such as `RefusalOf<'/v1/me', 'get'>`. */
export type RefusalOf<P extends keyof Paths, M extends keyof Paths[P] & Method> = Paths[P][M] extends {
  refusals: infer R
}
  ? R
  : never

/** Whether the same request, under the same key, may be answered another time, and after how long. */
export type RetryAdvice = { readonly kind: 'never' } | { readonly kind: 'after'; readonly waitMs: number | undefined }

const never: RetryAdvice = { kind: 'never' }

/** RFC 9110 section 10.2.3: seconds or a date; undefined where there is none that can be read. */
const waitIn = (retryAfter: string | null, nowMs: number): number | undefined => {
  if (retryAfter === null) return undefined
  const ms = /^[0-9]{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - nowMs
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** A refusal stays one. Only what was not ready, or said when to come back, is asked again. */
export const retryAdvice = (status: number, retryAfter: string | null, nowMs: number): RetryAdvice => {
  const waitMs = waitIn(retryAfter, nowMs)
  if (status === 429) return waitMs === undefined ? never : { kind: 'after', waitMs }
  return status === 502 || status === 503 || status === 504 ? { kind: 'after', waitMs } : never
}

/** A problem, thrown. `reason` tells what is wrong, `next` what can be done, `retry` whether asking again may help. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem
  readonly reason: Reason
  readonly status: number
  readonly retry: RetryAdvice

  constructor(problem: Problem, response: Response) {
    super(`${problem.reason}: ${problem.title} ${problem.next}`)
    this.problem = problem
    this.reason = problem.reason
    this.status = response.status
    this.retry = retryAdvice(response.status, response.headers.get('retry-after'), Date.now())
  }
}

/** The gateway could not be reached, or what answered was not a gateway; `cause` says more. Nothing is known of the effect. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && typeof (value as Problem).reason === 'string'

/** What was asked for. Errors: ProblemError for a problem, NoAnswerError for anything else that is no success. */
export const dataOf = <D>(result: { data?: D; error?: unknown; response: Response }): D => {
  if (result.response.ok) return result.data as D
  if (isProblem(result.error)) throw new ProblemError(result.error, result.response)
  throw new NoAnswerError(`answered ${result.response.status} without a problem`, { cause: result.error })
}
