import { randomUUID } from 'node:crypto'
import { largestMessageBytes } from '@unefois/chassis/grpc-door'
import {
  type ListTicketsRequest,
  ListTicketsResponse,
  TicketState,
} from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  agentOf,
  byAgent,
  byHelper,
  hallPlace,
  person,
  practitioner,
  room,
  serviceType,
  someone,
  startMs,
  system,
  weekdays,
} from '../agency.fixture.js'
import { paris, slotAt } from '../desk.fixture.js'
import { everyPage } from '../every-page.fixture.js'
import { forgetWalkIns } from '../walk-ins/chores.js'
import { openWalkInDesk, refusalOf, type WalkInDesk } from '../walk-ins/walk-ins.fixture.js'
import { listTickets } from './list-tickets.js'

const minuteMs = 60_000
const open = paris('2026-11-23T09:00')
const { TICKET_STATE_CALLED: called, TICKET_STATE_SEEN: seen, TICKET_STATE_LEFT: left } = TicketState

let desk: WalkInDesk
beforeAll(async () => {
  desk = await openWalkInDesk({
    places: [hallPlace(), hallPlace({ placeId: 'annex' }), hallPlace({ placeId: 'far', zone: 'Pacific/Noumea' })],
    resources: [practitioner(), practitioner('bob'), practitioner('cleo', 'annex'), room('counters', 2)],
    serviceTypes: [
      serviceType(),
      serviceType({ serviceTypeId: 'shelter', isUrgent: true }),
      serviceType({ serviceTypeId: 'tax', durationMinutes: 10 }),
      serviceType({ serviceTypeId: 'gone', isRetired: true }),
    ],
    schedules: [
      weekdays({ serviceTypeIds: ['id-card', 'shelter'] }),
      weekdays({ scheduleId: 'bob-mornings', practitionerId: 'bob', serviceTypeIds: ['tax', 'id-card'] }),
      weekdays({ scheduleId: 'cleo-mornings', practitionerId: 'cleo', placeId: 'annex', serviceTypeIds: ['tax'] }),
    ],
  })
})
beforeEach(async () => {
  await desk.postgres.query('DELETE FROM ticket; DELETE FROM appointment; DELETE FROM claim; DELETE FROM outbox')
  desk.setNow(open)
})
afterAll(() => desk.close())

describe('TakeTicket', () => {
  it.each([
    ['a place that is none', { placeId: 'moon' }, 'PLACE_UNKNOWN'],
    ['a service that is none', { serviceTypeId: 'moon' }, 'SERVICE_TYPE_UNKNOWN'],
    ['a service that is offered no more', { serviceTypeId: 'gone' }, 'SERVICE_TYPE_UNKNOWN'],
    ['a service of another place', { placeId: 'annex' }, 'PLACE_CLOSED'],
    ['somebody named by nobody', { subject: someone() }, 'APPOINTMENT_INVALID'],
  ])('refuses %s', async (_, change, reason) => {
    expect(await refusalOf(desk.takeTicket(change))).toMatchObject({ reason })
    expect((await desk.listTickets({ withClosed: true })).tickets).toEqual([])
  })

  it.each([
    ['before it opens', open - 1],
    ['when it has closed', paris('2026-11-23T12:00')],
    ['on a Sunday', paris('2026-11-29T10:00')],
  ])('refuses whoever comes %s', async (_, nowMs) => {
    desk.setNow(nowMs)
    expect(await refusalOf(desk.takeTicket())).toMatchObject({ reason: 'PLACE_CLOSED' })
  })

  it('numbers who comes from 1 each day and at each place, and says who is called before', async () => {
    const subject = someone()
    const first = await desk.takeTicket()
    expect(first).toMatchObject({ number: 1, day: '2026-11-23', before: 0, takenAtMs: open, isUrgent: false })
    expect(first.takenBy).toBeUndefined()
    expect(await desk.takeTicket({ subject, by: byAgent })).toMatchObject({ number: 2, before: 1, subject })
    expect(await desk.takeTicket({ serviceTypeId: 'shelter' })).toMatchObject({ number: 3, before: 0, isUrgent: true })
    expect(await desk.takeTicket({ placeId: 'annex', serviceTypeId: 'tax' })).toMatchObject({ number: 1 })
    desk.setNow(paris('2026-11-24T09:00'))
    expect(await desk.takeTicket()).toMatchObject({ number: 1, day: '2026-11-24' })
  })

  it('keeps who took it for somebody, through all that becomes of it', async () => {
    for (const by of [byAgent, byHelper]) {
      const { ticketId } = await desk.takeTicket({ subject: someone(), by })
      expect((await desk.callNext())?.takenBy).toEqual(by)
      await desk.closeTicket(ticketId, 'seen')
      const { tickets } = await desk.listTickets({ withClosed: true })
      expect(tickets.find((each) => each.ticketId === ticketId)?.takenBy).toEqual(by)
    }
    const { rows } = await desk.postgres.query<{ content: Buffer }>('SELECT content FROM ticket')
    expect(rows.map(({ content }) => content.includes('Clerk'))).toEqual([false, false])
  })

  it('leaves no number out and gives none twice, however many come at once', async () => {
    const tickets = await Promise.all(Array.from({ length: 24 }, () => desk.takeTicket()))
    expect(tickets.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 24 }, (_, at) => at + 1),
    )
  })
})

