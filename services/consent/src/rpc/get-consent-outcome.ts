import type { Rpc } from '@unefois/chassis/rpc'
import type { GetConsentOutcomeRequest, GetConsentOutcomeResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ConsentContext } from '../context.js'
import { outcomeOf } from '../domain/outcome.js'
import { readAnswers } from '../store/artefacts.js'
import { readOpenedRequest } from '../store/opened-requests.js'
import { requestId } from './fields.js'
import { wireState } from './states.js'

type Needs = Pick<ConsentContext, 'clock' | 'postgres' | 'subjects'>

/** What became of a request of this member; a person sees their own only. Error: CONSENT_REQUEST_UNKNOWN. */
export const getConsentOutcome = ({
  clock,
  postgres,
  subjects,
}: Needs): Rpc<GetConsentOutcomeRequest, GetConsentOutcomeResponse> => ({
  request: z.object({ requestId }),
  handle: async (request, { caller }) => {
    const opened = await readOpenedRequest(postgres, request.requestId)
    const isAnothers = caller.kind === 'person' && !(opened && (await subjects.areSame(opened.subject, caller.subject)))
    if (!opened || isAnothers) throw new MeshError('CONSENT_REQUEST_UNKNOWN')
    const { state, bases } = outcomeOf(opened, await readAnswers(postgres, opened.requestId), clock.nowMs())
    const { subject, purpose } = opened
    return { state: wireState(state), bases: bases.map((each) => ({ ...each })), subject, purpose }
  },
})
