import { randomUUID } from 'node:crypto'
import { VisitState } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { MeshError } from '@unefois/proto/reasons'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { byAgent, person, someone, system } from '../agency.fixture.js'
import { cancelAppointment } from '../rpc/cancel-appointment.js'
import { cancelVisit } from '../rpc/cancel-visit.js'
import { askForOutcomes, releaseUndecided } from './chores.js'
import { type House, openHouse, slotOf } from './visit.fixture.js'

// Two real agencies, each with its database. What goes from one to the other is lost, comes twice or comes late, and processes end
// between their transactions; then everything arrives.

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const people = [someone(), someone()]

/** What becomes of the questions of one booking. */
const ways = [
  ...['arrives', 'question lost', 'answer lost', 'question late', 'process ends before', 'process ends after'],
  // The process goes on long after another one has decided.
  ...['answer late', 'refusal late'],
]

const openRun = () => {
  const ids = people.map(() => randomUUID())
  const late: (() => Promise<unknown>)[] = []
  const waiting: (() => void)[] = []
  const slow: Promise<void>[] = []
  const told = new Map<string, Set<VisitState>>()
  /** Ends once the booking was answered or refused, or its process has ended. */
  const book = async (which: number, way: string): Promise<void> => {
    let end: (() => void) | undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    house.meanwhile(async (send) => {
      if (way === 'question lost') throw new MeshError('PROVIDER_UNREACHABLE')
      if (way === 'question late') {
        late.push(send)
        throw new MeshError('PROVIDER_UNREACHABLE')
      }
      if (way !== 'process ends before') {
        const answer = await send()
        if (way === 'arrives') return answer
        if (way === 'answer lost') throw new MeshError('PROVIDER_UNREACHABLE')
        if (way !== 'process ends after') {
          end?.()
          await new Promise<void>((resolve) => waiting.push(resolve))
          if (way === 'refusal late') throw new MeshError('SLOT_TAKEN')
          return answer
        }
      }
      end?.()
      return new Promise(() => undefined)
    })
    const [visitId, subject] = [ids[which] as string, people[which] as string]
    // Both want the second slot of the other agency.
    const legs = [
      { member: 'hall', slot: slotOf(which === 0 ? '09:00' : '10:00') },
      { member: 'fund', slot: slotOf('09:30') },
    ]
    const booking = house.book({ visitId, subject, legs }, person(subject)).then(
      (visit) => {
        const states = told.get(visitId) ?? new Set()
        told.set(visitId, states.add(visit?.state ?? VisitState.UNRECOGNIZED))
      },
      (error) => {
        if (!(error instanceof MeshError) || error.reason === 'INTERNAL') throw error
      },
    )
    if (way.endsWith(' late')) slow.push(booking)
    await Promise.race([booking, ended])
  }
  const cancel = async (which: number): Promise<void> => {
    const asked = { visitId: ids[which] as string, because: '', by: undefined }
    await cancelVisit(house.hallNeeds)
      .handle(asked, person(people[which] as string))
      .catch((error) => {
        if (error.reason !== 'VISIT_UNKNOWN' && error.reason !== 'VISIT_ENDED') throw error
      })
  }
  const agentCancels = async (): Promise<void> => {
    const { rows } = await house.fund.postgres.query<{ appointment_id: string }>(
      `SELECT appointment_id FROM appointment WHERE state IN ('held', 'booked') LIMIT 1`,
    )
    const appointmentId = rows[0]?.appointment_id
    if (appointmentId === undefined) return
    const asked = { appointmentId, because: 'The agent is ill.', wholeSeries: false, by: byAgent }
    await house.fund.postgres.transaction((tx) => cancelAppointment(house.fund).effect(asked, system(), tx))
  }
  const arriveLate = async (): Promise<void> => {
    for (const send of late.splice(0)) await send().catch(() => undefined)
    for (const go of waiting.splice(0)) go()
    await Promise.all(slow.splice(0))
  }
  return { ids, told, book, cancel, agentCancels, arriveLate }
}
type Run = ReturnType<typeof openRun>