describe('CallNextTicket', () => {
  it('refuses a practitioner who is none, and a room', async () => {
    expect(await refusalOf(desk.callNext('moon'))).toMatchObject({ reason: 'PRACTITIONER_UNKNOWN' })
    expect(await refusalOf(desk.callNext('counters'))).toMatchObject({ reason: 'PRACTITIONER_UNKNOWN' })
  })

  it('refuses a hand that is no agent’s or not whole, and calls nobody', async () => {
    await desk.takeTicket()
    for (const by of [byHelper, { who: undefined }])
      expect(await refusalOf(desk.callNext('ada', by))).toMatchObject({
        ...{ reason: 'APPOINTMENT_INVALID', facts: { field: 'by' } },
      })
    const nameless = { who: { $case: 'agent', value: { ...agentOf(byAgent), lastName: ' ' } } } as const
    expect(await refusalOf(desk.callNext('ada', nameless))).toMatchObject({ facts: { field: 'by.agent.lastName' } })
    const { tickets } = await desk.listTickets({ withClosed: true })
    expect(tickets).toMatchObject([{ state: TicketState.TICKET_STATE_WAITING, calledBy: undefined }])
  })

  it('keeps who called, beside who took it or alone, in no clear text, through all that becomes of it', async () => {
    const drawn = await desk.takeTicket()
    const taken = await desk.takeTicket({ subject: someone(), by: byHelper })
    const silent = await desk.takeTicket()
    for (const [{ ticketId }, by, takenBy] of [
      [drawn, byAgent, undefined],
      [taken, byAgent, byHelper],
      [silent, undefined, undefined],
    ] as const) {
      expect(await desk.callNext('ada', by)).toMatchObject({ ticketId, calledBy: by, takenBy })
      expect(await desk.closeTicket(ticketId, 'seen')).toMatchObject({ calledBy: by, takenBy })
    }
    const { tickets } = await desk.listTickets({ withClosed: true })
    expect(tickets.map(({ calledBy }) => calledBy)).toEqual([byAgent, byAgent, undefined])
    const { rows } = await desk.postgres.query<{ content: Buffer | null }>('SELECT content FROM ticket ORDER BY number')
    expect(rows.map(({ content }) => content?.includes('Aya'))).toEqual([false, false, undefined])
    desk.setNow(open + 8 * 24 * 60 * minuteMs)
    await forgetWalkIns(desk.agency)
    expect(await desk.fileKeys.of(desk.postgres, drawn.ticketId)).toBeUndefined()
  })

  it('calls nobody where nobody waits for what they do', async () => {
    expect(await desk.callNext()).toBeUndefined()
    await desk.takeTicket({ serviceTypeId: 'tax' })
    expect(await desk.callNext()).toBeUndefined()
    expect((await desk.callNext('bob'))?.number).toBe(1)
  })

  it('refuses while somebody has the practitioner, or in less than five minutes, and keeps the ticket', async () => {
    await desk.takeTicket()
    await desk.bookOne({ subject: someone(), slots: [slotAt('2026-11-23T09:30')], by: byAgent })
    desk.setNow(paris('2026-11-23T09:26'))
    expect(await refusalOf(desk.callNext())).toMatchObject({ reason: 'SLOT_TAKEN' })
    desk.setNow(paris('2026-11-23T09:45'))
    expect(await refusalOf(desk.callNext())).toMatchObject({ reason: 'SLOT_TAKEN' })
    expect((await desk.listTickets()).tickets).toMatchObject([{ number: 1 }])
  })

  it('calls urgent motives first, then by number, and takes the practitioner up to the next appointment', async () => {
    await desk.bookOne({ subject: someone(), slots: [slotAt('2026-11-23T10:00')], by: byAgent })
    await desk.takeTicket()
    const urgent = await desk.takeTicket({ serviceTypeId: 'shelter' })
    desk.setNow(paris('2026-11-23T09:40'))
    const first = await desk.callNext()
    expect(first).toMatchObject({
      ...{ ticketId: urgent.ticketId, state: called, practitionerId: 'ada', before: 0 },
      calledAtMs: paris('2026-11-23T09:40'),
      untilMs: paris('2026-11-23T10:00'),
    })
    // Nobody books what is taken by it.
    const inBetween = desk.bookOne({ subject: someone(), slots: [slotAt('2026-11-23T09:30')], by: byAgent })
    expect(await refusalOf(inBetween)).toMatchObject({ reason: 'TIME_PASSED' })
    expect(await refusalOf(desk.callNext())).toMatchObject({ reason: 'SLOT_TAKEN' })
  })

  it('takes what was held and is no more', async () => {
    await desk.takeTicket()
    desk.setNow(open - 60 * minuteMs)
    const subject = someone()
    await desk.hold({ subject, slot: slotAt('2026-11-23T09:00'), isAccompanied: false }, person(subject))
    desk.setNow(open)
    expect(await desk.callNext()).toMatchObject({ untilMs: open + 30 * minuteMs })
  })

  it('still calls who waits when the hours are over', async () => {
    await desk.takeTicket()
    desk.setNow(paris('2026-11-23T12:20'))
    expect(await desk.callNext()).toMatchObject({ untilMs: paris('2026-11-23T12:50') })
  })

  it('gives no ticket to two who call at once, and never two to one', async () => {
    for (let round = 0; round < 5; round++) {
      await desk.postgres.query('DELETE FROM ticket; DELETE FROM claim')
      for (let at = 0; at < 3; at++) await desk.takeTicket()
      const calls = await Promise.all(
        ['ada', 'bob', 'ada', 'bob', 'ada'].map((who) =>
          desk.callNext(who).then(
            (ticket) => ticket?.ticketId,
            (error) => error.reason,
          ),
        ),
      )
      const given = calls.filter((each) => each !== 'SLOT_TAKEN' && each !== undefined)
      expect(new Set(given).size).toBe(2)
      expect(given).toHaveLength(2)
      expect(await desk.claimed()).toHaveLength(2)
    }
  })
})

