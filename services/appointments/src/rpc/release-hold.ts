import type { Transaction } from '@unefois/chassis/postgres'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { ReleaseHoldRequest, ReleaseHoldResponse } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { afterReleased } from '../booking/freed.js'
import { heldSha256Of } from '../booking/party.js'
import type { KeptAppointment } from '../domain/appointment.js'
import { appointmentId, secret } from './appointment-fields.js'

const isTheirs = async (
  { subjects }: Pick<AppointmentNeeds, 'subjects'>,
  tx: Transaction,
  { caller }: Pick<Call, 'caller'>,
  secretSha256: Buffer | undefined,
  hold: KeptAppointment,
): Promise<boolean> => {
  if (hold.visitId !== undefined || (hold.state !== 'held' && hold.state !== 'lapsed')) return false
  if (caller.kind === 'system') return true
  if (caller.kind === 'person') return hold.subject !== '' && subjects.areSame(hold.subject, caller.subject, tx)
  return secretSha256 !== undefined && hold.secretSha256?.equals(secretSha256) === true
}

/** Error: HOLD_UNKNOWN, also for another one's. To release one again changes nothing. */
export const releaseHold = (needs: AppointmentNeeds): PlainRpc<ReleaseHoldRequest, ReleaseHoldResponse> => ({
  request: z.object({ holdId: appointmentId, secret }),
  handle: async (request, call) => {
    const { runtime, appointments, claims } = needs
    const shown = heldSha256Of(request.secret)
    await runtime.postgres.transaction(async (tx) => {
      const [hold] = await appointments.lock(tx, [request.holdId])
      if (!hold || !(await isTheirs(needs, tx, call, shown, hold))) throw new MeshError('HOLD_UNKNOWN')
      if (hold.state === 'lapsed') return
      await appointments.lapse(tx, [hold.appointmentId])
      const released = await claims.release(tx, [hold.appointmentId])
      const events = await afterReleased(tx, needs, [hold], released)
      if (events.length > 0) await runtime.outbox.add(tx, events)
    })
    runtime.outbox.wake()
    return {}
  },
})
