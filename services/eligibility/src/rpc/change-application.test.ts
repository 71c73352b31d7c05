import { randomUUID } from 'node:crypto'
import { acceptanceAttestationType } from '@unefois/proto/decision-statements'
import { ApplicationEvent } from '@unefois/proto/gen/unefois/eligibility/v1/application_events'
import { ApplicationState, Channel } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { registerPublicKey } from '@unefois/proto/keys'
import { checkToken } from '@unefois/proto/token'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decisionKeys, system } from '../agency.fixture.js'
import {
  ada,
  agent,
  asPerson,
  type Desk,
  dayMs,
  helper,
  openDesk,
  personNamed,
  startMs,
  unnamedAgent,
} from '../application.fixture.js'
import { letSilenceSpeak } from '../application-chores.js'
import { askForPieces } from './ask-for-pieces.js'
import { attestAcceptance } from './attest-acceptance.js'
import { getApplication } from './get-application.js'
import { listApplications } from './list-applications.js'
import { sendMessage } from './send-message.js'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(async () => {
  desk.agency.setNow(startMs)
  await desk.empty()
})
afterAll(() => desk.close())

const bea = personNamed('B')
const stranger = asPerson(bea)
const unknown = { reason: 'APPLICATION_UNKNOWN' }
const ended = { reason: 'APPLICATION_ENDED' }
const withdrawn = async () => (await desk.withdraw((await desk.submit()).applicationId)).applicationId
const attest = (applicationId: string, call = system()) => attestAcceptance(desk.needs).handle({ applicationId }, call)
const list = (change: object = {}, call = system()) =>
  listApplications(desk.needs).handle(
    { subject: '', state: 0, procedure: '', dueByDay: '', pageSize: 0, pageToken: '', ...change },
    call,
  )

describe('GetApplication', () => {
  it('knows none of another person’s, nor one that there is not', async () => {
    const { applicationId } = await desk.submit()
    await expect(desk.get(applicationId, stranger)).rejects.toMatchObject(unknown)
    await expect(desk.get(randomUUID())).rejects.toMatchObject(unknown)
    expect(getApplication(desk.needs).request.safeParse({ applicationId: 'no id' }).success).toBe(false)
    expect((await desk.get(applicationId, asPerson(ada))).subject).toBe(ada)
  })
})