describe('CloseTicket', () => {
  it('refuses a ticket that is none, and one that was closed the other way', async () => {
    expect(await refusalOf(desk.closeTicket(randomUUID(), 'seen'))).toMatchObject({ reason: 'TICKET_UNKNOWN' })
    const { ticketId } = await desk.takeTicket()
    expect(await desk.closeTicket(ticketId, 'left')).toMatchObject({ state: left })
    expect(await refusalOf(desk.closeTicket(ticketId, 'seen'))).toMatchObject({ reason: 'TICKET_ENDED' })
    expect(await desk.callNext()).toBeUndefined()
  })

  it('frees the rest of the practitioner’s time, once', async () => {
    const { ticketId } = await desk.takeTicket()
    await desk.callNext()
    desk.setNow(open + 7 * minuteMs)
    const closed = await desk.closeTicket(ticketId, 'seen')
    expect(closed).toMatchObject({ state: seen, untilMs: open + 7 * minuteMs })
    desk.setNow(open + 20 * minuteMs)
    expect(await desk.closeTicket(ticketId, 'seen')).toEqual(closed)
    expect(await desk.claimed()).toMatchObject([{ holder_id: ticketId, during: `[${open},${open + 7 * minuteMs})` }])
    await desk.takeTicket()
    expect((await desk.callNext())?.number).toBe(2)
  })

  it('leaves nothing claimed of a call that was closed at once, and keeps what was seen for longer', async () => {
    const first = await desk.takeTicket()
    await desk.callNext()
    await desk.closeTicket(first.ticketId, 'left')
    expect(await desk.claimed()).toEqual([])
    const second = await desk.takeTicket()
    await desk.callNext()
    desk.setNow(open + 50 * minuteMs)
    expect(await desk.closeTicket(second.ticketId, 'seen')).toMatchObject({ untilMs: open + 30 * minuteMs })
    expect(await desk.claimed()).toHaveLength(1)
  })
})

