import { reachesAssurance } from '@unefois/chassis/caller'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { Secret } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { sha256Of } from '../booking/secret.js'
import { isHoldOver, type KeptAppointment } from '../domain/appointment.js'
import type { AppointmentReading } from './needs.js'
import { isWhereWithheld, protectScope } from './view.js'

type Caller = Pick<Call, 'caller'>

/** The lowest login with which a protected person sees where they will be; a shared or guessed account does not reach it. */
const ownViewAcr = 'eidas2'

type Protection = Pick<AppointmentReading, 'protectedSubjects' | 'runtime'>

const isProtected = async (
  { protectedSubjects, runtime }: Protection,
  subject: string,
  db?: Queryable,
): Promise<boolean> => (await protectedSubjects.among([subject], runtime.clock.nowMs(), db)).size > 0

const tooLow = () => new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: ownViewAcr } })

/** Error: ASSURANCE_TOO_LOW, naming the level, for a weak login of a protected person. */
export const requireOwnView = async (needs: Protection, { caller }: Caller, db?: Queryable): Promise<void> => {
  if (caller.kind !== 'person' || reachesAssurance(caller.acr, ownViewAcr)) return
  if (await isProtected(needs, caller.subject, db)) throw tooLow()
}

/**
 * Whoever chooses where a protected person will be knows it, and a refusal of the slot that it is would tell it. Errors, for a
 * protected person's appointment: ASSURANCE_TOO_LOW, naming the level, for whoever has only its secret; CALLER_NOT_ALLOWED for a system
 * that does not learn where it is.
 */
export const requireMayChooseWhere = async (
  needs: Protection,
  call: Caller,
  { subject }: Pick<KeptAppointment, 'subject'>,
  db?: Queryable,
): Promise<void> => {
  if (!isWhereWithheld(call) || !(await isProtected(needs, subject, db))) return
  if (call.caller.kind === 'neighbour') throw tooLow()
  const detail = `A protected person's appointment is moved by software with the scope ${protectScope}.`
  throw new MeshError('CALLER_NOT_ALLOWED', { detail })
}

/** A person has their own alone, and somebody without an account that of their secret; of another they do not hear that it is there. */
const isTheirs = async (
  { subjects }: AppointmentReading,
  { caller }: Caller,
  secretSha256: Buffer | undefined,
  kept: KeptAppointment,
  db?: Queryable,
): Promise<boolean> => {
  if (caller.kind === 'system') return true
  if (caller.kind === 'person') return kept.subject !== '' && subjects.areSame(kept.subject, caller.subject, db)
  return secretSha256 !== undefined && kept.secretSha256?.equals(secretSha256) === true
}

/** Error: APPOINTMENT_UNKNOWN, also for another one's and for a hold that is over; ASSURANCE_TOO_LOW. */
const requireTheirs = async (
  needs: AppointmentReading,
  call: Caller,
  secretSha256: Buffer | undefined,
  kept: KeptAppointment | undefined,
  db?: Queryable,
): Promise<KeptAppointment> => {
  const isThere = kept && !isHoldOver(kept, needs.runtime.clock.nowMs())
  if (!isThere || !(await isTheirs(needs, call, secretSha256, kept, db))) throw new MeshError('APPOINTMENT_UNKNOWN')
  await requireOwnView(needs, call, db)
  return kept
}

const shownSha256 = ({ caller }: Caller, secret: Secret | undefined): Buffer | undefined =>
  caller.kind === 'neighbour' && secret?.of?.$case === 'appointment' ? sha256Of(secret.of.value) : undefined

/** Somebody who has the secret may leave the id out: then it is their first. */
const idMeant = async (
  { appointments }: AppointmentReading,
  appointmentId: string,
  secretSha256: Buffer | undefined,
  db?: Queryable,
): Promise<string | undefined> => {
  if (appointmentId !== '' || !secretSha256) return appointmentId || undefined
  return (await appointments.bySecret(secretSha256, db))[0]?.appointmentId
}

/**
 * An appointment that the caller may see: a person's own, any for a system, that of its secret for the gateway. The id may be empty
 * with a secret. Errors: APPOINTMENT_UNKNOWN, ASSURANCE_TOO_LOW.
 */
export const appointmentFor = async (
  needs: AppointmentReading,
  call: Caller,
  appointmentId: string,
  secret: Secret | undefined,
): Promise<KeptAppointment> => {
  const sha256 = shownSha256(call, secret)
  const id = await idMeant(needs, appointmentId, sha256)
  return requireTheirs(needs, call, sha256, id === undefined ? undefined : await needs.appointments.get(id))
}

/** The same, locked until the transaction ends. */
export const lockedFor = async (
  needs: AppointmentReading,
  tx: Transaction,
  call: Caller,
  { appointmentId, secret }: { readonly appointmentId: string; readonly secret?: Secret | undefined },
): Promise<KeptAppointment> => {
  const sha256 = shownSha256(call, secret)
  const id = await idMeant(needs, appointmentId, sha256, tx)
  const locked = id === undefined ? [] : await needs.appointments.lock(tx, [id])
  return requireTheirs(needs, call, sha256, locked[0], tx)
}

/** An appointment with the series that it is of, all of them locked; one alone is its own series. Errors: as `appointmentFor`. */
export const lockedSeriesFor = async (
  needs: AppointmentReading,
  tx: Transaction,
  call: Caller,
  { appointmentId, secret }: { readonly appointmentId: string; readonly secret?: Secret | undefined },
): Promise<{ readonly named: KeptAppointment; readonly series: readonly KeptAppointment[] }> => {
  const { appointments } = needs
  const sha256 = shownSha256(call, secret)
  const id = await idMeant(needs, appointmentId, sha256, tx)
  // Read before they are locked, so that all of them are locked in one order.
  const seriesId = id === undefined ? undefined : (await appointments.get(id, tx))?.seriesId
  const series = seriesId ? await appointments.lockSeries(tx, seriesId) : await appointments.lock(tx, id ? [id] : [])
  const found = series.find((each) => each.appointmentId === id?.toLowerCase())
  return { named: await requireTheirs(needs, call, sha256, found, tx), series }
}
