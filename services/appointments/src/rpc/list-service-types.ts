import { PageTokens } from '@unefois/chassis/page-token'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ListServiceTypesRequest,
  ListServiceTypesResponse,
  OfferedServiceType,
  ServiceType,
} from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type OfferedPosition, offeredAfter, offeredPage } from '../calendar/offered-page.js'
import type { AppointmentsContext } from '../context.js'
import type { Calendar } from '../domain/calendar.js'
import { placeShown } from '../domain/place-shown.js'
import { calendarId } from './calendar-fields.js'

const mostSize = 500

// Without filters a token is its position alone: no other list has one with a slash.
const positionIn = (text: string): OfferedPosition => {
  const [, serviceTypeId, placeId] = /^([a-z0-9-]{1,64})\/([a-z0-9-]{0,64})$/.exec(text) ?? []
  if (serviceTypeId === undefined || placeId === undefined) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return { serviceTypeId, placeId }
}
const textOf = ({ serviceTypeId, placeId }: OfferedPosition): string => `${serviceTypeId}/${placeId}`

const byId = <T>(items: Iterable<T>, idOf: (item: T) => string): T[] =>
  [...items].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1))

const offeredOf = ({ offering }: Calendar, serviceType: ServiceType): OfferedServiceType => {
  const places = new Map((offering.get(serviceType.serviceTypeId) ?? []).map(({ place }) => [place.placeId, place]))
  return { serviceType, places: byId(places.values(), ({ placeId }) => placeId).map(placeShown) }
}

/** Errors: SERVICE_TYPE_UNKNOWN, also for a retired one; PAGE_TOKEN_MISMATCH. */
export const listServiceTypes = ({
  book,
}: Pick<AppointmentsContext, 'book'>): PlainRpc<ListServiceTypesRequest, ListServiceTypesResponse> => ({
  request: z.object({
    serviceTypeId: z.union([calendarId, z.literal('')]),
    pageSize: z.number().int().min(0).max(mostSize),
    pageToken: z.string().max(200),
  }),
  handle: async ({ serviceTypeId, pageSize, pageToken }) => {
    const tokens = new PageTokens('service-types', { serviceTypeId })
    const after = pageToken === '' ? undefined : positionIn(tokens.positionIn(pageToken))
    const calendar = await book.current()
    const standing = [...calendar.serviceTypes.values()].filter(({ isRetired }) => !isRetired)
    const wanted = standing.filter((type) => serviceTypeId === '' || type.serviceTypeId === serviceTypeId)
    if (serviceTypeId !== '' && wanted.length === 0) throw new MeshError('SERVICE_TYPE_UNKNOWN')
    const offered = byId(wanted, (type) => type.serviceTypeId).map((type) => offeredOf(calendar, type))
    const { serviceTypes, upTo } = offeredPage(after ? offeredAfter(offered, after) : offered, pageSize || mostSize)
    return { serviceTypes: [...serviceTypes], nextPageToken: tokens.after(upTo && textOf(upTo)) }
  },
})
