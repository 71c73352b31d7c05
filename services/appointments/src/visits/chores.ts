import { Deadline } from '@unefois/chassis/deadline'
import type { AppointmentsContext } from '../context.js'
import { askAgainMs } from '../domain/visit.js'
import type { PledgeKey, VisitToAsk } from '../store/pledges.js'
import { decide } from './decision.js'
import { visitStateName } from './events.js'
import { type VisitNeeds, visitNeeds } from './needs.js'
import { applyOutcome } from './pledges.js'

const atOnce = 50
const askMs = 5000
const everyMs = 5000
const retentionMs = 60_000

/** Decides what nobody has decided in time, which means that it is released; replicas may do so at the same time. */
export const releaseUndecided = async (needs: VisitNeeds): Promise<void> => {
  const { runtime, visits } = needs
  // One that cannot be read keeps no other from being released.
  for (const visitId of await visits.undecided(runtime.clock.nowMs(), atOnce))
    await runtime.postgres
      .transaction((tx) => decide(needs, tx, visitId, new Map()))
      .catch((error) => runtime.log.error({ err: error, visitId }, 'a visit could not be released; it is tried again'))
  runtime.outbox.wake()
}

const apply = async (needs: VisitNeeds, key: PledgeKey, outcome: 'booked' | 'released' | 'cancelled') => {
  const { postgres, outbox } = needs.runtime
  await postgres.transaction(async (tx) => outbox.add(tx, await applyOutcome(needs, tx, key, outcome)))
}

const ask = async (needs: VisitNeeds, { member, visitId, asked }: VisitToAsk): Promise<void> => {
  const { runtime, pledges, visitsOf } = needs
  const { clock } = runtime
  // Noted first: a member that does not answer is not asked again at once by each replica.
  await pledges.askAgain({ member, visitId }, clock.nowMs() + askAgainMs(asked + 1))
  const { state } = await visitsOf(member).getVisitOutcome({ visitId }, { deadline: Deadline.after(askMs, clock) })
  const outcome = visitStateName(state)
  if (outcome === undefined || outcome === 'pledging') return
  for (const leg of await pledges.legsOf({ member, visitId })) await apply(needs, { member, visitId, leg }, outcome)
}

/** Asks the members of which nothing was heard for long what became of their visits. */
export const askForOutcomes = async (needs: VisitNeeds): Promise<void> => {
  const { runtime, pledges } = needs
  const due = await pledges.toAsk(runtime.clock.nowMs(), atOnce)
  await Promise.all(
    due.map((visit) =>
      ask(needs, visit).catch((error) =>
        runtime.log.warn({ err: error, member: visit.member }, 'a member did not say what became of its visit'),
      ),
    ),
  )
  runtime.outbox.wake()
}

/** Deletes what is over; a slot that is still kept a week after its time is given back. */
export const forgetEndedVisits = async (needs: VisitNeeds): Promise<void> => {
  const { runtime, visits, pledges } = needs
  const nowMs = runtime.clock.nowMs()
  for (const key of await pledges.overdue(nowMs, atOnce)) await apply(needs, key, 'released')
  await pledges.deleteEnded(nowMs)
  await visits.deleteEnded(nowMs)
}

export const visitChores = (context: AppointmentsContext) => {
  const needs = visitNeeds(context)
  return [
    { everyMs, run: () => releaseUndecided(needs) },
    { everyMs, run: () => askForOutcomes(needs) },
    { everyMs: retentionMs, run: () => forgetEndedVisits(needs) },
  ]
}
