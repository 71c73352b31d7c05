import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import { MeshError } from '@unefois/proto/reasons'
import { requireOwnView } from '../appointment/access.js'
import type { KeptWaiting } from '../domain/waiting.js'
import type { WaitingNeeds } from './needs.js'

/** A waiting that the caller may change: a person's own, any for a system. Errors: WAITING_UNKNOWN, also for another's; ASSURANCE_TOO_LOW. */
export const waitingFor = async (
  needs: Pick<WaitingNeeds, 'waiting' | 'subjects' | 'protectedSubjects' | 'runtime'>,
  call: Pick<Call, 'caller'>,
  waitingId: string,
  db: Queryable,
): Promise<KeptWaiting> => {
  const { caller } = call
  const kept = await needs.waiting.get(waitingId, db)
  const isTheirs =
    kept && (caller.kind !== 'person' || (await needs.subjects.areSame(kept.subject, caller.subject, db)))
  if (!isTheirs) throw new MeshError('WAITING_UNKNOWN')
  await requireOwnView(needs, call, db)
  return kept
}
