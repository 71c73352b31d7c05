import type { Appointment } from '@unefois/proto/gen/unefois/appointments/v1/appointments'

/** The part of an appointment that the national hub hears of. */
export type HubAppointment = Pick<
  Appointment,
  'appointmentId' | 'subject' | 'preApplications' | 'localStart' | 'placeId' | 'place'
>

/** One thing that the national hub is to be told of one pre-application. The hub knows no change: it is a DELETE and a POST. */
export interface HubNotice {
  readonly preApplication: string
  readonly method: 'POST' | 'DELETE'
  readonly placeId: string
  readonly placeTitle: string
  /** Wall clock of the place, YYYY-MM-DDTHH:MM. */
  readonly localStart: string
  readonly managementUrl: string
}

/** What an appointment was and is now; absent where it was not booked, or is not any more. */
export interface HubChange {
  readonly before?: HubAppointment | undefined
  readonly after?: HubAppointment | undefined
}

const minuteLength = 'YYYY-MM-DDTHH:MM'.length

/** Where whoever has the appointment sees and cancels it; by it the hub tells one appointment of a pre-application from another. */
export const managementUrl = (publicUrl: string, appointmentId: string): string =>
  `${publicUrl.replace(/\/$/, '')}/appointments/${appointmentId}`

const noticesFor = (
  method: HubNotice['method'],
  { appointmentId, preApplications, localStart, placeId, place }: HubAppointment,
  publicUrl: string,
): HubNotice[] =>
  [...new Set(preApplications)].map((preApplication) => ({
    preApplication,
    method,
    placeId,
    placeTitle: place?.title?.fr ?? placeId,
    localStart: localStart.slice(0, minuteLength),
    managementUrl: managementUrl(publicUrl, appointmentId),
  }))

/** A notice that is told no more. */
export interface DroppedNotice {
  readonly appointmentId: string
  readonly notice: HubNotice
  /** Until when somebody may still be telling it; undefined: nobody has begun to. Milliseconds since 1970. */
  readonly maybeToldUntilMs: number | undefined
}

/** A notice that nobody tells before a moment, in milliseconds since 1970. */
export interface TimedNotice extends HubNotice {
  readonly dueAtMs: number
}

/**
 * What the hub is told so that it forgets these appointments, each with the numbers by which it was told of it or was to be, after these
 * notices were dropped: nothing of what nobody has begun to tell.
 */
export const forgettingNotices = (
  known: readonly HubAppointment[],
  dropped: readonly DroppedNotice[],
  publicUrl: string,
): TimedNotice[] => {
  const unheard = new Set(dropped.map(({ appointmentId, notice }) => `${appointmentId} ${notice.preApplication}`))
  const maybeTold = dropped.flatMap(({ notice, maybeToldUntilMs: dueAtMs }) =>
    dueAtMs === undefined ? [] : [{ ...notice, method: 'DELETE' as const, dueAtMs }],
  )
  const told = known.flatMap((each) =>
    noticesFor('DELETE', each, publicUrl).filter(
      ({ preApplication }) => !unheard.has(`${each.appointmentId} ${preApplication}`),
    ),
  )
  return [...maybeTold, ...told.map((notice) => ({ ...notice, dueAtMs: 0 }))]
}

/** What the hub is told of a change, in this order. */
export const hubNotices = ({ before, after }: HubChange, publicUrl: string): HubNotice[] => [
  ...(before ? noticesFor('DELETE', before, publicUrl) : []),
  ...(after ? noticesFor('POST', after, publicUrl) : []),
]
