import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { MandateShown } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError } from '@unefois/proto/reasons'
import { requireOwnView } from '../appointment/access.js'
import { requireMandate, wayOf } from '../booking/party.js'
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

/**
 * Whether this hand may change a waiting by the mandate that is shown with it; the one by which somebody joined is another act's.
 * Errors: MANDATE_MISSING, MANDATE_ENDED, APPOINTMENT_INVALID for one of who is no helper.
 */
export const requireMandateFor = async (
  needs: Pick<WaitingNeeds, 'book' | 'runtime'>,
  db: Queryable,
  { serviceTypeId }: KeptWaiting,
  { hand, shown }: { readonly hand: Hand; readonly shown: MandateShown | undefined },
): Promise<void> => {
  const { serviceTypes } = await needs.book.current(db)
  requireMandate(needs, wayOf(hand), shown, serviceTypes.get(serviceTypeId) ?? { needsMandate: false })
}
