import { randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { claimsOf, type Holder, type Meeting } from '../domain/meeting.js'

type Needs = Pick<AppointmentNeeds, 'claims' | 'runtime'>

/** A meeting, and for whom it is claimed. */
export interface WantedMeeting {
  readonly meeting: Meeting
  readonly holder: Holder
}

/**
 * Claims what meetings need, all of them or none; holds that are over make room. After 'taken' the transaction goes on as if nothing
 * had been tried. A transaction claims all that it needs at once, and before it waits for anything that another one could have.
 */
export const claimSlots = async (
  tx: Transaction,
  { claims, runtime }: Needs,
  wanted: readonly WantedMeeting[],
): Promise<'claimed' | 'taken'> => {
  const each = wanted.flatMap(({ meeting, holder }) => claimsOf(meeting, holder, randomUUID()))
  return (await claims.take(tx, each, runtime.clock.nowMs())) ? 'claimed' : 'taken'
}

/** The same of one meeting. */
export const claimSlot = (tx: Transaction, needs: Needs, wanted: WantedMeeting): Promise<'claimed' | 'taken'> =>
  claimSlots(tx, needs, [wanted])
