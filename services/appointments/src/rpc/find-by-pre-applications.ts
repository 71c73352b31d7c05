import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  FindByPreApplicationsRequest,
  FindByPreApplicationsResponse,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { z } from 'zod'
import type { AppointmentReading } from '../appointment/needs.js'
import { wholeAppointment } from '../domain/appointment-view.js'

const minuteLength = 'YYYY-MM-DDTHH:MM'.length

/** Numbers that are known of nobody, or are none, have no answer; nor has what a protected person booked. */
export const findByPreApplications = ({
  runtime,
  book,
  appointments,
  protectedSubjects,
}: Pick<AppointmentReading, 'runtime' | 'book' | 'appointments' | 'protectedSubjects'>): PlainRpc<
  FindByPreApplicationsRequest,
  FindByPreApplicationsResponse
> => ({
  request: z.object({ preApplications: z.array(z.string().max(64)).max(100) }),
  handle: async (request) => {
    const asked = [...new Set(request.preApplications)]
    const calendar = await book.current()
    const nowMs = runtime.clock.nowMs()
    const all = await appointments.ofPreApplications(asked, nowMs)
    const hidden = await protectedSubjects.among(
      all.map(({ subject }) => subject),
      nowMs,
    )
    const found = all.filter(({ subject }) => !hidden.has(subject))
    const booked = asked.flatMap((preApplication) =>
      found
        .filter(({ said }) => said.preApplications.includes(preApplication))
        .map((kept) => {
          const { appointmentId, placeId, place, localStart } = wholeAppointment(calendar, kept)
          return {
            preApplication,
            appointmentId,
            placeId,
            place: place?.title,
            localStart: localStart.slice(0, minuteLength),
          }
        }),
    )
    return { booked }
  },
})
