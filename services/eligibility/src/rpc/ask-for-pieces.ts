import { randomUUID } from 'node:crypto'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { AskForPiecesRequest, AskForPiecesResponse } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { z } from 'zod'
import { applicationView, changeApplication, dayAt, handBehind, invalid, requireFits } from '../application-changes.js'
import type { ApplicationNeeds } from '../application-needs.js'
import { asked } from '../domain/application.js'
import { askedFieldsFault } from '../domain/pieces.js'
import type { ProcedureData } from '../domain/procedure.js'
import type { FactSource } from '../domain/release.js'
import { dayAfterTerm, daysLater } from '../domain/term.js'
import { holdersOf } from '../reach.js'
import { ruleReading } from '../stated-facts.js'
import { applicationId, by, words } from './application-fields.js'
import { day, orEmpty } from './fields.js'

const longestDays = 366

/** The last day that the person has. Error: APPLICATION_INVALID. */
const lastDay = (asked: string, { application }: ProcedureData, today: string): string => {
  const until = asked || (application ? dayAfterTerm(today, application.completion) : daysLater(today, 1))
  if (until <= today || until > daysLater(today, longestDays))
    throw invalid({ field: 'untilDay', what: `is 1 to ${longestDays} days ahead` })
  return until
}

/** Where a procedure without a rule has a field from: its examination asks for fields, not for facts. */
const fieldSource = ({ fields, benefit, purposes }: ProcedureData, id: string): FactSource[] => {
  const evidence = benefit === undefined ? fields[id]?.evidence : undefined
  return evidence ? purposes.map((purpose) => ({ evidenceType: evidence.type, field: evidence.field, purpose })) : []
}

/** Errors: APPLICATION_UNKNOWN, APPLICATION_ENDED, APPLICATION_INVALID naming the field. */
export const askForPieces = (needs: ApplicationNeeds): EffectRpc<AskForPiecesRequest, AskForPiecesResponse> => ({
  request: z.object({
    applicationId,
    isIncomplete: z.boolean(),
    fields: z.array(z.string().min(1).max(64)).max(100),
    what: words(10, 2000),
    untilDay: orEmpty(day),
    by,
  }),
  effect: async (request, call, tx) => {
    const hand = handBehind(call, request.by, ['agent'])
    const nowMs = Math.floor(needs.runtime.clock.nowMs())
    const { kept, procedure } = await changeApplication(
      needs,
      tx,
      call,
      request.applicationId,
      async (before, procedure) => {
        const { used, notObtained, depositedAtMs } = before.application
        const release = await ruleReading(needs, procedure, dayAt(depositedAtMs), tx)
        const holding = holdersOf(needs)
        const fault = askedFieldsFault(procedure.fields, request.fields, {
          holders: (type, field) => holding(type, field, procedure.purposes),
          used,
          notObtained,
          sourcesOf: (fact) => release?.facts[fact]?.sources ?? fieldSource(procedure, fact),
        })
        if (fault) throw invalid(fault)
        const after = asked(before, {
          correctionId: randomUUID(),
          isIncomplete: request.isIncomplete,
          fields: request.fields,
          what: request.what,
          askedAtMs: nowMs,
          untilDay: lastDay(request.untilDay, procedure, dayAt(nowMs)),
          resolvedAtMs: 0,
          by: hand,
        })
        if (!('refusal' in after)) requireFits(after)
        return after
      },
    )
    return { application: applicationView(needs, kept, procedure, call) }
  },
})