describe('ListApplications', () => {
  it('refuses a person who does not name themselves, and a token of another list', async () => {
    await expect(list({}, asPerson(ada))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(list({ subject: ada }, stranger)).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await desk.submit()
    await desk.submit()
    const { nextPageToken } = await list({ subject: ada, pageSize: 1 })
    await expect(list({ pageSize: 1, pageToken: nextPageToken })).rejects.toMatchObject({
      reason: 'PAGE_TOKEN_MISMATCH',
    })
    await expect(list({ pageToken: 'nonsense' })).rejects.toMatchObject({ reason: 'PAGE_TOKEN_MISMATCH' })
  })

  it('goes through a person’s own in the order in which they came or last changed hands', async () => {
    const subject = personNamed('L')
    const first = await desk.submit({ subject })
    const second = await desk.submit({ subject, procedure: 'permit' })
    const third = await desk.submit({ subject })
    await desk.ask(first.applicationId)
    const seen: string[] = []
    let pageToken = ''
    do {
      const page = await list({ subject, pageSize: 1, pageToken }, asPerson(subject))
      seen.push(...page.applications.map(({ applicationId }) => applicationId))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(seen).toEqual([second, third, first].map(({ applicationId }) => applicationId))
    const incomplete = await list({ subject, state: ApplicationState.APPLICATION_STATE_INCOMPLETE })
    expect(incomplete.applications.map(({ applicationId }) => applicationId)).toEqual([
      second.applicationId,
      first.applicationId,
    ])
    const permits = await list({ subject, procedure: 'permit' })
    expect(permits.applications.map(({ applicationId }) => applicationId)).toEqual([second.applicationId])
  })

  it('finds those of which silence speaks by a day, and none that waits for the person for good', async () => {
    const subject = personNamed('D')
    const due = await desk.submit({ subject })
    await desk.submit({ subject, procedure: 'permit' })
    const ids = async (dueByDay: string) =>
      (await list({ subject, dueByDay })).applications.map(({ applicationId }) => applicationId)
    expect(await ids('2027-01-22')).toEqual([])
    expect(await ids('2027-01-23')).toEqual([due.applicationId])
  })

  it('answers no more at once than fits into a message, and goes on behind it', async () => {
    const subject = personNamed('M')
    const { applicationId } = await desk.submit({ subject })
    for (let index = 0; index < 13; index++) await desk.say(applicationId, 'é'.repeat(4000), asPerson(subject))
    const long = await desk.submit({ subject })
    for (let index = 0; index < 13; index++) await desk.say(long.applicationId, 'é'.repeat(4000), asPerson(subject))
    const page = await list({ subject })
    expect(page.applications.map((each) => each.applicationId)).toEqual([applicationId])
    const rest = await list({ subject, pageToken: page.nextPageToken })
    expect(rest.applications.map((each) => each.applicationId)).toEqual([long.applicationId])
  })
})

describe('AskForPieces', () => {
  it('refuses what is no field, a day that is none, a hand that is no agent’s, and what is unknown or ended', async () => {
    const { applicationId } = await desk.submit()
    const invalid = (field: string) => ({
      reason: 'APPLICATION_INVALID',
      facts: { field, what: expect.stringMatching(/\w/) },
    })
    await expect(desk.ask(applicationId, { fields: [] })).rejects.toMatchObject(invalid('fields'))
    await expect(desk.ask(applicationId, { fields: ['moon'] })).rejects.toMatchObject(invalid(''))
    await expect(desk.ask(applicationId, { untilDay: '2026-11-22' })).rejects.toMatchObject(invalid('untilDay'))
    await expect(desk.ask(applicationId, { untilDay: '2027-11-24' })).rejects.toMatchObject(invalid('untilDay'))
    await expect(desk.ask(applicationId, { by: helper })).rejects.toMatchObject(invalid('by'))
    await expect(desk.ask(randomUUID())).rejects.toMatchObject(unknown)
    await expect(desk.ask(await withdrawn())).rejects.toMatchObject(ended)
    const form = { applicationId, isIncomplete: true, fields: ['letter'], what: 'Too short', untilDay: '', by: agent }
    expect(askForPieces(desk.needs).request.safeParse(form).success).toBe(false)
  })

  it('refuses to ask the person for what a holder in reach can give, and was not asked (CRPA L113-12)', async () => {
    const { applicationId } = await desk.submit()
    await expect(desk.ask(applicationId, { fields: ['letter', 'income'] })).rejects.toMatchObject({
      reason: 'APPLICATION_INVALID',
      facts: { field: 'income' },
    })
  })

  it('says what is awaited until when, and lets the clock stand still meanwhile', async () => {
    const { applicationId } = await desk.submit()
    const application = await desk.ask(applicationId, { fields: ['wish'], untilDay: '2026-11-30' })
    expect(application).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_INCOMPLETE,
      revision: 2,
      corrections: [{ fields: ['wish'], untilDay: '2026-11-30', by: agent }],
      clock: { isWaiting: true },
    })
    desk.agency.setNow(startMs + 20 * dayMs)
    expect((await desk.get(applicationId)).clock).toMatchObject({ dueDay: '2027-01-31', isWaiting: false })
    expect((await desk.ask((await desk.submit()).applicationId)).corrections).toMatchObject([
      { untilDay: '2027-01-12' },
    ])
  })
})

