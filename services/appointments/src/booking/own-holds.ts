import type { Transaction } from '@unefois/chassis/postgres'
import { MeshError } from '@unefois/proto/reasons'
import type { AppointmentNeeds } from '../appointment/needs.js'
import type { KeptAppointment } from '../domain/appointment.js'
import type { KeptClaim } from '../store/claims.js'
import type { BookingParty } from './party.js'

/** Whoever holds or books by themselves for the same person, or by the same secret, waits here. Answers who stands for the person. */
export const lockParty = async (
  tx: Transaction,
  { appointments }: Pick<AppointmentNeeds, 'appointments'>,
  { way, subject, secretSha256 }: BookingParty,
): Promise<string> => {
  if (way === 'person') return appointments.lockSubject(tx, subject)
  if (secretSha256) await appointments.lockSecret(tx, secretSha256)
  return subject
}

/**
 * The ids of what a party holds for these motives beside what it books now, which a further hold or booking replaces. Nobody who books
 * through an agent or a helper is limited. Error: APPOINTMENT_LIMIT_REACHED for a person who has an appointment for one already.
 */
export const formerHolds = async (
  tx: Transaction,
  { appointments, runtime }: Pick<AppointmentNeeds, 'appointments' | 'runtime'>,
  party: BookingParty & { readonly standing: string },
  { motives, booking }: { readonly motives: readonly string[]; readonly booking: readonly string[] },
): Promise<readonly string[]> => {
  const { way, standing, secretSha256 } = party
  if (way === 'person') {
    const live = await appointments.liveOf(tx, standing, motives, runtime.clock.nowMs())
    if (live.some(({ isHold }) => !isHold)) throw new MeshError('APPOINTMENT_LIMIT_REACHED')
    return live.map(({ appointmentId }) => appointmentId).filter((id) => !booking.includes(id))
  }
  if (!secretSha256) return []
  return (await appointments.heldBySecret(tx, secretSha256)).filter((id) => !booking.includes(id))
}

/** What was given up, for `afterReleased`. */
export interface GivenUp {
  readonly appointments: readonly KeptAppointment[]
  readonly claims: readonly KeptClaim[]
}

/** Holds end now. */
export const giveUpHolds = async (
  tx: Transaction,
  { appointments, claims }: Pick<AppointmentNeeds, 'appointments' | 'claims'>,
  holdIds: readonly string[],
): Promise<GivenUp> => {
  if (holdIds.length === 0) return { appointments: [], claims: [] }
  const locked = await appointments.lock(tx, holdIds)
  const held = locked.filter(({ state }) => state === 'held')
  const ids = held.map(({ appointmentId }) => appointmentId)
  await appointments.lapse(tx, ids)
  return { appointments: held, claims: await claims.release(tx, ids) }
}
