import type { Rpc } from '@unefois/chassis/rpc'
import {
  ConsentState,
  type GetConsentRequestRequest,
  type GetConsentRequestResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { z } from 'zod'
import { requestOf, requireOpen } from '../answer.js'
import type { ConsentAuthorityContext } from '../context.js'
import { requirePerson } from './callers.js'
import { wireDisclosures } from './disclosures.js'
import { requestId } from './fields.js'

type Needs = Pick<ConsentAuthorityContext, 'clock' | 'postgres' | 'federation' | 'subjects'>

/** Shows an open request to the person who is asked. Errors: CONSENT_REQUEST_UNKNOWN, CONSENT_REQUEST_CLOSED. */
export const getConsentRequest = (needs: Needs): Rpc<GetConsentRequestRequest, GetConsentRequestResponse> => ({
  request: z.object({ requestId }),
  handle: async (asked, { caller }) => {
    const request = await requestOf(needs, asked.requestId, requirePerson(caller))
    requireOpen(needs, request)
    return {
      request: {
        requestId: request.requestId,
        requester: request.requester,
        purpose: request.purpose,
        durationDays: request.durationDays,
        state: ConsentState.CONSENT_STATE_REQUESTED,
        disclosures: wireDisclosures(request.disclosures),
        returnUrl: request.returnUrl,
        expiresAtMs: request.expiresAtMs,
        textVersion: request.textVersion,
      },
    }
  },
})
