import { parisDay } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import {
  ApplicationState,
  type AttestAcceptanceRequest,
  type AttestAcceptanceResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { applicationFor, dayAt, procedureOf } from '../application-changes.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { signAttestation } from '../application-statements.js'
import { clockOf, silenceSpeaks } from '../domain/application-clock.js'
import { serviceOf } from '../domain/application-receipt.js'
import { applicationId } from './application-fields.js'

/** Errors: APPLICATION_UNKNOWN, ACCEPTANCE_NOT_GIVEN. From its day on, whether the chore has kept it yet or not. */
export const attestAcceptance = (
  needs: ApplicationNeeds,
): PlainRpc<AttestAcceptanceRequest, AttestAcceptanceResponse> => ({
  request: z.object({ applicationId }),
  handle: async (request, call) => {
    const kept = await applicationFor(needs, call, request.applicationId)
    const { application } = kept
    const procedure = await procedureOf(needs, kept)
    const today = parisDay(needs.runtime.clock)
    const isAccepted =
      application.state === ApplicationState.APPLICATION_STATE_ACCEPTED_BY_SILENCE ||
      silenceSpeaks(application, procedure, today, dayAt) === 'acceptance'
    if (!isAccepted) throw new MeshError('ACCEPTANCE_NOT_GIVEN')
    const clock = clockOf(application, procedure, today, dayAt)
    const service = serviceOf(procedure)
    return {
      acceptedDay: clock.dueDay,
      depositedAtMs: application.depositedAtMs,
      service,
      jws: signAttestation(needs, application, clock, service),
    }
  },
})