describe('ListTickets', () => {
  it('refuses a place that is none', async () => {
    expect(await refusalOf(desk.listTickets({ placeId: 'moon' }))).toMatchObject({
      reason: 'PLACE_UNKNOWN',
    })
  })

  it('refuses a token that is broken, of another place, of other states or of another day', async () => {
    for (const serviceTypeId of ['id-card', 'shelter']) await desk.takeTicket({ serviceTypeId })
    const { nextPageToken } = await desk.listTickets({ pageSize: 1 })
    const refused = async (change: Partial<ListTicketsRequest>) => refusalOf(desk.listTickets(change))
    const position = nextPageToken.slice(0, nextPageToken.indexOf('~'))
    const tag = nextPageToken.slice(position.length)
    for (const pageToken of ['nonsense', position, `${tag}`, `2.1${tag}`, `0.x${tag}`, `1700000000000.${tag}`])
      expect([pageToken, await refused({ pageToken })]).toMatchObject([pageToken, { reason: 'PAGE_TOKEN_MISMATCH' }])
    expect(await refused({ placeId: 'annex', pageToken: nextPageToken })).toMatchObject({
      reason: 'PAGE_TOKEN_MISMATCH',
    })
    expect(await refused({ withClosed: true, pageToken: nextPageToken })).toMatchObject({
      reason: 'PAGE_TOKEN_MISMATCH',
    })
    desk.setNow(paris('2026-11-24T09:00'))
    expect(await refused({ pageToken: nextPageToken })).toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
    const { request } = listTickets(desk.agency)
    expect(request.safeParse({ placeId: 'hall', withClosed: false, pageSize: 501, pageToken: '' }).success).toBe(false)
  })

  it('lists 600 tickets whole, each page as one message, in the order of calls', async () => {
    await desk.postgres.query(
      `INSERT INTO ticket (ticket_id, place_id, day, number, service_type_id, is_urgent, subject, state, taken_at_ms)
       SELECT gen_random_uuid(), 'hall', '2026-11-23', number, 'id-card', number % 7 = 0, '', 'waiting', $1
       FROM generate_series(1, 600) AS number`,
      [open],
    )
    const all = Array.from({ length: 600 }, (_, at) => at + 1)
    const isUrgent = (number: number) => number % 7 === 0
    const expected = [...all.filter(isUrgent), ...all.filter((number) => !isUrgent(number))]
    for (const pageSize of [0, 86, 100]) {
      const pages = await everyPage((pageToken) => desk.listTickets({ pageSize, pageToken }))
      expect(pages.flatMap(({ tickets }) => tickets.map(({ number }) => number))).toEqual(expected)
      for (const page of pages) {
        expect(page.tickets.length).toBeLessThanOrEqual(pageSize || 500)
        expect(ListTicketsResponse.encode(page).finish().length).toBeLessThan(largestMessageBytes)
      }
    }
  })

  it('has on a page as many as fit into one message, however much is kept of who had a hand in them', async () => {
    const takenBy: Hand = { who: { $case: 'agent', value: { ...agentOf(byAgent), capacity: 'x'.repeat(20_000) } } }
    const ticket = {
      placeId: 'hall',
      day: '2026-11-23',
      serviceTypeId: 'id-card',
      isUrgent: false,
      subject: '',
      takenBy,
    }
    for (let count = 0; count < 12; count += 1)
      await desk.inTransaction((tx) =>
        desk.agency.tickets.insert(tx, { ...ticket, ticketId: randomUUID(), takenAtMs: open }),
      )
    const pages = await everyPage((pageToken) => desk.listTickets({ pageToken }))
    expect(pages.map(({ tickets }) => tickets.map(({ number }) => number))).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10, 11, 12],
    ])
  })

  it('answers in the order of calls, and closed ones when asked', async () => {
    const [first, second] = [await desk.takeTicket(), await desk.takeTicket()]
    await desk.takeTicket({ serviceTypeId: 'shelter' })
    await desk.closeTicket(first.ticketId, 'left')
    const numbers = async (withClosed: boolean) =>
      (await desk.listTickets({ withClosed })).tickets.map(({ number, before }) => [number, before])
    expect(await numbers(false)).toEqual([
      [3, 0],
      [second.number, 1],
    ])
    expect(await numbers(true)).toEqual([
      [3, 0],
      [1, 0],
      [2, 1],
    ])
    desk.setNow(paris('2026-11-24T09:00'))
    expect(await numbers(true)).toEqual([])
  })

  it('does not tell a system without the scope that a protected person is there', async () => {
    const subject = someone()
    await desk.takeTicket({ subject, by: byAgent })
    await desk.inTransaction((tx) => desk.protectedSubjects.protect(tx, [subject], startMs * 2))
    expect((await desk.listTickets()).tickets).toMatchObject([{ subject: '', number: 1 }])
    const caller = { kind: 'system', clientId: 'desk', scopes: ['people:protect'] } as const
    expect((await desk.listTickets({}, { ...system(), caller })).tickets).toMatchObject([{ subject }])
    await desk.inTransaction((tx) => desk.protectedSubjects.end(tx, [subject], startMs))
  })
})

