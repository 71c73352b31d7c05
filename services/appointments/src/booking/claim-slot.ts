import { randomUUID } from 'node:crypto'
import type { Transaction } from '@unefois/chassis/postgres'
import type { AppointmentNeeds } from '../appointment/needs.js'
import { claimsOf, type Holder, type Meeting } from '../domain/meeting.js'
import { isWaitedFor } from '../waiting/waited-for.js'

type Needs = Pick<AppointmentNeeds, 'claims' | 'runtime' | 'appointments' | 'book' | 'waiting'>

/** A meeting, and for whom it is claimed. */
export interface WantedMeeting {
  readonly meeting: Meeting
  readonly holder: Holder
}

/**
 * Claims what meetings need, all of them or none; holds that are over make room where nobody waits for what they had, who comes before
 * whoever finds it first. After 'taken' the transaction is undone by who hears it. A transaction claims all that it needs at once, and
 * before it waits for anything that another one could have.
 */
export const claimSlots = async (
  tx: Transaction,
  needs: Needs,
  wanted: readonly WantedMeeting[],
): Promise<'claimed' | 'taken'> => {
  const each = wanted.flatMap(({ meeting, holder }) => claimsOf(meeting, holder, randomUUID()))
  const ended = await needs.claims.takeTelling(tx, each, needs.runtime.clock.nowMs())
  if (!ended) return 'taken'
  if (ended.length === 0) return 'claimed'
  return (await isWaitedFor(needs, tx, await needs.appointments.lock(tx, ended))) ? 'taken' : 'claimed'
}

/** The same of one meeting. */
export const claimSlot = (tx: Transaction, needs: Needs, wanted: WantedMeeting): Promise<'claimed' | 'taken'> =>
  claimSlots(tx, needs, [wanted])
