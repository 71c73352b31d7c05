import type { Queryable } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { Visit, VisitLeg } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import { requireOwnView } from '../appointment/access.js'
import { isWhereWithheld } from '../appointment/view.js'
import type { KeptVisit } from '../store/visits.js'
import { visitEnded, visitState } from './events.js'
import type { VisitNeeds } from './needs.js'

type Reading = Pick<VisitNeeds, 'runtime' | 'subjects' | 'protectedSubjects' | 'visits' | 'appointments'>

/** A person has their own visits alone. Errors: VISIT_UNKNOWN, also for another's; ASSURANCE_TOO_LOW. */
export const requireOwnVisit = async (
  needs: Reading,
  call: Pick<Call, 'caller'>,
  visit: KeptVisit | undefined,
  db?: Queryable,
): Promise<KeptVisit> => {
  const { caller } = call
  const isTheirs =
    visit &&
    (caller.kind === 'system' ||
      (caller.kind === 'person' && (await needs.subjects.areSame(visit.subject, caller.subject, db))))
  if (!isTheirs) throw new MeshError('VISIT_UNKNOWN')
  await requireOwnView(needs, call, db)
  return visit
}

/** Whether the member of each leg has confirmed what became of the visit: then its outbox has that no more. */
const confirmed = async ({ runtime, visits }: Reading, { visitId, legs, state }: KeptVisit): Promise<boolean[]> => {
  if (state === 'pledging') return legs.map(() => false)
  const news = legs.map(({ member }, leg) => visitEnded(member, visitId, leg, state))
  const waiting = await visits.stillToTell(news)
  return legs.map(({ member }, leg) => member === runtime.member || !waiting.has(leg))
}

/** A visit as its reader may see it, with what became of each of its own meetings. */
export const visitView = async (needs: Reading, visit: KeptVisit, call: Pick<Call, 'caller'>): Promise<Visit> => {
  const { runtime, protectedSubjects, appointments } = needs
  const { visitId, state, code, refusedBy, refusedBecause } = visit
  const isConfirmed = await confirmed(needs, visit)
  const withheld = isWhereWithheld(call)
    ? await protectedSubjects.among([visit.subject], runtime.clock.nowMs())
    : undefined
  const isHidden = withheld?.has(visit.subject) === true
  const legs: VisitLeg[] = []
  for (const [index, leg] of visit.legs.entries()) {
    const own = leg.appointmentId === '' ? undefined : await appointments.get(leg.appointmentId)
    const gone = own?.state === 'cancelled' && { isCancelled: true, cancelledBecause: own.said.cancelledBecause }
    const where = isHidden && {
      member: leg.appointmentId === '' ? '' : leg.member,
      slot: leg.slot && { ...leg.slot, scheduleId: '' },
      cancelledBecause: '',
    }
    legs.push({ ...leg, ...gone, ...where, isConfirmed: isConfirmed[index] ?? false })
  }
  return { visitId, state: visitState(state), legs, code, refusedBy: isHidden ? '' : refusedBy, refusedBecause }
}
