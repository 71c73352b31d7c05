import type { Transaction } from '@unefois/chassis/postgres'
import { touchedBy } from '../booking/freed.js'
import { giveUpHolds } from '../booking/own-holds.js'
import { booked, type KeptWaiting, passed } from '../domain/waiting.js'
import { refreshFullness } from '../search/fullness.js'
import type { ServingNeeds } from './needs.js'

/**
 * Before slots are given: offers that are over, or were answered by booking or giving back what is held, are known by then, so that
 * whoever had one has their turn too. What somebody answers just now is left to them. Answers who goes on waiting. The transaction
 * has locked the list.
 */
export const settleOffers = async (needs: ServingNeeds, tx: Transaction): Promise<readonly KeptWaiting[]> => {
  const { waiting, appointments, runtime } = needs
  const nowMs = Math.floor(runtime.clock.nowMs())
  const stale = await waiting.stale(tx, nowMs)
  if (stale.length === 0) return []
  // Without waiting: whoever locks an appointment may come for the list next.
  const locked = await appointments.lockFree(
    tx,
    stale.map(({ kept }) => kept.appointmentId ?? ''),
  )
  const waits: KeptWaiting[] = []
  for (const { kept, isThere } of stale) {
    const appointment = locked.find(({ appointmentId }) => appointmentId === kept.appointmentId)
    if (isThere && !appointment) continue
    const isBooked = appointment !== undefined && appointment.state !== 'held' && appointment.state !== 'lapsed'
    const settled = isBooked ? booked(kept, appointment.appointmentId, kept.said.slot, nowMs) : passed(kept)
    await waiting.save(tx, settled)
    if (!isBooked) waits.push(settled)
  }
  const over = locked.filter(({ state }) => state === 'held').map(({ appointmentId }) => appointmentId)
  const { claims } = await giveUpHolds(tx, needs, over)
  await refreshFullness(tx, needs, touchedBy(claims))
  return waits
}