describe('of a protected person', () => {
  it('no system without the scope hears from a ticket who it is, and whoever serves goes on by number and place', async () => {
    const subject = someone()
    await desk.inTransaction((tx) => desk.protectedSubjects.protect(tx, [subject], startMs * 2))
    const hidden = { subject: '', number: 1, placeId: 'hall' }
    const taken = await desk.takeTicket({ subject, by: byAgent })
    expect(taken).toMatchObject(hidden)
    const ticket = await desk.callNext()
    expect(ticket).toMatchObject({ ...hidden, ticketId: taken.ticketId, state: called, practitionerId: 'ada' })
    for (let time = 0; time < 2; time++)
      expect(await desk.closeTicket(taken.ticketId, 'seen')).toMatchObject({ ...hidden, state: seen })
    await desk.inTransaction((tx) => desk.protectedSubjects.end(tx, [subject], startMs))
    expect(await desk.closeTicket(taken.ticketId, 'seen')).toMatchObject({ subject })
  })

  it('a system with the scope hears who it is', async () => {
    const subject = someone()
    await desk.inTransaction((tx) => desk.protectedSubjects.protect(tx, [subject], startMs * 2))
    const caller = { kind: 'system', clientId: 'desk', scopes: ['people:protect'] } as const
    const call = { ...system(), caller }
    const { ticketId } = await desk.takeTicket({ subject, by: byAgent }, call)
    expect(await desk.callNext('ada', undefined, call)).toMatchObject({ ticketId, subject })
    expect(await desk.closeTicket(ticketId, 'seen', call)).toMatchObject({ subject })
    await desk.inTransaction((tx) => desk.protectedSubjects.end(tx, [subject], startMs))
  })
})

