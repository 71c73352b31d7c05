import type { Visit as KeptVisit } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { appointmentView } from '../rest/appointment-views.js'
import type { OfferedPlaceView } from '../rest/calendar-views.js'
import { type VisitOfferView, type VisitToSeveralView, visitIn } from '../rest/visit-views.js'
import { ownCall } from './application-reading.js'
import { jointOffers } from './joint-visit-search.js'
import type { PageDoor } from './page-door.js'
import type { PersonalVisit, Visit } from './visit.js'

/** A visit to several agencies with what its page says of it. */
export interface JointVisit {
  readonly one: VisitToSeveralView
  readonly offers: readonly VisitOfferView[]
  /** Undefined where no meeting of it says where it is any more. */
  readonly place: OfferedPlaceView | undefined
}

/** The visit that the address names. Error: VISIT_UNKNOWN. */
export const visitIdOf = ({ params }: Visit): string => {
  const read = z.uuid().safeParse(params.id)
  if (!read.success) throw new MeshError('VISIT_UNKNOWN')
  return read.data
}

/** What a page goes on without, where it cannot be had. */
const orElse = async <T>(asked: Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await asked
  } catch (thrown) {
    const { reason } = toMeshError(thrown)
    if (reason === 'INTERNAL' || reason === 'ASSURANCE_TOO_LOW') throw thrown
    return otherwise
  }
}

const placeOf = async (
  { context }: PageDoor,
  visit: PersonalVisit,
  { legs }: VisitToSeveralView,
): Promise<OfferedPlaceView | undefined> => {
  const appointmentId = legs.find((leg) => leg.appointmentId !== null)?.appointmentId
  if (!appointmentId) return undefined
  const { appointment } = await context.neighbours.appointments.getAppointment(
    { appointmentId, secret: undefined },
    ownCall(visit),
  )
  return appointment && (appointmentView(appointment).place ?? undefined)
}

/** With where it is and what it is about. */
export const withDetails = async (
  door: PageDoor,
  visit: PersonalVisit,
  answer: { readonly visit?: KeptVisit | undefined },
): Promise<JointVisit> => {
  const one = visitIn(answer)
  const [place, { offers }] = await Promise.all([
    orElse(placeOf(door, visit, one), undefined),
    orElse(jointOffers(door, visit), { places: [], offers: [], without: [] }),
  ])
  return { one, place, offers }
}

/** A person's own. Errors: VISIT_UNKNOWN, ASSURANCE_TOO_LOW. */
export const readJointVisit = async (door: PageDoor, visit: PersonalVisit): Promise<JointVisit> =>
  withDetails(door, visit, await door.context.neighbours.visits.getVisit({ visitId: visitIdOf(visit) }, ownCall(visit)))
