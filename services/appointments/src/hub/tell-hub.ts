import type { Clock } from '@unefois/chassis/clock'
import type { Transaction } from '@unefois/chassis/postgres'
import { type HubChange, hubNotices } from '../domain/hub-notice.js'
import type { HubNotices } from '../store/hub-notices.js'
import type { ProtectedSubjects } from '../store/protected-subjects.js'

/** Keeps, in the transaction of a change, what the national hub is to be told of it. The transaction holds the appointment's lock. */
export type TellHub = (tx: Transaction, change: HubChange) => Promise<void>

/** For an agency that takes no part in the hub. */
export const tellNobody: TellHub = async () => undefined

interface Needs {
  readonly notices: Pick<HubNotices, 'add' | 'keepTold'>
  readonly protectedSubjects: Pick<ProtectedSubjects, 'hold'>
  readonly clock: Clock
  readonly publicUrl: string
}

/** Where a protected person will be is told to no hub; what it knew already was taken back when they became protected. */
export const tellHub =
  ({ notices, protectedSubjects, clock, publicUrl }: Needs): TellHub =>
  async (tx, { before, after }) => {
    const hidden = await protectedSubjects.hold(tx, after ? [after.subject] : [], clock.nowMs())
    const shown = after && !hidden.has(after.subject) ? after : undefined
    await notices.add(tx, hubNotices({ before, after: shown }, publicUrl))
    const changed = after ?? before
    if (changed) await notices.keepTold(tx, changed.appointmentId, shown !== undefined)
  }
