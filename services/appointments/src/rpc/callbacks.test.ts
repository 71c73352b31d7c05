import { randomUUID } from 'node:crypto'
import { AppointmentEventType } from '@unefois/proto/gen/unefois/appointments/v1/appointment_events'
import {
  CallbackState,
  type ListCallbacksRequest,
  type RequestCallbackRequest,
} from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import type { Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  agentOf,
  byAgent,
  byHelper,
  hallPlace,
  person,
  practitioner,
  serviceType,
  someone,
  startMs,
  system,
  weekdays,
} from '../agency.fixture.js'
import { paris } from '../desk.fixture.js'
import { forgetWalkIns } from '../walk-ins/chores.js'
import { openWalkInDesk, refusalOf, type WalkInDesk } from '../walk-ins/walk-ins.fixture.js'

const dayMs = 86_400_000
const unnamed = practitioner('una')
if (unnamed.kind?.$case === 'practitioner') unnamed.kind.value.isUnnamed = true

let desk: WalkInDesk
beforeAll(async () => {
  desk = await openWalkInDesk({
    places: [hallPlace(), hallPlace({ placeId: 'annex' })],
    resources: [practitioner('ada'), practitioner('bob'), practitioner('cleo', 'annex'), unnamed],
    serviceTypes: [
      serviceType({ callbackMinutes: 240 }),
      serviceType({ serviceTypeId: 'safety' }),
      serviceType({ serviceTypeId: 'tax', needsMandate: true }),
      serviceType({ serviceTypeId: 'over', keptDays: 10 }),
    ],
    schedules: [
      weekdays(),
      weekdays({ scheduleId: 'bob-mornings', practitionerId: 'bob' }),
      weekdays({
        scheduleId: 'cleo-afternoons',
        practitionerId: 'cleo',
        placeId: 'annex',
        hours: [{ from: '14:00', to: '18:00' }],
      }),
      weekdays({ scheduleId: 'una-mornings', practitionerId: 'una', serviceTypeIds: ['safety'] }),
      weekdays({
        scheduleId: 'ada-once',
        serviceTypeIds: ['over'],
        rrule: '',
        hours: [{ from: '08:00', to: '08:30' }],
      }),
    ],
  })
})
beforeEach(async () => {
  await desk.postgres.query('DELETE FROM callback; DELETE FROM outbox')
  desk.setNow(startMs)
})
afterAll(() => desk.close())

const mandate = { reference: 'm1', fromDay: '2026-11-01', toDay: '2026-11-22' }
const page: ListCallbacksRequest = { subject: '', practitionerId: '', callbackId: '', pageSize: 0, pageToken: '' }