describe('a day at the counter', () => {
  it('calls everybody once, urgent ones first, and never claims a practitioner twice', async () => {
    const move = fc.oneof(
      fc.constantFrom('id-card', 'shelter', 'tax').map((serviceTypeId) => ({ serviceTypeId })),
      fc.constantFrom('ada', 'bob').map((who) => ({ who })),
      fc.integer({ min: 1, max: 20 }).map((minutes) => ({ minutes })),
      fc.nat({ max: 9 }).map((close) => ({ close })),
    )
    const does = { ada: ['id-card', 'shelter'], bob: ['tax', 'id-card'] } as const
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 25 }), async (moves) => {
        await desk.postgres.query('DELETE FROM ticket; DELETE FROM claim')
        let nowMs = open
        desk.setNow(nowMs)
        const model: { ticketId: string; type: string; state: 'waiting' | 'called' | 'closed' }[] = []
        for (const each of moves) {
          if ('minutes' in each) {
            nowMs = Math.min(nowMs + each.minutes * minuteMs, paris('2026-11-23T11:59'))
            desk.setNow(nowMs)
          } else if ('serviceTypeId' in each) {
            const { ticketId } = await desk.takeTicket(each)
            model.push({ ticketId, type: each.serviceTypeId, state: 'waiting' })
          } else if ('close' in each) {
            const ticket = model.filter(({ state }) => state === 'called')[each.close]
            if (!ticket) continue
            await desk.closeTicket(ticket.ticketId, 'seen')
            ticket.state = 'closed'
          } else {
            const waiting = model.filter(
              ({ type, state }) => state === 'waiting' && (does[each.who as 'ada'] as readonly string[]).includes(type),
            )
            const next = waiting.find(({ type }) => type === 'shelter') ?? waiting[0]
            const answer = await desk.callNext(each.who).catch((error) => error)
            if ('reason' in (answer ?? {})) expect(answer).toMatchObject({ reason: 'SLOT_TAKEN' })
            else {
              expect(answer?.ticketId).toBe(next?.ticketId)
              if (next) next.state = 'called'
            }
          }
        }
        const stillOpen = model.filter(({ state }) => state !== 'closed').length
        expect((await desk.listTickets()).tickets).toHaveLength(stillOpen)
      }),
      { numRuns: 15 },
    )
  })
})

describe('tickets at rest', () => {
  it('are deleted after a week, with what they claimed', async () => {
    const { ticketId } = await desk.takeTicket({ subject: someone(), by: byHelper })
    await desk.callNext()
    desk.setNow(open + 7 * 24 * 60 * minuteMs)
    await forgetWalkIns(desk.agency)
    expect(await desk.claimed()).toHaveLength(1)
    desk.setNow(open + 7 * 24 * 60 * minuteMs + 1)
    await forgetWalkIns(desk.agency)
    expect(await desk.claimed()).toEqual([])
    expect((await desk.postgres.query('SELECT FROM ticket')).rowCount).toBe(0)
    expect(await desk.fileKeys.of(desk.postgres, ticketId)).toBeUndefined()
  })
})