describe('AddPieces', () => {
  it('refuses what fits no procedure, another person’s, and what ended', async () => {
    const { applicationId } = await desk.submit()
    const invalid = (field: string) => ({
      reason: 'APPLICATION_INVALID',
      facts: { field, what: expect.stringMatching(/\w/) },
    })
    await expect(desk.add(applicationId, { income: '900' })).rejects.toMatchObject(invalid('income'))
    await expect(desk.add(applicationId, { moon: 'x' })).rejects.toMatchObject(invalid(''))
    await expect(desk.add(applicationId, { wish: 'x' }, system())).rejects.toMatchObject(invalid('by'))
    const income = { name: 'revenu', value: { $case: 'number', value: -1 } }
    await expect(desk.add(applicationId, {}, asPerson(ada), { facts: [income] })).rejects.toMatchObject({
      reason: 'FACT_INVALID',
    })
    await expect(desk.add(applicationId, { wish: 'x' }, stranger)).rejects.toMatchObject(unknown)
    await expect(desk.add(await withdrawn(), { wish: 'x' })).rejects.toMatchObject(ended)
    await expect(desk.add(applicationId, {})).rejects.toThrow()
    expect((await desk.get(applicationId)).revision).toBe(1)
  })

  it('makes the file complete once all that was asked has come, and tells the feed', async () => {
    const { applicationId } = await desk.submit({ entries: [] })
    await desk.ask(applicationId, { fields: ['letter', 'wish'], isIncomplete: false })
    desk.agency.setNow(startMs + 2 * dayMs)
    const half = await desk.add(applicationId, { letter: 'Please.' })
    expect(half.corrections.map(({ resolvedAtMs }) => resolvedAtMs)).toEqual([startMs + 2 * dayMs, 0])
    expect(half.state).toBe(ApplicationState.APPLICATION_STATE_INCOMPLETE)
    const whole = await desk.add(applicationId, { wish: 'Soon.' }, system(), { by: helper })
    expect(whole).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_IN_REVIEW,
      revision: 4,
      entries: [
        { field: 'letter', text: 'Please.' },
        { field: 'wish', text: 'Soon.' },
      ],
      clock: { isWaiting: false, dueDay: '2027-01-25' },
    })
    const told = (await desk.told()).map((data) => ApplicationEvent.decode(data))
    expect(told.filter((event) => event.applicationId === applicationId).map(({ type }) => type)).toEqual([1, 2, 2])
  })

  it('refuses to grow a file beyond what can be read at once', async () => {
    const { applicationId } = await desk.submit()
    const write = async () => {
      for (let index = 0; index < 60; index++) await desk.say(applicationId, 'x'.repeat(4000))
    }
    await expect(write()).rejects.toMatchObject({ reason: 'APPLICATION_INVALID', facts: { field: '' } })
    expect((await desk.get(applicationId)).messages.length).toBeGreaterThan(20)
    await desk.withdraw(applicationId)
  })
})

describe('SendMessage', () => {
  it('refuses an agency that names nobody, another person’s application, and one that ended', async () => {
    const { applicationId } = await desk.submit()
    await expect(desk.say(applicationId, 'x', system())).rejects.toMatchObject({
      reason: 'APPLICATION_INVALID',
      facts: { field: 'by' },
    })
    await expect(desk.say(applicationId, 'x', stranger)).rejects.toMatchObject(unknown)
    await expect(desk.say(await withdrawn(), 'x')).rejects.toMatchObject(ended)
    const form = { applicationId, text: ' \n', by: undefined }
    expect(sendMessage(desk.needs).request.safeParse(form).success).toBe(false)
  })

  it('adds to the one thread in order, with an agent’s name only where the person may know it', async () => {
    const { applicationId } = await desk.submit()
    await desk.say(applicationId, 'Hello?')
    await desk.say(applicationId, 'Yes.', system(), unnamedAgent)
    await desk.say(applicationId, 'And I.', system(), agent)
    const own = await desk.get(applicationId, asPerson(ada))
    expect(own.messages.map(({ text }) => text)).toEqual(['Hello?', 'Yes.', 'And I.'])
    expect(own.revision).toBe(4)
    const seen = JSON.stringify(own)
    expect([seen.includes('Una'), seen.includes('Aya')]).toEqual([false, true])
    expect((await desk.get(applicationId)).messages[1]?.from).toEqual(unnamedAgent)
  })
})

describe('WithdrawApplication', () => {
  it('refuses another person, a hand that is not named, and to end what ended', async () => {
    const { applicationId } = await desk.submit()
    await expect(desk.withdraw(applicationId, stranger)).rejects.toMatchObject(unknown)
    await expect(desk.withdraw(applicationId, system())).rejects.toMatchObject({ reason: 'APPLICATION_INVALID' })
    expect(await desk.withdraw(applicationId)).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_WITHDRAWN,
      clock: { dueDay: '', isWaiting: false },
    })
    await expect(desk.withdraw(applicationId)).rejects.toMatchObject(ended)
  })
})

