import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentsContext } from '../context.js'
import type { KeptAppointment } from '../domain/appointment.js'
import { offeredBy, schedulesBeside, spanAround } from './offered.js'

/** Whether somebody may wait for what one of these had: rather once too often than never. Waits for nobody. */
export const isWaitedFor = async (
  { book, waiting }: Pick<AppointmentsContext, 'book' | 'waiting'>,
  tx: Transaction,
  freed: readonly Pick<KeptAppointment, 'scheduleNo' | 'startsAtMs' | 'endsAtMs'>[],
): Promise<boolean> => {
  const calendar = await book.current(tx)
  for (const { scheduleNo, startsAtMs, endsAtMs } of freed) {
    const schedule = calendar.schedulesByNo.get(scheduleNo)
    const beside = schedule ? schedulesBeside(calendar, [schedule]) : []
    const types = offeredBy(calendar, beside)
    const placeIds = [...new Set(beside.map(({ place }) => place.placeId))]
    const turn = { serviceTypeIds: [...types.keys()], span: spanAround({ startsAtMs, endsAtMs }, types) }
    if (await waiting.isAnybodyFor(tx, { ...turn, placeIds })) return true
  }
  return false
}
