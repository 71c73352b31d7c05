import { enrolPeople } from '@unefois/deploy/sandbox/people'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import { VisitServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/visits'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chosen, Desk } from '../journeys/_appointments.js'
import { type FaultFederation, forVisits, parts, startFaultFederation } from './_fault-federation.js'
import { Records } from './_records.js'
import { seeded } from './_seed.js'
import { until } from './_until.js'
import { VisitLoad } from './_visit-load.js'

const forMs = 12_000
const clients = 12
/** Of meetings with one practitioner of each agency: few enough that somebody else often has one. */
const daysAhead = [3, 4]
/** How far the fund's meeting is from the town's, in meetings of 20 minutes: no two overlap, and no wait is too long. */
const apart = [-3, -2, -1, 1, 2, 3]
const { requester: town, provider: fund } = parts
const draw = seeded('visits')
const pick = <T>(from: readonly T[]): T => from[draw(0, from.length - 1)] as T

let broken: FaultFederation
let desk: Desk
let token: string
let subjects: readonly string[]
let days: readonly { readonly own: readonly Slot[]; readonly theirs: readonly Slot[] }[]
let atTown: Records
let atFund: Records

beforeAll(async () => {
  broken = await startFaultFederation({ leaseMs: 10_000, people: 4, parts: forVisits })
  const { federation } = broken
  const pseudonyms = await enrolPeople(federation, federation.plan.people)
  subjects = [...(pseudonyms.get(town)?.values() ?? [])]
  const theirDesk = await Desk.open(federation, fund)
  desk = await Desk.open(federation)
  days = await Promise.all(
    daysAhead.map(async (ahead) => ({
      own: await desk.free('talk', ahead),
      theirs: await theirDesk.free('family-file', ahead),
    })),
  )
  theirDesk.close()
  token = (await desk.system.call('appointments:book')).accessToken ?? ''
  atTown = new Records(federation, town, 'appointments')
  atFund = new Records(federation, fund, 'appointments')
})

afterAll(async () => {
  desk?.close()
  await broken?.end()
})

const legs = () => {
  const { own, theirs } = pick(days)
  const at = draw(3, own.length - 4)
  return [
    { member: town, slot: chosen(own[at] as Slot) },
    { member: fund, slot: chosen(theirs[at + pick(apart)] as Slot) },
  ]
}

/** Kills the processes of the coordinator and of its partner in turn, each once some more visits were booked, until the work is done. */
const killUntilDone = async (load: VisitLoad): Promise<Readonly<Record<string, number>>> => {
  let isDone = false
  const done = load.done.finally(() => {
    isDone = true
  })
  const killed: Record<string, number> = { [town]: 0, [fund]: 0 }
  for (let at = 0; !isDone; at++) {
    const name = [town, fund][at % 2] as string
    const enough = load.told.answers.booked + draw(1, 25)
    await Promise.race([done, until('some more visits', () => isDone || load.told.answers.booked >= enough)])
    if (isDone) break
    const { exited } = broken.process(name)
    broken.signal(name, 'SIGKILL')
    await exited
    await broken.federation.restart(name)
    killed[name] = (killed[name] ?? 0) + 1
  }
  await done
  return killed
}

/** By visit, its meetings that somebody has or may get, as each agency keeps them. */
const liveAt = async (records: Records): Promise<ReadonlyMap<string, string>> => {
  const rows = await records.query<{ visit_id: string; meetings: string }>(
    `SELECT visit_id, string_agg(concat_ws(' ', state, schedule_id, starts_at_ms), ', ') AS meetings
     FROM appointment JOIN schedule USING (schedule_no)
     WHERE visit_id IS NOT NULL AND state IN ('held', 'booked') GROUP BY visit_id`,
  )
  return new Map(rows.map(({ visit_id, meetings }) => [visit_id, meetings]))
}

/** Whatever is not decided, or of which the fund has not heard. */
const isSettled = async (): Promise<boolean> => {
  const undecided = await atTown.query(`SELECT visit_id FROM visit WHERE state = 'pledging' LIMIT 1`)
  return undecided.length === 0 && (await atTown.waiting()) === 0 && (await atFund.waiting()) === 0
}

describe('12 clients book visits to two agencies whose processes are killed', () => {
  it('leaves each visit whole or not at all, and each slot to who was told so or to nobody', async () => {
    const load = new VisitLoad(desk.system.service('appointments', VisitServiceDefinition), {
      ...{ clients, forMs, accessToken: token, draw, legs },
      subject: () => pick(subjects),
    })
    const killed = await killUntilDone(load)
    const { answers, booked, ended } = load.told
    process.stdout.write(`visits: ${JSON.stringify({ seconds: forMs / 1000, ...answers, killed })}\n`)
    expect(Math.min(...Object.values(killed))).toBeGreaterThan(0)
    expect(Math.min(answers.booked, answers.refused, answers.cancelled)).toBeGreaterThan(0)

    // What half a minute does by itself: nobody goes on with these.
    await atTown.query(`UPDATE visit SET decide_by_ms = 1 WHERE state = 'pledging'`)
    await until('every visit is decided, and everybody has heard of it', isSettled)

    const [here, there] = [await liveAt(atTown), await liveAt(atFund)]
    const halves = [...new Set([...here.keys(), ...there.keys()])].filter((id) => !here.has(id) || !there.has(id))
    expect(halves).toEqual([])
    for (const [visitId, told] of booked) {
      const meetings = told.map(({ slot }) => `booked ${slot?.scheduleId} ${slot?.startsAtMs}`)
      expect([visitId, here.get(visitId), there.get(visitId)]).toEqual([visitId, ...meetings])
    }
    expect([...ended].filter((id) => here.has(id))).toEqual([])

    // Of the rows themselves: what is not booked is kept by no row of any kind.
    const kept = await atTown.query<{ visit_id: string }>(`SELECT visit_id FROM visit WHERE state = 'booked'`)
    expect(kept.map(({ visit_id }) => visit_id).sort()).toEqual([...here.keys()].sort())
    const pledged = await atFund.query<{ visit_id: string }>(`SELECT visit_id FROM pledge WHERE state = 'booked'`)
    expect(pledged.map(({ visit_id }) => visit_id).sort()).toEqual([...there.keys()].sort())
    expect(await atFund.query(`SELECT visit_id FROM pledge WHERE state = 'pledged'`)).toEqual([])
    for (const records of [atTown, atFund])
      expect(
        await records.query(
          `SELECT holder_id FROM claim LEFT JOIN appointment ON appointment_id = holder_id
           WHERE state IS DISTINCT FROM 'booked'
           UNION ALL
           SELECT appointment_id FROM appointment WHERE state = 'held'
              OR (state = 'booked' AND (SELECT count(*) FROM claim WHERE holder_id = appointment_id) <> 1)`,
        ),
      ).toEqual([])
  })
})
