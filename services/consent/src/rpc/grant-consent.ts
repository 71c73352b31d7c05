import type { Rpc } from '@unefois/chassis/rpc'
import type { GrantConsentRequest, GrantConsentResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type AnswerNeeds, recordAnswer, requestOf, requireOpen } from '../answer.js'
import { readConsentOfRequest } from '../store/consents.js'
import { requirePerson } from './callers.js'
import { language, requestId } from './fields.js'

/**
 * Records the person's yes; the same yes again answers the same. Errors: CONSENT_REQUEST_UNKNOWN, CONSENT_REQUEST_CLOSED,
 * PURPOSE_NOT_AUTHORISED, those of RequestSealedSubject.
 */
export const grantConsent = (needs: AnswerNeeds): Rpc<GrantConsentRequest, GrantConsentResponse> => ({
  request: z.object({ requestId, language }),
  handle: async (answer, { caller, deadline }) => {
    const person = requirePerson(caller)
    const request = await requestOf(needs, answer.requestId, person)
    if (request.state === 'requested') {
      requireOpen(needs, request)
      await recordAnswer(needs, { request, person, language: answer.language === 'en' ? 'en' : 'fr' }, deadline)
    }
    const consent = await readConsentOfRequest(needs.postgres, request.requestId)
    if (!consent || consent.state === 'refused') throw new MeshError('CONSENT_REQUEST_CLOSED')
    return {
      consentId: consent.consentId,
      returnUrl: request.returnUrl,
      validUntilMs: consent.validUntilSeconds * 1000,
    }
  },
})