const which = fc.nat(1)
const action: fc.Arbitrary<(run: Run) => Promise<unknown>> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(which, fc.constantFrom(...ways)).map(
      ([visit, way]) =>
        (run: Run) =>
          run.book(visit, way),
    ),
  },
  { weight: 1, arbitrary: which.map((visit) => (run: Run) => run.cancel(visit)) },
  { weight: 1, arbitrary: fc.constant((run: Run) => run.agentCancels()) },
  { weight: 1, arbitrary: fc.constant((run: Run) => run.arriveLate()) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('confirmed', 'unconfirmed')
      .map((how) => () => house.carry('hall', 'fund', how as never)),
  },
  { weight: 1, arbitrary: fc.constant(() => house.carry('fund', 'hall')) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 70_000 }).map((ms) => async () => {
      house.setNow(house.hall.runtime.clock.nowMs() + ms)
    }),
  },
  { weight: 1, arbitrary: fc.constant(() => releaseUndecided(house.hallNeeds)) },
  { weight: 1, arbitrary: fc.constant(() => askForOutcomes(house.fundNeeds)) },
)

const statesOf = async (agency: 'hall' | 'fund', visitId: string): Promise<string[]> => {
  const { rows } = await house[agency].postgres.query<{ state: string }>(
    `SELECT state FROM appointment WHERE visit_id = $1 AND state <> 'lapsed' ORDER BY state`,
    [visitId],
  )
  return rows.map(({ state }) => state)
}

/** What the promise of a visit forbids, in the two databases. */
const faults = async ({ ids, told }: Run): Promise<string[]> => {
  const found: string[] = []
  const standing = { hall: 0, fund: 0 }
  for (const visitId of ids) {
    const { rows } = await house.hall.postgres.query<{ state: string }>('SELECT state FROM visit WHERE visit_id = $1', [
      visitId,
    ])
    const state = rows[0]?.state ?? 'released'
    const [hall, fund] = [await statesOf('hall', visitId), await statesOf('fund', visitId)]
    const isBooked = state === 'booked'
    // One that its own agency cancelled is none of the visit any more, and the coordinator was told.
    if (hall.join() !== (isBooked ? 'booked' : state === 'cancelled' ? 'cancelled' : ''))
      found.push(`hall ${state}: ${hall}`)
    if (!(isBooked ? ['booked', 'cancelled'] : ['', 'cancelled']).includes(fund.join()))
      found.push(`fund ${state}: ${fund}`)
    standing.hall += hall.filter((each) => each === 'booked').length
    standing.fund += fund.filter((each) => each === 'booked').length
    const answers = told.get(visitId) ?? new Set()
    if (answers.has(VisitState.VISIT_STATE_PLEDGING)) found.push('told before it was decided')
    const wasReleased = answers.has(VisitState.VISIT_STATE_RELEASED)
    if (wasReleased && (state !== 'released' || answers.size > 1)) found.push('told two outcomes')
    if (answers.has(VisitState.VISIT_STATE_BOOKED) && state === 'released') found.push('told booked, and released')
  }
  const { claims, visits, pledges } = await house.stand()
  if (claims.hall !== standing.hall || claims.fund !== standing.fund) found.push('a claim of nobody is left')
  if (visits.includes('pledging')) found.push('a visit is not decided')
  if (pledges.includes('pledged')) found.push('a pledge is left')
  return found
}

it('books a visit at both agencies or at none, and leaves no claim, whatever happens on the way', async () => {
  const ends = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
      await house.empty()
      const run = openRun()
      for (const act of actions) await act(run)
      await house.settle()
      await run.arriveLate()
      await house.settle()
      expect(await faults(run)).toEqual([])
      for (const state of (await house.stand()).visits) ends.add(state)
    }),
    { numRuns: 60 },
  )
  expect(ends).toContain('booked')
  expect(ends).toContain('released')
})
