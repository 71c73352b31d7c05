import type { SlotChosen } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { byAgent, person, someone, startMs, system, weekdays } from '../agency.fixture.js'
import { endHolds } from '../appointment/chores.js'
import { bookingOf, type Desk, openDesk, slotAt } from '../desk.fixture.js'
import { stateNamed } from '../domain/appointment-state.js'
import { townCalendar } from '../town.fixture.js'
import { BookingModel, type ModelAppointment, type ModelSlot, type Who } from './model.fixture.js'

let desk: Desk
beforeAll(async () => {
  const shifted = weekdays({
    scheduleId: 'shifted',
    serviceTypeIds: ['id-card'],
    hours: [{ from: '09:15', to: '12:15' }],
  })
  const { schedules = [], ...town } = townCalendar
  desk = await openDesk({ ...town, schedules: [...schedules, shifted] })
})
afterAll(() => desk.close())

interface Choice extends ModelSlot {
  readonly slot: SlotChosen
}
const choice = (resource: string, lanes: number, motive: string, slot: SlotChosen): Choice => ({
  ...{ resource, lanes, motive, slot },
  startsAtMs: slot.startsAtMs,
})
const day = '2026-11-23'
/** Slots of one agent, some of which lie upon others, and of two counters. */
const choices: readonly Choice[] = [
  ...['09:00', '09:30', '10:00'].map((at) => choice('ada', 1, 'id-card', slotAt(`${day}T${at}`))),
  ...['09:15', '09:45'].map((at) => choice('ada', 1, 'id-card', slotAt(`${day}T${at}`, { scheduleId: 'shifted' }))),
  ...['09:00', '09:30'].map((at) =>
    choice('counters', 2, 'identity', slotAt(`${day}T${at}`, { scheduleId: 'counters', serviceTypeId: 'counter' })),
  ),
]

/** The service under test, and which of its appointments are which of the model's. */
interface Real {
  readonly people: readonly string[]
  readonly ids: string[]
}
type Command = fc.AsyncCommand<BookingModel, Real>

const callOf = (who: Who, { people }: Real) => (who === 'agent' ? system() : person(people[who] ?? ''))
const said = (who: Who, { people }: Real) =>
  who === 'agent' ? { subject: '', by: byAgent } : { subject: people[who] ?? '' }

/** What the service answers, or why it says no. */
const outcomeOf = async <T>(work: Promise<T>): Promise<{ readonly answer?: T; readonly reason?: string }> =>
  work.then(
    (answer) => ({ answer }),
    (error) => ({ reason: error.reason ?? String(error) }),
  )

const requireInvariants = async (model: BookingModel, { ids }: Real): Promise<void> => {
  const { rows: overlaps } = await desk.postgres.query(
    `SELECT FROM claim a JOIN claim b USING (resource_no, lane) WHERE a.during && b.during AND a.ctid < b.ctid`,
  )
  expect(overlaps).toHaveLength(0)
  const { rows: claims } = await desk.postgres.query<{ holder_id: string; expires_at_ms: number | null }>(
    'SELECT holder_id, expires_at_ms FROM claim',
  )
  const standing = claims.filter((each) => each.expires_at_ms === null || each.expires_at_ms > model.nowMs)
  const live = ids.filter((_, at) => model.isLive(model.appointments[at] as ModelAppointment))
  expect(standing.map((each) => each.holder_id).sort()).toEqual([...live].sort())
  const { rows } = await desk.postgres.query<{
    appointment_id: string
    state: string
    revision: number
    starts_at_ms: number
  }>('SELECT appointment_id, state, revision, starts_at_ms FROM appointment')
  for (const [at, each] of model.appointments.entries()) {
    const row = rows.find(({ appointment_id: id }) => id === ids[at])
    expect(row).toMatchObject({ revision: each.revision, starts_at_ms: each.slot.startsAtMs })
    // A hold that is over lapses when somebody comes across it.
    if (!model.isOver(each)) expect(row?.state).toBe(each.state)
  }
  expect(rows).toHaveLength(ids.length)
}

/** One step: what the model says comes of it, and that the same comes of it in truth. */
const step = (
  name: string,
  check: (model: BookingModel) => boolean,
  expected: (model: BookingModel) => string | undefined,
  actual: (real: Real, model: BookingModel) => Promise<string | undefined>,
): Command => ({
  check,
  run: async (model, real) => {
    // Before the model goes on: what it names is what stands now.
    const reason = await actual(real, model)
    expect(reason).toBe(expected(model))
    await requireInvariants(model, real)
  },
  toString: () => name,
})

const nameOf = ({ slot }: Choice): string => `${slot.scheduleId} ${slot.startsAtMs}`
const always = () => true
/** One of those that there are, by a number that is drawn before it is known how many. */
const nth = (model: BookingModel, at: number): { readonly kept: ModelAppointment; readonly index: number } => {
  const index = at % model.appointments.length
  return { kept: model.appointments[index] as ModelAppointment, index }
}
const isSomething = (model: BookingModel): boolean => model.appointments.length > 0

