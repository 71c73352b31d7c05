import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  RequestSealedSubjectRequest,
  RequestSealedSubjectResponse,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'
import { basisField, memberField, subjectField } from '../request-fields.js'

interface Needs {
  readonly authority: AuthorityClient
}

/** Obtains a person sealed for a party of a consent. */
export const requestSealedSubject = ({
  authority,
}: Needs): PlainRpc<RequestSealedSubjectRequest, RequestSealedSubjectResponse> => ({
  request: z.object({ subject: subjectField, party: memberField, basisId: basisField }),
  handle: async ({ subject, party, basisId }, { deadline }) =>
    authority().issueSealedSubject({ subject, party, basisId }, { deadline }),
})