describe('RequestCallback', () => {
  it.each<[string, Partial<RequestCallbackRequest>, string]>([
    ['without a mandate where one is needed', { serviceTypeId: 'tax' }, 'MANDATE_MISSING'],
    ['whose mandate ended yesterday', { serviceTypeId: 'tax', mandate }, 'MANDATE_ENDED'],
    ['whose mandate ended yesterday where none is needed', { mandate }, 'MANDATE_ENDED'],
  ])('refuses a helper %s, and keeps nothing', async (_, change, reason) => {
    const asked = { subject: someone(), by: byHelper, ...change }
    expect(await refusalOf(desk.requestCallback(asked, system()))).toMatchObject({ reason })
    expect((await desk.postgres.query('SELECT FROM callback')).rowCount).toBe(0)
  })

  it.each<[string, Partial<RequestCallbackRequest>, string]>([
    ['a service that is none', { serviceTypeId: 'moon' }, 'SERVICE_TYPE_UNKNOWN'],
    ['a place that is none', { placeId: 'moon' }, 'PLACE_UNKNOWN'],
    ['a place where nobody does this', { placeId: 'annex', serviceTypeId: 'safety' }, 'PLACE_CLOSED'],
    ['a national number', { telephone: '0612345678' }, 'APPOINTMENT_INVALID'],
    ['an agent named by a person', { by: byAgent }, 'APPOINTMENT_INVALID'],
  ])('refuses %s, and keeps nothing', async (_, change, reason) => {
    const refused = await refusalOf(desk.requestCallback(change))
    expect(refused).toMatchObject({ reason })
    expect(JSON.stringify([refused.message, refused.detail, refused.facts])).not.toContain('0612345678')
    expect((await desk.listCallbacks(page)).callbacks).toEqual([])
  })

  it('refuses who names another, a system that names nobody, and too many words', async () => {
    expect(await refusalOf(desk.requestCallback({}, person(someone())))).toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    expect(await refusalOf(desk.requestCallback({}, system()))).toMatchObject({ facts: { field: 'by' } })
    expect(await refusalOf(desk.requestCallback({ about: 'x'.repeat(501) }))).toHaveProperty('issues')
  })

  it('refuses where nobody is there any more', async () => {
    desk.setNow(paris('2026-11-23T08:30'))
    expect(await refusalOf(desk.requestCallback({ serviceTypeId: 'over' }))).toMatchObject({ reason: 'PLACE_CLOSED' })
  })

  it('lets a person wait for three calls, and sets no limit to who asks for them', async () => {
    const subject = someone()
    for (const at of [1, 2, 3]) await desk.requestCallback({ subject, about: `${at}` })
    const fourth = await refusalOf(desk.requestCallback({ subject }))
    expect(fourth).toMatchObject({ reason: 'APPOINTMENT_LIMIT_REACHED', facts: { callbacks: '3' } })
    await desk.requestCallback({ subject, by: byAgent }, system())
    await desk.requestCallback({ subject, by: byHelper }, system())
    const [first] = (await desk.listCallbacks({ ...page, subject })).callbacks
    await desk.recordCall({ callbackId: first?.callbackId ?? '', isReached: true })
    await desk.requestCallback({ subject })
  })

  it('keeps the limit also for who asks many times at once', async () => {
    const subject = someone()
    const asked = Array.from({ length: 6 }, () => refusalOf(desk.requestCallback({ subject })))
    const refused = (await Promise.all(asked)).filter((error) => error !== undefined)
    expect(refused).toMatchObject([1, 2, 3].map(() => ({ reason: 'APPOINTMENT_LIMIT_REACHED' })))
  })

  it('goes to who has the fewest to call, and is due within the openings of their place', async () => {
    const asked = [await desk.requestCallback(), await desk.requestCallback(), await desk.requestCallback()]
    expect(asked).toMatchObject([
      // Three hours of the Monday and one of the Tuesday; two who are there at once are one time.
      { practitionerId: 'ada', placeId: 'hall', dueAtMs: paris('2026-11-24T10:00'), requestedAtMs: startMs, tries: 0 },
      { practitionerId: 'bob', placeId: 'hall' },
      { practitionerId: 'cleo', placeId: 'annex', dueAtMs: paris('2026-11-23T18:00') },
    ])
    expect(await desk.requestCallback({ placeId: 'annex' })).toMatchObject({ practitionerId: 'cleo' })
    expect(await desk.requestCallback()).toMatchObject({ practitionerId: 'ada' })
    // Half an hour is all there is: it is due at its end.
    expect((await desk.requestCallback({ serviceTypeId: 'over' })).dueAtMs).toBe(paris('2026-11-23T08:30'))
  })

  it('tells the agency that somebody wants to be called, by the id alone', async () => {
    const { callbackId } = await desk.requestCallback()
    expect(await desk.told()).toMatchObject([
      { type: AppointmentEventType.APPOINTMENT_EVENT_TYPE_CALLBACK_REQUESTED, reference: callbackId },
    ])
  })

  it('says of an unnamed agent only what they are', async () => {
    const subject = someone()
    const shown = { practitionerId: '', practitionerShown: 'Officer' }
    expect(await desk.requestCallback({ subject, serviceTypeId: 'safety' })).toMatchObject(shown)
    expect((await desk.listCallbacks({ ...page, subject }, person(subject))).callbacks).toMatchObject([shown])
    expect((await desk.listCallbacks(page)).callbacks).toMatchObject([{ practitionerId: 'una' }])
    expect(await desk.requestCallback()).toMatchObject({
      practitionerId: 'ada',
      practitionerShown: 'ada Agent, Officer',
    })
  })
})

