import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import type { RequestEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { Cast } from './cast.js'

/** What the requester's software asks for. */
export interface Asking {
  readonly subject: string
  readonly purpose: string
  readonly basisId: string
  readonly fields: readonly string[]
  readonly predicates: readonly { readonly predicate: string; readonly argumentSubject: string }[]
}

/** The town's software records the notice that the person was shown; answers its basis id. */
export const recordNotice = async (
  { town, places, script }: Cast,
  subject: string,
  purpose: string,
): Promise<string> => {
  const textVersion = places.list().purpose(purpose).textVersion
  const { basisId } = await town.consent.recordNotice(
    {
      subject,
      provider: script.provider,
      purpose,
      evidenceTypes: [script.evidenceType],
      textVersion,
      language: 'fr',
      channel: Channel.CHANNEL_COUNTER,
    },
    await town.call('notice:write'),
  )
  return basisId
}

/** The town's software asks the provider, by its own service's gRPC door. */
export const askForEvidence = async ({ town, script }: Cast, asking: Asking): Promise<RequestEvidenceResponse> =>
  town.documents.requestEvidence(
    {
      ...asking,
      fields: [...asking.fields],
      predicates: [...asking.predicates],
      provider: script.provider,
      evidenceType: script.evidenceType,
      procedure: asking.purpose,
    },
    await town.call('evidence:request'),
  )
