import type { Attempt } from './delivery-schedule.js'

const longestAnswerMs = 10_000

/** What failed, in words for the webhook's client: nothing of what the receiver answered, which may be anything. */
const failureOf = (thrown: unknown): string => {
  const { name = '', cause } = thrown as { name?: string; cause?: { code?: string } }
  if (name === 'TimeoutError') return `no answer within ${longestAnswerMs / 1000} s`
  return /^[A-Z][A-Z0-9_]{2,40}$/.test(cause?.code ?? '') ? `not reached: ${cause?.code}` : 'not reached'
}

/** Sends one event; any 2xx is a delivery, 410 means that none is wanted any more, and a redirection is followed nowhere. */
export const postEvent = async (
  url: string,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<Attempt> => {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(longestAnswerMs),
    })
    await answer.body?.cancel()
    if (answer.ok) return { kind: 'delivered' }
    return { kind: 'failed', failure: `answered ${answer.status}`, isGone: answer.status === 410 }
  } catch (thrown) {
    return { kind: 'failed', failure: failureOf(thrown), isGone: false }
  }
}