describe('ListCallbacks', () => {
  it('refuses a person who does not name themselves, a practitioner who is none, a foreign page and a weak login', async () => {
    const subject = someone()
    await desk.requestCallback()
    const list = (change: Partial<typeof page>, call = system()) =>
      refusalOf(desk.listCallbacks({ ...page, ...change }, call))
    expect(await list({}, person(subject))).toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    expect(await list({ practitionerId: 'moon' })).toMatchObject({ reason: 'PRACTITIONER_UNKNOWN' })
    expect(await list({ pageToken: 'x' })).toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
    const { nextPageToken } = await desk.listCallbacks({ ...page, pageSize: 1 })
    expect(await list({ pageToken: nextPageToken, dueFromMs: 1 })).toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
    expect(await list({ dueFromMs: -1 })).toHaveProperty('issues')
    expect(await list({ pageToken: `1.${randomUUID()}~x` })).toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
    await desk.inTransaction((tx) => desk.protectedSubjects.protect(tx, [subject], startMs * 2))
    expect(await list({ subject }, person(subject))).toMatchObject({ reason: 'ASSURANCE_TOO_LOW' })
  })

  it('answers the open ones by when they are due, page by page, and of a person also those that ended', async () => {
    const subject = someone()
    const later = await desk.requestCallback({ subject })
    const sooner = await desk.requestCallback({ placeId: 'annex' })
    const ended = await desk.requestCallback({ subject })
    await desk.recordCall({ callbackId: ended.callbackId, isReached: true })
    const first = await desk.listCallbacks({ ...page, pageSize: 1 })
    const second = await desk.listCallbacks({ ...page, pageSize: 1, pageToken: first.nextPageToken })
    expect([...first.callbacks, ...second.callbacks].map(({ callbackId }) => callbackId)).toEqual([
      sooner.callbackId,
      later.callbackId,
    ])
    const own = await desk.listCallbacks({ ...page, subject }, person(subject))
    expect(new Set(own.callbacks.map(({ callbackId }) => callbackId))).toEqual(
      new Set([later.callbackId, ended.callbackId]),
    )
    // What ended long ago does not stand before what is open.
    const recent = { ...page, subject, dueFromMs: later.dueAtMs + 1 }
    const { callbacks: stillOpen } = await desk.listCallbacks(recent, person(subject))
    expect(stillOpen.map(({ callbackId }) => callbackId)).toEqual([later.callbackId])
    const ofEnd = await desk.listCallbacks({ ...recent, dueFromMs: Math.min(later.dueAtMs, ended.dueAtMs) })
    expect(ofEnd.callbacks).toHaveLength(2)
    const { callbacks: known } = await desk.listCallbacks({ ...page, callbackId: ended.callbackId })
    expect(known).toMatchObject([{ callbackId: ended.callbackId, subject }])
    const { callbacks: others } = await desk.listCallbacks({
      ...page,
      subject: someone(),
      callbackId: ended.callbackId,
    })
    expect(others).toEqual([])
    const ofCleo = await desk.listCallbacks({ ...page, practitionerId: 'cleo' })
    expect(ofCleo.callbacks.map(({ callbackId }) => callbackId)).toEqual([sooner.callbackId])
  })
})

