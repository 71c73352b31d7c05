import type { EffectRpc } from '@unefois/chassis/rpc'
import type { AddPiecesRequest, AddPiecesResponse } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { z } from 'zod'
import { applicationView, changeApplication, dayAt, handBehind, invalid, requireFits } from '../application-changes.js'
import { applicationEvent } from '../application-events.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { piecesAdded } from '../domain/application.js'
import { entriesFault } from '../domain/pieces.js'
import { ruleReading, statedFacts } from '../stated-facts.js'
import { applicationId, by, entries, facts } from './application-fields.js'

/** Errors: APPLICATION_UNKNOWN, APPLICATION_ENDED, APPLICATION_INVALID and FACT_INVALID naming the field. */
export const addPieces = (needs: ApplicationNeeds): EffectRpc<AddPiecesRequest, AddPiecesResponse> => ({
  request: z
    .object({ applicationId, entries, facts, by })
    .refine((given) => given.entries.length + given.facts.length > 0, {
      path: ['entries'],
      message: 'nothing is added',
    }),
  effect: async (request, call, tx) => {
    const { runtime } = needs
    const hand = handBehind(call, request.by, ['agent', 'helper'])
    const nowMs = Math.floor(runtime.clock.nowMs())
    const { kept, procedure } = await changeApplication(
      needs,
      tx,
      call,
      request.applicationId,
      async (before, procedure) => {
        const { corrections, depositedAtMs } = before.application
        const asked = new Set(corrections.flatMap(({ fields }) => fields))
        const fault = entriesFault(procedure.fields, request.entries, asked)
        if (fault) throw invalid(fault)
        const stated = statedFacts(await ruleReading(needs, procedure, dayAt(depositedAtMs), tx), request.facts)
        const after = piecesAdded(before, { entries: request.entries, facts: stated }, nowMs)
        if (!('refusal' in after)) requireFits(after)
        return after
      },
    )
    // The agency's systems know what its own agents did.
    if (hand.who?.$case !== 'agent')
      await runtime.outbox.add(tx, [applicationEvent('changed', kept.application.applicationId, nowMs)])
    return { application: applicationView(needs, kept, procedure, call) }
  },
})
