import type { PlainRpc } from '@unefois/chassis/rpc'
import type { RequestTicketRequest, RequestTicketResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import type { AuthorityClient } from '../authority-client.js'
import { basisField, loginHandleField, memberField, purposeField, subjectField } from '../request-fields.js'

interface Needs {
  readonly authority: AuthorityClient
}

/** Obtains a subject ticket for a neighbour. */
export const requestTicket = ({ authority }: Needs): PlainRpc<RequestTicketRequest, RequestTicketResponse> => ({
  request: z.object({
    subject: subjectField,
    provider: memberField,
    purpose: purposeField,
    basisId: basisField,
    loginHandle: loginHandleField,
  }),
  handle: async ({ subject, provider, purpose, basisId, loginHandle }, { deadline }) =>
    authority().issueTicket({ subject, provider, purpose, basisId, loginHandle }, { deadline }),
})