describe('of a protected person', () => {
  const withheld = {
    ...{ placeId: '', practitionerId: '', practitionerShown: '', telephone: '', about: '', calledBy: undefined },
  }
  const protector = () => ({
    ...system(),
    caller: { kind: 'system' as const, clientId: 'desk', scopes: ['people:protect'] },
  })
  const protectedOne = async () => {
    const asked = await desk.requestCallback({ about: 'I am at my sister’s.' })
    await desk.inTransaction((tx) => desk.protectedSubjects.protect(tx, [asked.subject], startMs * 2))
    return asked
  }

  it('a system without the scope learns neither where nor how to reach them, however it asks', async () => {
    const { callbackId, subject } = await protectedOne()
    const other = await desk.requestCallback({ placeId: 'hall' })
    for (const asked of [{ subject }, { callbackId }, { subject, callbackId }])
      expect((await desk.listCallbacks({ ...page, ...asked })).callbacks).toMatchObject([{ subject, ...withheld }])
    const { callbacks: all } = await desk.listCallbacks(page)
    expect(all.find((each) => each.callbackId === callbackId)).toMatchObject(withheld)
    expect(all.find((each) => each.callbackId === other.callbackId)).toMatchObject({ telephone: '+33612345678' })
    const asks = { subject, by: byAgent, about: 'Again.' }
    expect(await desk.requestCallback(asks, system())).toMatchObject({ subject, ...withheld })
    const call = { callbackId, isReached: false, by: byAgent }
    expect((await desk.recordCall(call)).callback).toMatchObject({ ...withheld, tries: 1 })
  })

  it('a system without the scope does not learn it by asking who is to call them', async () => {
    const { callbackId, practitionerId, subject } = await protectedOne()
    for (const asked of [{}, { subject }, { callbackId }])
      expect(await desk.listCallbacks({ ...page, ...asked, pageSize: 1, practitionerId })).toEqual({
        callbacks: [],
        nextPageToken: '',
      })
  })

  it('whoever calls them by software with the scope sees everything, and so does the person by a login that suffices', async () => {
    const { callbackId, practitionerId, subject } = await protectedOne()
    const whole = { subject, practitionerId, placeId: 'hall', telephone: '+33612345678', about: 'I am at my sister’s.' }
    expect((await desk.listCallbacks({ ...page, practitionerId }, protector())).callbacks).toMatchObject([whole])
    const call = { callbackId, isReached: true, by: byAgent }
    expect((await desk.recordCall(call, protector())).callback).toMatchObject({ ...whole, calledBy: byAgent })
    const weak = person(subject)
    const strong = { ...weak, caller: { ...weak.caller, acr: 'eidas2' } as typeof weak.caller }
    expect((await desk.listCallbacks({ ...page, subject }, strong)).callbacks).toMatchObject([whole])
    await desk.inTransaction((tx) => desk.protectedSubjects.end(tx, [subject], startMs))
    expect((await desk.listCallbacks({ ...page, subject })).callbacks).toMatchObject([whole])
  })
})

