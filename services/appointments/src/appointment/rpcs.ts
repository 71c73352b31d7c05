import type { Implementation } from '@unefois/chassis/rpc'
import type { AppointmentsServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { AppointmentsContext } from '../context.js'
import { bookAppointment } from '../rpc/book-appointment.js'
import { cancelAppointment } from '../rpc/cancel-appointment.js'
import { findByPreApplications } from '../rpc/find-by-pre-applications.js'
import { getAppointment } from '../rpc/get-appointment.js'
import { getBookingLink } from '../rpc/get-booking-link.js'
import { getCalendarFile } from '../rpc/get-calendar-file.js'
import { holdSlot } from '../rpc/hold-slot.js'
import { inviteToBook } from '../rpc/invite-to-book.js'
import { listAppointments } from '../rpc/list-appointments.js'
import { moveAppointment } from '../rpc/move-appointment.js'
import { prepareAppointment } from '../rpc/prepare-appointment.js'
import { recordAttendance } from '../rpc/record-attendance.js'
import { releaseHold } from '../rpc/release-hold.js'

/** The appointments service's own contract. */
export const appointmentRpcs = (
  context: AppointmentsContext,
): Implementation<typeof AppointmentsServiceDefinition> => ({
  holdSlot: holdSlot(context),
  releaseHold: releaseHold(context),
  bookAppointment: bookAppointment(context),
  getAppointment: getAppointment(context),
  listAppointments: listAppointments(context),
  moveAppointment: moveAppointment(context),
  cancelAppointment: cancelAppointment(context),
  recordAttendance: recordAttendance(context),
  prepareAppointment: prepareAppointment(context),
  getCalendarFile: getCalendarFile(context),
  inviteToBook: inviteToBook(context),
  getBookingLink: getBookingLink(context),
  findByPreApplications: findByPreApplications(context),
})
