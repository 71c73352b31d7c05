import type { Transaction } from '@unefois/chassis/postgres'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { AppointmentsContext } from '../context.js'
import type { Calendar, KnownSchedule } from '../domain/calendar.js'
import { byFewest, usualCallbackMinutes } from '../domain/callback.js'
import { callbackDue } from '../domain/callback-due.js'

/** What the RPCs and chores of callbacks work with. */
export type CallbackNeeds = Pick<
  AppointmentsContext,
  'runtime' | 'book' | 'openings' | 'callbacks' | 'subjects' | 'protectedSubjects'
>

/** Who calls, from which place, and by when. */
export interface CallbackPlan {
  readonly placeId: string
  readonly practitionerNo: number
  readonly dueAtMs: number
}

const dayMs = 86_400_000
/** How far ahead openings are read: most callbacks are due this week. */
const reachesDays = [7, 31, 366]

/** When the openings of schedules have lasted so long; undefined where none is ahead. */
const dueIn = async (
  { openings }: Pick<CallbackNeeds, 'openings'>,
  tx: Transaction,
  schedules: readonly KnownSchedule[],
  { callbackMinutes }: Pick<ServiceType, 'callbackMinutes'>,
  nowMs: number,
): Promise<number | undefined> => {
  const nos = schedules.map(({ no }) => no)
  let due: ReturnType<typeof callbackDue>
  for (const days of reachesDays) {
    const opened = await openings.meeting(nos, { startsAtMs: nowMs, endsAtMs: nowMs + days * dayMs }, tx)
    due = callbackDue(opened, nowMs, (callbackMinutes || usualCallbackMinutes) * 60_000)
    if (due?.isWhole) break
  }
  return due?.dueAtMs
}

/**
 * Who calls, of those who are ahead in the calendar for this service type: whoever has the fewest to call. It is due once the
 * openings for this at their place have lasted long enough. Undefined where nobody is there any more.
 */
export const planCallback = async (
  needs: Pick<CallbackNeeds, 'openings' | 'callbacks'>,
  tx: Transaction,
  { offering }: Calendar,
  { type, placeId, nowMs }: { readonly type: ServiceType; readonly placeId: string; readonly nowMs: number },
): Promise<CallbackPlan | undefined> => {
  const schedules = (offering.get(type.serviceTypeId) ?? []).filter(
    ({ schedule, practitioner }) => practitioner && (placeId === '' || schedule.placeId === placeId),
  )
  const who = new Map(schedules.flatMap(({ practitioner }) => (practitioner ? [[practitioner.no, practitioner]] : [])))
  const open = await needs.callbacks.openOf(tx, [...who.keys()])
  const candidates = [...who.values()].map(({ no, resource }) => ({
    no,
    practitionerId: resource.resourceId,
    openCallbacks: open.get(no) ?? 0,
  }))
  for (const { no } of byFewest(candidates)) {
    const own = schedules.filter(({ practitioner }) => practitioner?.no === no)
    const ahead = await needs.openings.meeting(
      own.map((each) => each.no),
      { startsAtMs: nowMs, endsAtMs: nowMs + 366 * dayMs },
      tx,
    )
    const first = own.find((each) => each.no === ahead[0]?.scheduleNo)
    if (!first) continue
    const there = schedules.filter(({ schedule }) => schedule.placeId === first.schedule.placeId)
    const dueAtMs = await dueIn(needs, tx, there, type, nowMs)
    if (dueAtMs !== undefined) return { placeId: first.schedule.placeId, practitionerNo: no, dueAtMs }
  }
  return undefined
}