describe('RecordCall', () => {
  it('refuses a callback that is none, and one that has ended', async () => {
    expect(await refusalOf(desk.recordCall({ callbackId: randomUUID(), isReached: true }))).toMatchObject({
      reason: 'CALLBACK_UNKNOWN',
    })
    const { callbackId } = await desk.requestCallback()
    expect((await desk.recordCall({ callbackId, isReached: true })).callback).toMatchObject({
      ...{ state: CallbackState.CALLBACK_STATE_REACHED, tries: 1 },
    })
    expect(await refusalOf(desk.recordCall({ callbackId, isReached: false }))).toMatchObject({
      reason: 'CALLBACK_ENDED',
    })
  })

  it('refuses a hand that is no agent’s or not whole, and counts no try', async () => {
    const { callbackId, subject } = await desk.requestCallback()
    const call = (by: Hand) => refusalOf(desk.recordCall({ callbackId, isReached: true, by }))
    expect(await call(byHelper)).toMatchObject({ reason: 'APPOINTMENT_INVALID', facts: { field: 'by' } })
    expect(await call({ who: undefined })).toMatchObject({ facts: { field: 'by' } })
    const nameless = { ...agentOf(byAgent), capacity: '' }
    const refused = await call({ who: { $case: 'agent', value: nameless } })
    expect(refused).toMatchObject({ reason: 'APPOINTMENT_INVALID', facts: { field: 'by.agent.capacity' } })
    const { callbacks } = await desk.listCallbacks({ ...page, subject })
    expect(callbacks).toMatchObject([{ tries: 0, calledBy: undefined, endedAtMs: undefined }])
  })

  it('keeps who called last, in no clear text, and shows the person an unnamed agent’s capacity alone', async () => {
    const { callbackId, subject } = await desk.requestCallback()
    const seen = async () => (await desk.listCallbacks({ ...page, subject }, person(subject))).callbacks[0]
    expect((await desk.recordCall({ callbackId, isReached: false, by: byAgent })).callback?.calledBy).toEqual(byAgent)
    expect(await seen()).toMatchObject({ calledBy: byAgent, tries: 1, telephone: '+33612345678' })
    const una: Hand = { who: { $case: 'agent', value: { ...agentOf(byAgent), isUnnamed: true } } }
    desk.setNow(startMs + 3_600_000)
    const { callback } = await desk.recordCall({ callbackId, isReached: true, by: una })
    expect(callback).toMatchObject({ calledBy: una, endedAtMs: startMs + 3_600_000 })
    expect(await seen()).toMatchObject({
      endedAtMs: startMs + 3_600_000,
      calledBy: { who: { $case: 'agent', value: { agentId: '', firstName: '', lastName: '', capacity: 'Officer' } } },
    })
    const { rows } = await desk.postgres.query<{ content: Buffer }>('SELECT content FROM callback')
    expect(rows[0]?.content.includes('Officer')).toBe(false)
  })

  it('takes a call of which nobody says who made it, and then names nobody', async () => {
    const { callbackId } = await desk.requestCallback()
    await desk.recordCall({ callbackId, isReached: false, by: byAgent })
    const { callback } = await desk.recordCall({ callbackId, isReached: false })
    expect(callback).toMatchObject({ tries: 2, calledBy: undefined, endedAtMs: undefined })
  })

  it('ends after the third try in vain, also when two say so at once', async () => {
    const { callbackId } = await desk.requestCallback()
    const tried = Array.from({ length: 5 }, () =>
      desk.recordCall({ callbackId, isReached: false }).catch(({ reason }) => reason),
    )
    const answers = await Promise.all(tried)
    expect(answers.filter((each) => each === 'CALLBACK_ENDED')).toHaveLength(2)
    const states = answers.flatMap((each) => (typeof each === 'string' ? [] : [each.callback?.state]))
    expect(states.sort()).toEqual([
      CallbackState.CALLBACK_STATE_OPEN,
      CallbackState.CALLBACK_STATE_OPEN,
      CallbackState.CALLBACK_STATE_NOT_REACHED,
    ])
    const { APPOINTMENT_EVENT_TYPE_CALLBACK_NOT_REACHED: notReached } = AppointmentEventType
    const told = (await desk.told()).filter(({ type }) => type === notReached)
    expect(told).toMatchObject([{ receiver: 'documents', reference: callbackId, atMs: startMs }])
  })

  it('tells nobody of a try that others follow, nor of one that reached them', async () => {
    const { callbackId } = await desk.requestCallback()
    await desk.postgres.query('DELETE FROM outbox')
    for (const isReached of [false, false, true]) await desk.recordCall({ callbackId, isReached })
    expect(await desk.told()).toEqual([])
  })
})

describe('callbacks at rest', () => {
  it('say nothing in clear of the number and the words', async () => {
    const { callbackId, subject } = await desk.requestCallback({ about: 'my secret' })
    const { rows } = await desk.postgres.query<{ content: Buffer }>('SELECT * FROM callback')
    expect(JSON.stringify(rows)).not.toMatch(/33612345678|my secret/)
    expect(rows[0]?.content.includes('my secret')).toBe(false)
    expect((await desk.listCallbacks({ ...page, subject }, person(subject))).callbacks).toMatchObject([
      { callbackId, telephone: '+33612345678', about: 'my secret', language: 'fr' },
    ])
  })

  it('are deleted with their key when they are over for so long, or were never made', async () => {
    const made = await desk.requestCallback({ serviceTypeId: 'over' })
    const never = await desk.requestCallback({ serviceTypeId: 'over' })
    desk.setNow(startMs + 5 * dayMs)
    await desk.recordCall({ callbackId: made.callbackId, isReached: true })
    desk.setNow(startMs + 12 * dayMs)
    await forgetWalkIns(desk.agency)
    const { rows } = await desk.postgres.query<{ callback_id: string }>('SELECT callback_id FROM callback')
    expect(rows).toEqual([{ callback_id: made.callbackId }])
    expect(await desk.fileKeys.of(desk.postgres, never.callbackId)).toBeUndefined()
    desk.setNow(startMs + 15 * dayMs)
    await forgetWalkIns(desk.agency)
    expect((await desk.listCallbacks({ ...page, subject: made.subject })).callbacks).toEqual([])
  })
})
