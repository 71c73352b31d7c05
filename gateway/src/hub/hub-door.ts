import { Deadline } from '@unefois/chassis/deadline'
import { MeshError, reasons } from '@unefois/proto/reasons'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { GatewayContext } from '../context.js'
import { errorOf } from '../problem.js'
import { inTrace, noteRefusal } from '../trace.js'
import { availableTimeSlots, slotsAsked } from './available-time-slots.js'
import type { HubQuery } from './hub-query.js'
import { HubRefusal } from './hub-refusal.js'
import { HubToken, hubTokenHeader } from './hub-token.js'
import { managedMeetingPoints } from './managed-meeting-points.js'
import { applicationIdsAsked, searchApplicationIds } from './search-application-ids.js'

/** The hub asks for everybody in the country, from few addresses. */
const requestsPerMinute = 6000
/** Kept back from what the hub waits, so that an answer that is too slow is still one. */
const answerMs = 500

type Answer = (query: HubQuery, deadline: Deadline) => Promise<unknown>

/** A refusal of the mesh in the hub's form: it reads a status and a message, in English. */
const refusalOf = (error: MeshError): HubRefusal =>
  new HubRefusal(reasons[error.reason].http, reasons[error.reason].title)

/**
 * The door for the national hub of town-hall appointments, under the hub's own paths and token. Repeated parameters have no brackets;
 * a datetime is the wall clock of the place with a literal Z.
 */
export const addHubDoor = (app: FastifyInstance, context: GatewayContext): void => {
  const { config, clock } = context
  if (!config.hub) return
  const token = HubToken.read(config.hub.tokenFile)

  app.setErrorHandler((thrown, request, reply) => {
    const isHubs = thrown instanceof HubRefusal
    const error = isHubs ? new MeshError(thrown.status === 401 ? 'TOKEN_MISSING' : 'REQUEST_INVALID') : errorOf(thrown)
    noteRefusal(request, error)
    const refusal = isHubs ? thrown : refusalOf(error)
    return reply.code(refusal.status).header('cache-control', 'no-store').send(refusal.body)
  })

  const serve = (url: string, hubWaitsMs: number, answer: Answer): void => {
    app.get(url, { config: { rateLimit: { max: requestsPerMinute } } }, (request: FastifyRequest, reply) =>
      inTrace(request, async () => {
        if (!token.isShown(request.headers[hubTokenHeader])) throw new HubRefusal(401, 'Unauthorized')
        const deadline = Deadline.after(hubWaitsMs - answerMs, clock)
        const body = await deadline.race(answer(request.query as HubQuery, deadline))
        return reply.header('cache-control', 'no-store').send(body)
      }),
    )
  }

  serve('/getManagedMeetingPoints', 20_000, (_query, deadline) => managedMeetingPoints(context, deadline))
  serve('/availableTimeSlots', 15_000, async (query, deadline) =>
    availableTimeSlots(context, slotsAsked(query), deadline),
  )
  serve('/searchApplicationIds', 5_000, async (query, deadline) =>
    searchApplicationIds(context, applicationIdsAsked(query), deadline),
  )
}
