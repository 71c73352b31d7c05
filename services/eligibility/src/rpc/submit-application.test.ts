import { randomUUID } from 'node:crypto'
import { applicationReceiptType } from '@unefois/proto/decision-statements'
import { ApplicationEvent, ApplicationEventType } from '@unefois/proto/gen/unefois/eligibility/v1/application_events'
import {
  ApplicationState,
  Channel,
  type SubmitApplicationRequest,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { registerPublicKey } from '@unefois/proto/keys'
import { checkToken } from '@unefois/proto/token'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applicationSource, decisionKeys, procedureSource, system } from '../agency.fixture.js'
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
import { publishProcedure } from './publish-procedure.js'
import { submitApplication } from './submit-application.js'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(async () => {
  desk.agency.setNow(startMs)
  await desk.empty()
})
afterAll(() => desk.close())

const letter = { field: 'letter', text: 'Please.' }
const income = (value: number) => ({ name: 'revenu', value: { $case: 'number' as const, value } })
type Change = Partial<SubmitApplicationRequest>
const countKept = async () => (await desk.needs.applications.list(0, {} as never, 1000)).read

describe('SubmitApplication', () => {
  it.each<[string, Change, string, string]>([
    ['a field that is none', { entries: [letter, { field: 'nothing', text: 'x' }] }, 'APPLICATION_INVALID', ''],
    ['a field that another holds', { entries: [{ field: 'income', text: '5' }] }, 'APPLICATION_INVALID', 'income'],
    ['a field twice', { entries: [letter, letter] }, 'APPLICATION_INVALID', 'letter'],
    ['an entry that says nothing', { entries: [{ field: 'letter', text: ' ' }] }, 'APPLICATION_INVALID', 'letter'],
    ['too long an entry', { entries: [{ field: 'wish', text: 'x'.repeat(2001) }] }, 'APPLICATION_INVALID', 'wish'],
    ['a fact out of its bounds', { facts: [income(-1)] }, 'FACT_INVALID', 'revenu'],
    ['a fact that contradicts another', { facts: [income(1), income(2)] }, 'FACT_INVALID', 'revenu'],
    ['a fact of no rule', { procedure: 'permit', facts: [income(1)] }, 'FACT_INVALID', ''],
    ['a person at a counter', { channel: Channel.CHANNEL_COUNTER }, 'APPLICATION_INVALID', 'channel'],
    ['a person of yesterday', { depositedAtMs: startMs - 1 }, 'APPLICATION_INVALID', 'depositedAtMs'],
    ['a person who names an agent', { by: agent }, 'APPLICATION_INVALID', 'by'],
  ])('refuses %s, names the field, and keeps nothing', async (_, change, reason, field) => {
    const before = await countKept()
    const refused = await desk.submit(change).catch((error) => error)
    expect(refused).toMatchObject({ reason, facts: { field } })
    expect(JSON.stringify([refused.message, refused.detail, refused.facts])).not.toMatch(/Please|xxx|nothing"/)
    expect(await countKept()).toBe(before)
  })

  it.each<[string, Change, string]>([
    ['an agency that names nobody', { by: undefined }, 'by'],
    ['a date ahead', { depositedAtMs: startMs + 1 }, 'depositedAtMs'],
    ['a date of another year', { depositedAtMs: startMs - 367 * dayMs }, 'depositedAtMs'],
  ])('refuses %s', async (_, change, field) => {
    const given = { by: agent, channel: Channel.CHANNEL_POST, ...change }
    await expect(desk.submit(given, system())).rejects.toMatchObject({
      reason: 'APPLICATION_INVALID',
      facts: { field },
    })
  })

  it('refuses a person who names another, a procedure that is none, and one that takes no applications', async () => {
    await expect(desk.submit({}, asPerson(personNamed('B')))).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' })
    await expect(desk.submit({ procedure: 'moon' })).rejects.toMatchObject({ reason: 'PROCEDURE_UNKNOWN' })
    await expect(desk.submit({ procedure: 'closed' })).rejects.toMatchObject({ reason: 'APPLICATION_NOT_TAKEN' })
  })

  it('refuses an appeal against a decision of another person, another procedure, or none', async () => {
    const own = desk.decide(ada, 'permit')
    const decisions = [randomUUID(), own, desk.decide(personNamed('B'), 'grant')]
    for (const appealedDecisionId of decisions)
      await expect(desk.submit({ appealedDecisionId })).rejects.toMatchObject({ reason: 'DECISION_UNKNOWN' })
    const appeal = await desk.submit({ procedure: 'permit', appealedDecisionId: own.toUpperCase() })
    expect(appeal).toMatchObject({ appealedDecisionId: own, clock: { means: 'rejection', dueDay: '2027-01-23' } })
  })

  it('reads no request of another form', () => {
    const { request } = submitApplication(desk.needs)
    const form = {
      ...{ subject: ada, procedure: 'grant', channel: 1, depositedAtMs: 0, entries: [], facts: [] },
      ...{ language: 'fr', appealedDecisionId: '', by: undefined },
    }
    expect(request.safeParse(form).success).toBe(true)
    for (const wrong of [{ subject: 'Ada' }, { channel: 0 }, { channel: 6 }, { language: 'de' }, { depositedAtMs: -1 }])
      expect(request.safeParse({ ...form, ...wrong }).success).toBe(false)
  })

  it('lets one person deposit ten times a day, by whatever hand but an agent’s, however many come at once', async () => {
    const subject = personNamed('T')
    const given = { subject, channel: Channel.CHANNEL_ONLINE }
    const attempts = Array.from({ length: 14 }, (_, index) =>
      index % 2 ? desk.submit(given) : desk.submit({ ...given, by: helper }, system()),
    )
    const settled = await Promise.allSettled(attempts)
    const refused = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.reason] : []))
    expect(refused).toEqual(Array(4).fill('APPLICATION_LIMIT_REACHED'))
    await desk.submit({ ...given, by: agent, channel: Channel.CHANNEL_COUNTER }, system())
    await expect(desk.submit(given)).rejects.toMatchObject({ reason: 'APPLICATION_LIMIT_REACHED' })
    await desk.submit({ subject: personNamed('U') })
    desk.agency.setNow(startMs + dayMs)
    await desk.submit(given)
  })

  it('keeps what is incomplete, asks at once for what is missing, and says so in the receipt', async () => {
    const application = await desk.submit({ entries: [], language: 'fr' })
    expect(application).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_INCOMPLETE,
      revision: 1,
      channel: Channel.CHANNEL_ONLINE,
      depositedAtMs: startMs,
      depositedBy: { who: { $case: 'person' } },
      corrections: [
        {
          isIncomplete: true,
          fields: ['letter'],
          what: 'Il manque : Lettre.',
          askedAtMs: startMs,
          untilDay: '2026-12-22',
          resolvedAtMs: 0,
          by: { who: { $case: 'service' } },
        },
      ],
      clock: { means: 'rejection', isWaiting: true, legalReference: 'article 1' },
      receipt: { missingFields: ['letter'], missingUntilDay: '2026-12-22', isAttestable: false, remedies: [{}] },
    })
    expect(await desk.get(application.applicationId)).toEqual(application)
  })

  it('acknowledges with a statement that anybody can verify, and that names no person', async () => {
    const application = await desk.submit({ facts: [income(900), income(900)] })
    expect(application).toMatchObject({ state: ApplicationState.APPLICATION_STATE_IN_REVIEW, facts: [income(900)] })
    const { receipt } = application
    const claims = checkToken(receipt?.jws ?? '', applicationReceiptType, {
      nowSeconds: startMs / 1000,
      keyOf: (issuer, kid) =>
        issuer === 'hall' && kid === decisionKeys.publicJwk.kid ? registerPublicKey(decisionKeys.publicJwk) : undefined,
    })
    expect(claims).toMatchObject({
      iss: 'hall',
      application: application.applicationId,
      procedure: 'grant',
      procedure_sha256: application.procedureSha256,
      received_at_ms: startMs,
      silence: { means: 'rejection', due_day: '2027-01-23', is_waiting: false, reference: 'article 1' },
      remedies: [{ title: { fr: 'r', en: 'r' }, is_mandatory_first: true }],
      is_attestable: false,
      missing_fields: [],
    })
    expect(JSON.stringify(claims)).not.toContain(ada)
  })

  it('keeps what came by another way on its own day, with the hand that brought it, and hides an agent’s name', async () => {
    const depositedAtMs = startMs - 3 * dayMs
    const given = { by: unnamedAgent, channel: Channel.CHANNEL_POST, depositedAtMs }
    const application = await desk.submit(given, system())
    expect(application).toMatchObject({
      depositedAtMs,
      depositedBy: unnamedAgent,
      receipt: { receivedAtMs: depositedAtMs },
    })
    expect(application.clock?.dueDay).toBe('2027-01-20')
    const own = await desk.get(application.applicationId, asPerson(ada))
    expect(own.depositedBy?.who).toMatchObject({ value: { capacity: 'Officer', firstName: '', lastName: '' } })
    await desk.submit({ ...given, by: helper }, system())
  })

  it('keeps the procedure as it stood, and tells the feed of the deposit by id alone', async () => {
    const before = await desk.submit()
    const source = procedureSource({ application: applicationSource(), ways: '[counter]' })
    await publishProcedure(desk.agency).handle({ source }, system())
    const after = await desk.submit({ entries: [] })
    expect(after.procedureSha256).not.toBe(before.procedureSha256)
    expect((await desk.get(before.applicationId)).procedureSha256).toBe(before.procedureSha256)
    const last = (await desk.told()).at(-1)
    expect(ApplicationEvent.decode(last ?? new Uint8Array())).toEqual({
      type: ApplicationEventType.APPLICATION_EVENT_TYPE_RECEIVED,
      applicationId: after.applicationId,
      atMs: startMs,
      reviewId: '',
    })
  })
})
