import type { Deadline } from '@unefois/chassis/deadline'
import type { GatewayContext } from '../context.js'
import { preApplicationShape } from '../pre-application.js'
import { hubDatetime } from './available-time-slots.js'
import { type HubQuery, many } from './hub-query.js'

/** What the contract takes at once. */
const mostAtOnce = 100
const mostIds = 1000

interface BookedAppointment {
  readonly meeting_point: string
  readonly datetime: string
  readonly management_url: string
  readonly cancel_url: string
}

/** Reads the hub's question. Error: HubRefusal. */
export const applicationIdsAsked = (query: HubQuery): string[] => many(query, 'application_ids', mostIds)

/** The live appointments of pre-applications; each id that was asked for is a key, with none where nothing is booked. */
export const searchApplicationIds = async (
  { neighbours, config }: GatewayContext,
  applicationIds: readonly string[],
  deadline: Deadline,
): Promise<Record<string, BookedAppointment[]>> => {
  const found = new Map<string, BookedAppointment[]>(applicationIds.map((id) => [id, []]))
  const known = applicationIds.filter((id) => preApplicationShape.test(id))
  for (let at = 0; at < known.length; at += mostAtOnce) {
    const preApplications = known.slice(at, at + mostAtOnce)
    const { booked } = await neighbours.appointments.findByPreApplications({ preApplications }, { deadline })
    for (const { preApplication, appointmentId, place, placeId, localStart } of booked) {
      // The same address as the hub was told when it was booked: by it the hub knows one from another.
      const address = `${config.publicUrl}/appointments/${appointmentId}`
      found.get(preApplication)?.push({
        meeting_point: place?.fr || placeId,
        datetime: hubDatetime(localStart),
        management_url: address,
        cancel_url: address,
      })
    }
  }
  return Object.fromEntries(found)
}
