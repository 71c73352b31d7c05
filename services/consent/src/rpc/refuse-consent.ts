import type { Rpc } from '@unefois/chassis/rpc'
import type { RefuseConsentRequest, RefuseConsentResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type AnswerNeeds, recordAnswer, requestOf } from '../answer.js'
import { answerRefusal } from '../domain/consent-state.js'
import { readConsentOfRequest } from '../store/consents.js'
import { requirePerson } from './callers.js'
import { requestId } from './fields.js'

/**
 * Records the person's no, also where the request could no longer be granted; the same no again answers the same. Errors:
 * CONSENT_REQUEST_UNKNOWN, CONSENT_REQUEST_CLOSED, those of RequestSealedSubject.
 */
export const refuseConsent = (needs: AnswerNeeds): Rpc<RefuseConsentRequest, RefuseConsentResponse> => ({
  request: z.object({ requestId }),
  handle: async (answer, { caller, deadline }) => {
    const person = requirePerson(caller)
    const request = await requestOf(needs, answer.requestId, person)
    if (!answerRefusal(request, needs.clock.nowMs())) await recordAnswer(needs, { request, person }, deadline)
    const consent = await readConsentOfRequest(needs.postgres, request.requestId)
    if (consent?.state !== 'refused') throw new MeshError('CONSENT_REQUEST_CLOSED')
    return { returnUrl: request.returnUrl }
  },
})
