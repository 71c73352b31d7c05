import { Deadline } from '@unefois/chassis/deadline'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Call, PlainRpc } from '@unefois/chassis/rpc'
import type { BookVisitRequest, BookVisitResponse } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { isMemberId, isSubjectId } from '@unefois/proto/ids'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { unitsOf } from '../booking/chosen-meeting.js'
import type { KeptVisit } from '../store/visits.js'
import { decide, type LegAnswer, type LegAnswers } from '../visits/decision.js'
import type { VisitNeeds } from '../visits/needs.js'
import { openVisit, sharedPlaceOf, wantedLegs } from '../visits/opening.js'
import { requireOwnVisit, visitView } from '../visits/view.js'
import { by, contact, mandate, slot, statedNeeds } from './appointment-fields.js'

/** What is kept back of the caller's time, to decide in. */
const decidingMs = 2000

/** Error: IDEMPOTENCY_KEY_REUSED where the same id stands for another visit. */
const requireSame = async (
  { subjects }: Pick<VisitNeeds, 'subjects'>,
  tx: Transaction,
  known: KeptVisit,
  request: BookVisitRequest,
): Promise<void> => {
  const wanted = wantedLegs(request)
  const isSame =
    known.legs.length === wanted.length &&
    known.legs.every((leg, index) => {
      const { member, slot: chosen } = wanted[index] ?? {}
      return (
        leg.member === member &&
        leg.slot?.scheduleId === chosen?.scheduleId &&
        leg.slot?.serviceTypeId === chosen?.serviceTypeId &&
        leg.slot?.startsAtMs === chosen?.startsAtMs &&
        leg.slot?.channel === chosen?.channel &&
        leg.slot?.units === (chosen && unitsOf(chosen))
      )
    })
  if (!isSame || !(await subjects.areSame(known.subject, request.subject as never, tx)))
    throw new MeshError('IDEMPOTENCY_KEY_REUSED')
}

/** The visit as it stands; begun, where it was not before. */
const opened = (needs: VisitNeeds, request: BookVisitRequest, call: Call): Promise<KeptVisit> =>
  needs.runtime.postgres.transaction(async (tx) => {
    const known = await needs.visits.open(tx, request.visitId)
    if (!known) return openVisit(needs, tx, request, call)
    await requireOwnVisit(needs, call, known, tx)
    await requireSame(needs, tx, known, request)
    return known
  })

/** Until when members may answer: then there is still time to decide, for the caller and for the visit. */
const pledgingDeadline = ({ runtime }: VisitNeeds, { decideByMs }: KeptVisit, { deadline }: Call): Deadline => {
  const leftMs = Math.min(deadline.remainingMs(), decideByMs - runtime.clock.nowMs())
  return Deadline.after(leftMs, runtime.clock).keepingBack(decidingMs)
}

/** Asks all other agencies at once. A pledge that was asked for before, by a process that ended, is answered again. */
const askForPledges = async (
  needs: VisitNeeds,
  { visitId, legs, code }: KeptVisit,
  { language, needs: stated, by: hand, mandate: shown }: BookVisitRequest,
  { sharedPlace, deadline }: { readonly sharedPlace: string; readonly deadline: Deadline },
): Promise<LegAnswers> => {
  const { runtime, visitsOf } = needs
  // One that was shown is in force, or the visit had not been begun.
  const lacksMandate = hand?.who?.$case === 'helper' && !shown
  const ask = async (leg: number): Promise<LegAnswer> => {
    const { member, slot: chosen } = legs[leg] ?? {}
    try {
      const pledge = { visitId, leg, slot: chosen, code, language, needs: stated, sharedPlace }
      const answer = await visitsOf(member ?? '').pledgeSlot(pledge, { deadline })
      return answer.needsMandate && lacksMandate ? { refusal: 'MANDATE_MISSING' } : answer
    } catch (error) {
      runtime.log.info({ err: error, member }, 'a member pledged no slot for a visit')
      return { refusal: toMeshError(error).reason }
    }
  }
  const others = [...legs.keys()].filter((leg) => legs[leg]?.member !== runtime.member)
  return new Map(await Promise.all(others.map(async (leg): Promise<[number, LegAnswer]> => [leg, await ask(leg)])))
}

const pledged = async (
  needs: VisitNeeds,
  visit: KeptVisit,
  request: BookVisitRequest,
  call: Call,
): Promise<LegAnswers> => {
  const calendar = await needs.book.current()
  const own = wantedLegs(request).filter(({ member }) => member === needs.runtime.member)
  const placeIds = own.map(({ slot: { scheduleId } }) => calendar.schedules.get(scheduleId)?.place.placeId ?? '')
  const where = { sharedPlace: sharedPlaceOf(calendar, placeIds), deadline: pledgingDeadline(needs, visit, call) }
  return askForPledges(needs, visit, request, where)
}

/**
 * Books a visit or releases it, once: the answer is what is kept, and the same for the same id, also where another process had begun
 * it. Between the two transactions other members are asked; what ends in between is released by a chore, or goes on with a retry.
 * Errors: as `openVisit`; IDEMPOTENCY_KEY_REUSED, VISIT_UNKNOWN for another person's, ASSURANCE_TOO_LOW. That a member says no is none:
 * the visit is released then, and says so.
 */
export const bookVisit = (needs: VisitNeeds): PlainRpc<BookVisitRequest, BookVisitResponse> => ({
  request: z.object({
    visitId: z.uuid(),
    subject: z.string().refine(isSubjectId, 'not a pseudonym'),
    legs: z
      .array(z.object({ member: z.string().refine(isMemberId, 'not a member id'), slot }))
      .min(2)
      .max(4),
    contact,
    language: z.enum(['fr', 'en']),
    needs: statedNeeds,
    by,
    mandate,
  }),
  handle: async (asked, call) => {
    const { runtime } = needs
    // As the database writes it: what is encrypted under the id is opened by it.
    const request = { ...asked, visitId: asked.visitId.toLowerCase() }
    const visit = await opened(needs, request, call)
    runtime.outbox.wake()
    if (visit.state !== 'pledging') return { visit: await visitView(needs, visit, call) }
    const answers = await pledged(needs, visit, request, call).catch((error) => {
      // There is no time left to ask anybody: it is decided without.
      if (toMeshError(error).reason === 'DEADLINE_EXCEEDED') return new Map()
      throw error
    })
    const decided = await runtime.postgres.transaction((tx) => decide(needs, tx, visit.visitId, answers))
    runtime.outbox.wake()
    return { visit: await visitView(needs, decided ?? visit, call) }
  },
})