describe('silence', () => {
  const permitted = async () =>
    desk.submit({ procedure: 'permit', entries: ['letter', 'income'].map((field) => ({ field, text: 'x' })) })
  const stateOf = async (applicationId: string) => (await desk.get(applicationId)).state
  const onDay = (day: string) => desk.agency.setNow(Date.parse(`${day}T09:00:00Z`))

  it('accepts on its day and not before, once, and is attested', async () => {
    const { applicationId, clock } = await permitted()
    expect(clock).toMatchObject({ means: 'acceptance', dueDay: '2027-01-23' })
    await expect(attest(applicationId)).rejects.toMatchObject({ reason: 'ACCEPTANCE_NOT_GIVEN' })
    onDay('2027-01-22')
    await letSilenceSpeak(desk.needs)
    expect(await stateOf(applicationId)).toBe(ApplicationState.APPLICATION_STATE_IN_REVIEW)
    onDay('2027-01-23')
    // From the moment at which it spoke nothing changes any more, whether it was kept yet or not.
    await expect(desk.ask(applicationId)).rejects.toMatchObject(ended)
    await Promise.all([letSilenceSpeak(desk.needs), letSilenceSpeak(desk.needs)])
    const accepted = await desk.get(applicationId)
    expect(accepted).toMatchObject({ state: ApplicationState.APPLICATION_STATE_ACCEPTED_BY_SILENCE, revision: 2 })
    const told = (await desk.told()).map((data) => ApplicationEvent.decode(data))
    expect(told.filter((event) => event.applicationId === applicationId).map(({ type }) => type)).toEqual([1, 3])

    await expect(attest(applicationId, stranger)).rejects.toMatchObject(unknown)
    onDay('2027-03-01')
    const attested = await attest(applicationId, asPerson(ada))
    expect(attested).toMatchObject({ acceptedDay: '2027-01-23', depositedAtMs: startMs, service: { fr: 's' } })
    const claims = checkToken(attested.jws, acceptanceAttestationType, {
      nowSeconds: Date.parse('2027-03-01T09:00:00Z') / 1000,
      keyOf: () => registerPublicKey(decisionKeys.publicJwk),
    })
    expect(claims).toMatchObject({ accepted_day: '2027-01-23', application: applicationId, reference: 'article 1' })
  })

  it('rejects on its day, and attests no acceptance', async () => {
    const { applicationId } = await desk.submit()
    onDay('2027-01-23')
    await letSilenceSpeak(desk.needs)
    expect(await stateOf(applicationId)).toBe(ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE)
    await expect(attest(applicationId)).rejects.toMatchObject({ reason: 'ACCEPTANCE_NOT_GIVEN' })
    await expect(desk.say(applicationId, 'x')).rejects.toMatchObject(ended)
  })

  it('waits where something was asked in time', async () => {
    const { applicationId } = await permitted()
    onDay('2027-01-22')
    await desk.ask(applicationId, { untilDay: '2027-02-01' })
    onDay('2027-01-23')
    await letSilenceSpeak(desk.needs)
    expect(await stateOf(applicationId)).toBe(ApplicationState.APPLICATION_STATE_INCOMPLETE)
    await desk.add(applicationId, { letter: 'Here.' })
    onDay('2027-03-24')
    await letSilenceSpeak(desk.needs)
    expect(await stateOf(applicationId)).toBe(ApplicationState.APPLICATION_STATE_ACCEPTED_BY_SILENCE)
  })

  it('speaks of all that are due, though one can no longer be read', async () => {
    desk.agency.setNow(startMs)
    const all = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        desk.submit(
          { subject: personNamed(String.fromCharCode(97 + index)), by: agent, channel: Channel.CHANNEL_POST },
          system(),
        ),
      ),
    )
    const [gone, ...others] = all.map(({ applicationId }) => applicationId)
    await desk.agency.fileKeys.forget(desk.agency.postgres, [gone ?? ''])
    onDay('2027-01-23')
    await letSilenceSpeak(desk.needs)
    for (const id of others) expect(await stateOf(id)).toBe(ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE)
  })
})
