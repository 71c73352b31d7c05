import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { readOffered } from '../offered.js'
import { calendarId } from '../rest/calendar-schemas.js'
import type { OfferedView } from '../rest/calendar-views.js'
import type { PageDoor } from './page-door.js'
import type { Visit } from './visit.js'

const notThere = new Set<string>(['UNAVAILABLE', 'DEADLINE_EXCEEDED'])

/** For what one can come, as a person may choose it. */
export const allOffered = (door: PageDoor, visit: Visit): Promise<OfferedView[]> =>
  readOffered(door.context, '', visit.deadline)

/** The same for a page that goes on without: nothing where the agency runs no appointments service. */
export const offeredIfAny = async (door: PageDoor, visit: Visit): Promise<OfferedView[]> => {
  const { deadline } = visit
  try {
    return await allOffered(door, { ...visit, deadline: deadline.keepingBack(deadline.remainingMs()) })
  } catch (thrown) {
    if (notThere.has(toMeshError(thrown).reason)) return []
    throw thrown
  }
}

/** One service type. Errors: SERVICE_TYPE_UNKNOWN, UNAVAILABLE where the agency runs no appointments service. */
export const offeredNamed = async (door: PageDoor, visit: Visit, id: string | undefined): Promise<OfferedView> => {
  const read = calendarId.safeParse(id)
  const found = read.success ? await readOffered(door.context, read.data, visit.deadline) : []
  const one = found.find(({ serviceType }) => serviceType.serviceTypeId === read.data)
  if (!one) throw new MeshError('SERVICE_TYPE_UNKNOWN')
  return one
}

/** The service type as it is offered now; undefined where it is offered no more. */
export const offeredNow = async (door: PageDoor, visit: Visit, id: string): Promise<OfferedView | undefined> => {
  try {
    return await offeredNamed(door, visit, id)
  } catch (thrown) {
    if (toMeshError(thrown).reason === 'SERVICE_TYPE_UNKNOWN') return undefined
    throw thrown
  }
}
