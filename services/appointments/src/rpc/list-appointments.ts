import { PageTokens } from '@unefois/chassis/page-token'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import {
  Appointment,
  AppointmentState,
  type ListAppointmentsRequest,
  type ListAppointmentsResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireOwnView } from '../appointment/access.js'
import type { AppointmentReading } from '../appointment/needs.js'
import { appointmentViews, isWhereWithheld } from '../appointment/view.js'
import { stateName } from '../domain/appointment-state.js'
import { fitting } from '../domain/page-budget.js'
import type { AppointmentCursor, WantedAppointments } from '../store/appointment-list.js'
import { calendarId, momentMs, orEmpty, subject } from './appointment-fields.js'

const usualSize = 20
const mostSize = 100

const cursorIn = (text: string): AppointmentCursor | undefined => {
  if (text === '') return undefined
  const [, startsAtMs, appointmentId] = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(text) ?? []
  if (startsAtMs === undefined || !z.uuid().safeParse(appointmentId).success) throw new MeshError('PAGE_TOKEN_MISMATCH')
  return { startsAtMs: Number(startsAtMs), appointmentId: appointmentId as string }
}
const cursorText = ({ startsAtMs, appointmentId }: AppointmentCursor): string => `${startsAtMs}.${appointmentId}`

const wantedBy = async (
  { book, runtime }: AppointmentReading,
  request: ListAppointmentsRequest,
  call: Pick<Call, 'caller'>,
): Promise<WantedAppointments> => {
  const { practitionerId, placeId, fromMs, toMs } = request
  if (fromMs > 0 && toMs > 0 && toMs < fromMs) throw new MeshError('RANGE_INVERTED')
  const { practitioners, places } = await book.current()
  const practitioner = practitioners.get(practitionerId)
  if (practitionerId !== '' && !practitioner) throw new MeshError('PRACTITIONER_UNKNOWN')
  if (placeId !== '' && !places.has(placeId)) throw new MeshError('PLACE_UNKNOWN')
  return {
    subject: request.subject || undefined,
    placeId: placeId || undefined,
    practitionerNo: practitioner?.no,
    state: stateName(request.state),
    fromMs: fromMs || undefined,
    toMs: toMs || undefined,
    nowMs: runtime.clock.nowMs(),
    // Who is at a place is what is withheld of their appointment; a page that they were left out of later would end at theirs.
    withoutProtected: (placeId !== '' || practitionerId !== '') && isWhereWithheld(call),
  }
}

/**
 * A page may be short, and has more behind it as long as there is a token. Errors: CALLER_NOT_ALLOWED for a person who does not name
 * themselves, ASSURANCE_TOO_LOW, PLACE_UNKNOWN, PRACTITIONER_UNKNOWN, RANGE_INVERTED, PAGE_TOKEN_MISMATCH.
 */
export const listAppointments = (
  needs: AppointmentReading,
): PlainRpc<ListAppointmentsRequest, ListAppointmentsResponse> => ({
  request: z.object({
    subject,
    placeId: orEmpty(calendarId),
    practitionerId: orEmpty(calendarId),
    state: z.number().int().min(0).max(AppointmentState.APPOINTMENT_STATE_NO_SHOW),
    fromMs: momentMs,
    toMs: momentMs,
    pageSize: z.number().int().min(0).max(mostSize),
    pageToken: z.string().max(200),
  }),
  handle: async (request, call) => {
    const { subject: asked, placeId, practitionerId, state, fromMs, toMs } = request
    if (call.caller.kind === 'person' && call.caller.subject !== asked) throw new MeshError('CALLER_NOT_ALLOWED')
    await requireOwnView(needs, call)
    const tokens = new PageTokens('appointments', { subject: asked, placeId, practitionerId, state, fromMs, toMs })
    const after = cursorIn(tokens.positionIn(request.pageToken))
    const wanted = await wantedBy(needs, request, call)
    const found = await needs.appointments.list(after, wanted, request.pageSize || usualSize)
    const views = await appointmentViews(needs, found.appointments, call)
    const page = fitting(views, (each) => Appointment.encode(each).finish().length)
    const upTo = page.length < views.length ? found.appointments[page.length - 1] : found.upTo
    return { appointments: [...page], nextPageToken: tokens.after(upTo && cursorText(upTo)) }
  },
})
