import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetVisitOutcomeRequest, GetVisitOutcomeResponse } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { z } from 'zod'
import { outcomeTold } from '../domain/visit.js'
import { visitState } from '../visits/events.js'
import { memberCalling } from '../visits/members.js'
import type { VisitNeeds } from '../visits/needs.js'

type Needs = Pick<VisitNeeds, 'visits'>

/** Answers a member with a leg of the visit; to any other one the visit is unknown, and what is unknown was released. */
export const getVisitOutcome = ({ visits }: Needs): PlainRpc<GetVisitOutcomeRequest, GetVisitOutcomeResponse> => ({
  request: z.object({ visitId: z.uuid() }),
  handle: async ({ visitId }, call) => {
    const member = memberCalling(call)
    const visit = await visits.get(visitId)
    const isTheirs = visit?.legs.some((leg) => leg.member === member)
    return { state: visitState(outcomeTold(isTheirs ? visit?.state : undefined)) }
  },
})
