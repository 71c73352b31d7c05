import { setTimeout as wait } from 'node:timers/promises'
import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { RequestEvidenceRequest, RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { PlannedExchange } from './script.js'
import type { Stage } from './stage.js'

const patienceMs = 10_000
const pauseMs = 50

/** What an exchange brought. */
export interface Obtained {
  readonly exchangeId: string
  readonly version: number
  readonly value: unknown
}

/** The requester's software records that the person was told; answers the basis id. */
export const tellOf = async (stage: Stage, exchange: PlannedExchange, key: string): Promise<string> => {
  const { requester, provider, evidenceType, purpose } = exchange
  const system = stage.system(requester)
  const { basisId } = await system.consent.recordNotice(
    {
      subject: stage.subject(requester, key),
      provider,
      purpose,
      evidenceTypes: [evidenceType],
      textVersion: stage.purpose(purpose).textVersion,
      language: 'en',
      channel: Channel.CHANNEL_COUNTER,
    },
    await system.call('notice:write'),
  )
  return basisId
}

/** The requester's software asks, through its own documents service. */
export const ask = async (
  stage: Stage,
  { requester, provider, evidenceType, purpose, fields }: PlannedExchange,
  key: string,
  basisId: string,
  changes: Partial<RequestEvidenceRequest> = {},
): Promise<RequestEvidenceResponse> => {
  const system = stage.system(requester)
  const subject = stage.subject(requester, key)
  const wish = { subject, provider, evidenceType, purpose, procedure: purpose, basisId, fields, predicates: [] }
  return system.documents.requestEvidence({ ...wish, ...changes }, await system.call('evidence:request'))
}

/** The evidence of an answer. Error: there is none. */
export const obtained = ({ exchangeId, outcome }: RequestEvidenceResponse): Obtained => {
  if (outcome?.$case !== 'evidence') throw new Error(`the provider gave no evidence: ${JSON.stringify(outcome)}`)
  const { version, valueJson } = outcome.value
  return { exchangeId, version, value: JSON.parse(valueJson) }
}

/** Asks until there is an answer, for what travels by events. Error: after ten seconds. */
export const eventually = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  const untilMs = performance.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() >= untilMs) throw new Error('what should have come by an event has not come')
    await wait(pauseMs)
  }
}
