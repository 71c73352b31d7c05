import { Temporal } from 'temporal-polyfill'
import type { AppointmentsContext } from '../context.js'
import type { DueNotice } from '../store/hub-notices.js'
import type { Hub } from './hub.js'

type Needs = Pick<AppointmentsContext, 'runtime' | 'hub' | 'hubNotices'>

const tellMs = 1000
const forgetMs = 3_600_000
const atOnce = 8
/** Longer than any attempt takes, so that two processes never tell the same notice at once. */
const takenMs = 60_000
const shortestWaitMs = 1000
const longestWaitMs = 10 * 60_000
const forgottenAfterDays = 31

/** The hub knows one appointment of a pre-application by its address and takes no second one: what may have been told goes first. */
const tell = async (hub: Hub, { missed, ...notice }: DueNotice): Promise<void> => {
  if (missed > 0 && notice.method === 'POST') await hub.tell({ ...notice, method: 'DELETE' })
  await hub.tell(notice)
}

/** True when the hub heard. */
const tellOne = async ({ runtime, hubNotices }: Needs, hub: Hub, notice: DueNotice): Promise<boolean> => {
  try {
    await tell(hub, notice)
  } catch (error) {
    const waitMs = Math.min(longestWaitMs, shortestWaitMs * 2 ** Math.min(notice.missed, 20))
    runtime.log.warn({ err: error, notice: notice.no, missed: notice.missed + 1 }, 'the hub did not hear; told again')
    await hubNotices.missed(notice.no, runtime.clock.nowMs() + waitMs)
    return false
  }
  await hubNotices.heard(notice.no)
  return true
}

/** Tells the national hub what is due; replicas may do so at the same time. */
export const tellWhatIsDue = async (needs: Needs): Promise<void> => {
  const { runtime, hub, hubNotices } = needs
  if (!hub) return
  const nowMs = runtime.clock.nowMs()
  for (let isMore = true; isMore; ) {
    const due = await hubNotices.take(nowMs, nowMs + takenMs, atOnce)
    const heard = await Promise.all(due.map((notice) => tellOne(needs, hub, notice)))
    isMore = due.length > 0 && heard.every(Boolean)
  }
}

/** Forgets what the hub has not heard of appointments that are long over: nobody asks it about them, and they name people. */
export const forgetUnheard = async ({ runtime, hubNotices }: Omit<Needs, 'hub'>): Promise<void> => {
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(runtime.clock.nowMs())).toZonedDateTimeISO('UTC')
  await hubNotices.forgetBefore(today.subtract({ days: forgottenAfterDays }).toPlainDate().toString())
}

/** What an agency that takes part in the national hub does again and again. */
export const hubChores = (needs: Needs) =>
  needs.hub === undefined
    ? []
    : [
        { everyMs: tellMs, run: () => tellWhatIsDue(needs) },
        { everyMs: forgetMs, run: () => forgetUnheard(needs) },
      ]
