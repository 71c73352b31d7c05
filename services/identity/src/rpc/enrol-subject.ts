import type { PlainRpc } from '@unefois/chassis/rpc'
import type { EnrolSubjectRequest, EnrolSubjectResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'
import { pivotField } from '../request-fields.js'

interface Needs {
  readonly authority: AuthorityClient
}

/** Matches a person whom the agency's own register knows. */
export const enrolSubject = ({ authority }: Needs): PlainRpc<EnrolSubjectRequest, EnrolSubjectResponse> => ({
  request: z.object({ pivot: pivotField }),
  handle: async ({ pivot }, { deadline }) => {
    const { match } = await authority().matchSubject({ pivot }, { deadline })
    return { match }
  },
})
