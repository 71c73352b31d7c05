import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import { wholeAppointment } from '../domain/appointment-view.js'
import { forgettingNotices } from '../domain/hub-notice.js'

export type WithdrawalNeeds = Pick<
  AppointmentsContext,
  'runtime' | 'book' | 'appointments' | 'hub' | 'hubNotices' | 'publicUrl'
>

/**
 * The national hub forgets the live appointments of these people, who were recorded as protected in this transaction: since then whoever
 * tells it something of them waits.
 */
export const withdrawFromHub = async (
  { runtime, book, appointments, hub, hubNotices, publicUrl }: WithdrawalNeeds,
  tx: Transaction,
  subjects: readonly string[],
): Promise<void> => {
  if (!hub) return
  const dropped = await hubNotices.dropPosts(tx, subjects)
  const numbersOf = await hubNotices.keepForgotten(tx, subjects)
  const live = await appointments.liveAmong(tx, [...numbersOf.keys()], runtime.clock.nowMs())
  const calendar = await book.current(tx)
  const known = live.map((kept) => ({
    ...wholeAppointment(calendar, kept),
    preApplications: [...(numbersOf.get(kept.appointmentId) ?? [])],
  }))
  await hubNotices.add(tx, forgettingNotices(known, dropped, publicUrl))
}
