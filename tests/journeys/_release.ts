import { capturedRequest, encodeRelease, releaseMethod } from '@unefois/deploy/sandbox/captured'
import type { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { HostileMember } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { evidenceType, fund, type Resident, told, town } from './_resident.js'

export { encodeRelease, releaseMethod }

/** The release request that the town's documents service would send about a resident, ticket and statement included. */
export const releaseOf = (
  { places, subject }: Resident,
  basisId: string,
  changes: Partial<{ purpose: string; subject: string }> = {},
): Promise<ReleaseEvidenceRequest> =>
  capturedRequest(places, {
    requester: town,
    provider: fund,
    subject,
    evidenceType,
    purpose: told,
    basisId,
    fields: ['quotient_familial.valeur'],
    ...changes,
  })

/** Sends a release request to the fund, sealed as it should be; answers the reason, or `nothing` when it was released. */
export const sendRelease = (sender: HostileMember, request: ReleaseEvidenceRequest): Promise<string> => {
  const sealed = sender.raw.seal(fund, 'documents', releaseMethod, encodeRelease(request))
  return refusalOf(releaseMethod, () => sender.send(fund, releaseMethod, sealed.message, sealed))
}