const who = fc.constantFrom<Who>(0, 1, 'agent')
const slot = fc.constantFrom(...choices)
const index = fc.nat(1000)

const commands = [
  fc.tuple(who, slot).map(([by, chosen]) =>
    step(
      `hold ${by} ${nameOf(chosen)}`,
      always,
      (model) => model.hold(by, chosen),
      async (real) => {
        const request = { ...said(by, real), slot: chosen.slot, isAccompanied: false }
        const { answer, reason } = await outcomeOf(desk.hold(request, callOf(by, real)))
        if (answer) real.ids.push(answer.holdId)
        return reason
      },
    ),
  ),
  fc.tuple(who, slot).map(([by, chosen]) =>
    step(
      `book ${by} ${nameOf(chosen)}`,
      always,
      (model) => model.book(by, chosen),
      async (real) => {
        const request = bookingOf({ ...said(by, real), slots: [chosen.slot] })
        const { answer, reason } = await outcomeOf(desk.book(request, callOf(by, real)))
        if (answer) real.ids.push(answer.appointments[0]?.appointmentId ?? '')
        return reason
      },
    ),
  ),
  fc.tuple(who, index).map(([by, at]) =>
    step(
      `book held ${by} ${at}`,
      isSomething,
      (model) => model.bookHold(by, nth(model, at).kept),
      async (real, model) => {
        const holdIds = [real.ids[nth(model, at).index] ?? '']
        return (await outcomeOf(desk.book(bookingOf({ ...said(by, real), holdIds }), callOf(by, real)))).reason
      },
    ),
  ),
  fc.tuple(who, index).map(([by, at]) =>
    step(
      `release ${by} ${at}`,
      isSomething,
      (model) => model.release(by, nth(model, at).kept),
      async (real, model) => {
        const holdId = real.ids[nth(model, at).index] ?? ''
        return (await outcomeOf(desk.release({ holdId }, callOf(by, real)))).reason
      },
    ),
  ),
  fc.tuple(who, index, slot).map(([by, at, chosen]) =>
    step(
      `move ${by} ${at} ${nameOf(chosen)}`,
      isSomething,
      (model) => model.move(by, nth(model, at).kept, chosen),
      async (real, model) => {
        const appointmentId = real.ids[nth(model, at).index] ?? ''
        const hand = by === 'agent' ? { by: byAgent } : {}
        return (await outcomeOf(desk.move({ appointmentId, slot: chosen.slot, ...hand }, callOf(by, real)))).reason
      },
    ),
  ),
  fc.tuple(who, index).map(([by, at]) =>
    step(
      `cancel ${by} ${at}`,
      isSomething,
      (model) => model.cancel(by, nth(model, at).kept),
      async (real, model) => {
        const appointmentId = real.ids[nth(model, at).index] ?? ''
        const hand = by === 'agent' ? { by: byAgent, because: 'ill' } : {}
        return (await outcomeOf(desk.cancel({ appointmentId, ...hand }, callOf(by, real)))).reason
      },
    ),
  ),
  fc.tuple(index, fc.constantFrom('arrived', 'fulfilled', 'no-show')).map(([at, state]) =>
    step(
      `attend ${at} ${state}`,
      isSomething,
      (model) => model.attend(nth(model, at).kept, state),
      async (real, model) => {
        const appointmentId = real.ids[nth(model, at).index] ?? ''
        return (await outcomeOf(desk.attend({ appointmentId, state: stateNamed[state], by: byAgent }))).reason
      },
    ),
  ),
  fc.integer({ min: 1, max: 12 }).map((minutes) =>
    step(
      `wait ${minutes}`,
      always,
      () => undefined,
      async (_, model) => {
        model.nowMs += minutes * 60_000
        desk.setNow(model.nowMs)
        return undefined
      },
    ),
  ),
  fc.constant(
    step(
      'sweep',
      always,
      () => undefined,
      async (_, model) => {
        await endHolds(desk.agency)
        for (const each of model.appointments) if (model.isOver(each)) each.state = 'lapsed'
        return undefined
      },
    ),
  ),
]

it('does step by step what the model does, and keeps its invariants', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands(commands, { maxCommands: 40, size: 'max' }),
      fc.integer({ min: 60, max: 130 }),
      async (steps, minutes) => {
        await desk.empty()
        const nowMs = startMs + minutes * 60_000
        desk.setNow(nowMs)
        const real = { people: [someone(), someone()], ids: [] }
        await fc.asyncModelRun(() => ({ model: new BookingModel(nowMs), real }), steps)
      },
    ),
    { numRuns: 40 },
  )
})
