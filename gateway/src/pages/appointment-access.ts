import type { Deadline } from '@unefois/chassis/deadline'
import type { Secret } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { secretPath } from '../booking-addresses.js'
import { type AppointmentView, appointmentIn } from '../rest/appointment-views.js'
import { openCall } from './booking.js'
import type { Html } from './html.js'
import type { PageDoor } from './page-door.js'
import { formToken, type PersonalVisit, type Visit } from './visit.js'

/** By what right an appointment is seen and changed on a page, and where its pages are. */
export interface AppointmentAccess {
  readonly path: string
  /** Where another appointment is seen by the same right. */
  readonly pathOf: (appointmentId: string) => string
  /** Empty where the secret alone says which. */
  readonly appointmentId: string
  readonly secret: Secret | undefined
  readonly call: { readonly deadline: Deadline; readonly accessToken?: string }
  readonly token: Html | undefined
}

const secretShape = /^[A-Za-z0-9_-]{43}$/

/** A person's own. Error: APPOINTMENT_UNKNOWN for an address that names none. */
export const ownAccess = ({ params, deadline, session }: PersonalVisit): AppointmentAccess => {
  const read = z.uuid().safeParse(params.id)
  if (!read.success) throw new MeshError('APPOINTMENT_UNKNOWN')
  return {
    path: `/appointments/${read.data}`,
    pathOf: (appointmentId) => `/appointments/${appointmentId}`,
    appointmentId: read.data,
    secret: undefined,
    call: { deadline, accessToken: session.accessToken },
    token: formToken(session),
  }
}

/** Of whoever knows the secret of the booking: its first, or the one of an id. Error: APPOINTMENT_UNKNOWN for what cannot be one. */
export const secretAccess = (visit: Visit): AppointmentAccess => {
  const { secret = '', id } = visit.params
  const read = z.uuid().optional().safeParse(id)
  if (!secretShape.test(secret) || !read.success) throw new MeshError('APPOINTMENT_UNKNOWN')
  return {
    path: read.data === undefined ? secretPath(secret) : `${secretPath(secret)}/${read.data}`,
    pathOf: (appointmentId) => `${secretPath(secret)}/${appointmentId}`,
    appointmentId: read.data ?? '',
    secret: { of: { $case: 'appointment', value: secret } },
    call: openCall(visit),
    token: undefined,
  }
}

/** The lowest login with which everybody sees where their own appointments are. */
export const ownViewAcr = 'eidas2'

/** Whether the service did not tell where it is: the secret alone does not open that of everybody. */
export const isWhereWithheld = ({ placeId }: Pick<AppointmentView, 'placeId'>): boolean => placeId === ''

/** The appointment. Error: APPOINTMENT_UNKNOWN for one that is not theirs. */
export const readAppointment = async (
  { context }: PageDoor,
  { appointmentId, secret, call }: AppointmentAccess,
): Promise<AppointmentView> =>
  appointmentIn(await context.neighbours.appointments.getAppointment({ appointmentId, secret }, call))
