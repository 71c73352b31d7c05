import { randomUUID } from 'node:crypto'
import { applicationReceiptType } from '@unefois/proto/decision-statements'
import { AgencyEventType, EventServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import {
  ApplicationServiceDefinition,
  ApplicationState,
  Channel,
  type Hand,
  type SubmitApplicationRequest,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { basisIdFrom } from '@unefois/proto/ids'
import { checkToken } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { type RpcName, refusalOf, refused } from './_refusals.js'
import { fund, personTokenOf, Resident, told, town } from './_resident.js'

let resident: Resident
/** Another person whom the town knows. */
let neighbour: Resident
beforeAll(async () => {
  resident = await Resident.settle(await sharedFederation())
  neighbour = await Resident.settle(resident.places)
})
afterAll(() => {
  resident.leave()
  neighbour.leave()
})

const agent: Hand = {
  who: {
    $case: 'agent',
    value: { agentId: 'guichet-3', firstName: 'Ada', lastName: 'Agent', capacity: 'Adjointe', isUnnamed: false },
  },
}
const applications = () => resident.town.service('eligibility', ApplicationServiceDefinition)
const asTown = (scope: string) => resident.town.call(`applications:${scope}`)
const asPersonOf = async ({ places, person }: Resident) => ({
  deadlineMs: 10_000,
  accessToken: await personTokenOf(places, person, town),
  idempotencyKey: randomUUID(),
})
const school = { field: 'school', text: 'École du Centre, CE1' }
const atCounter = (change: Partial<SubmitApplicationRequest> = {}): SubmitApplicationRequest => ({
  subject: resident.subject,
  procedure: told,
  channel: Channel.CHANNEL_COUNTER,
  depositedAtMs: 0,
  entries: [school],
  facts: [],
  language: 'fr',
  appealedDecisionId: '',
  by: agent,
  ...change,
})
const deposit = async (change: Partial<SubmitApplicationRequest> = {}): Promise<string> => {
  const { application } = await applications().submitApplication(atCounter(change), await asTown('submit'))
  return application?.applicationId ?? ''
}
/** An application that nobody can change any more. */
const withdrawn = async (): Promise<string> => {
  const applicationId = await deposit()
  await applications().withdrawApplication({ applicationId, by: agent }, await asTown('submit'))
  return applicationId
}

describe('a deposit', () => {
  it('is refused only for what fits no procedure, and for another person', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/SubmitApplication'
    const submit = async (change: Partial<SubmitApplicationRequest>) =>
      applications().submitApplication(atCounter(change), await asTown('submit'))
    const field = async (change: Partial<SubmitApplicationRequest>) => {
      const error = await refused(rpc, () => submit(change))
      return [error?.reason, error?.facts.field]
    }
    expect(await field({ entries: [{ field: 'quotient', text: '704' }] })).toEqual(['APPLICATION_INVALID', 'quotient'])
    expect(await field({ entries: [{ field: 'castle', text: 'x' }] })).toEqual(['APPLICATION_INVALID', ''])
    expect(await field({ by: undefined })).toEqual(['APPLICATION_INVALID', 'by'])
    expect(await field({ facts: [{ name: 'secret', value: { $case: 'yes', value: true } }] })).toEqual([
      'FACT_INVALID',
      '',
    ])
    expect(await refusalOf(rpc, () => submit({ procedure: 'castle-aid' }))).toBe('PROCEDURE_UNKNOWN')
    expect(await refusalOf(rpc, () => submit({ appealedDecisionId: randomUUID() }))).toBe('DECISION_UNKNOWN')
    expect(await refusalOf(rpc, () => submit({ channel: Channel.CHANNEL_UNSPECIFIED }))).toBe('REQUEST_INVALID')
    const online = { channel: Channel.CHANNEL_ONLINE, by: undefined }
    const forAnother = async () =>
      applications().submitApplication(atCounter({ ...online, subject: neighbour.subject }), await asPersonOf(resident))
    expect(await refusalOf(rpc, forAnother)).toBe('CALLER_NOT_ALLOWED')
  })

  it('is acknowledged whatever is missing, with a signature that the federation list verifies', async () => {
    const online = { channel: Channel.CHANNEL_ONLINE, by: undefined, entries: [] }
    const { application } = await applications().submitApplication(atCounter(online), await asPersonOf(resident))
    expect(application).toMatchObject({
      state: ApplicationState.APPLICATION_STATE_INCOMPLETE,
      receipt: { missingFields: ['school'] },
    })
    const list = resident.places.list()
    const claims = checkToken(application?.receipt?.jws ?? '', applicationReceiptType, {
      nowSeconds: Math.floor(Date.now() / 1000),
      keyOf: list.keyOf('decision'),
    })
    expect(claims).toMatchObject({ iss: town, application: application?.applicationId, missing_fields: ['school'] })
  })

  it('is told to the systems of the agency in its one feed, by id alone', async () => {
    const applicationId = await deposit()
    const feed = resident.town.service('documents', EventServiceDefinition)
    const types = [AgencyEventType.AGENCY_EVENT_TYPE_APPLICATION_RECEIVED]
    const references: string[] = []
    let position = ''
    while (!references.includes(applicationId)) {
      const call = { ...(await resident.town.call('events:read')), deadlineMs: 10_000 }
      const page = await feed.listEvents({ position, types, pageSize: 500, waitMs: 5000 }, call)
      expect(page.events.length).toBeGreaterThan(0)
      references.push(...page.events.map(({ reference }) => reference))
      position = page.position
    }
    expect(references.filter((each) => each === applicationId)).toHaveLength(1)
  })

  it('is taken ten times a day of one person, and by an agent whenever they come', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/SubmitApplication'
    const somebody = await Resident.settle(resident.places)
    const own = { subject: somebody.subject, channel: Channel.CHANNEL_ONLINE, by: undefined }
    const submit = async () => applications().submitApplication(atCounter(own), await asPersonOf(somebody))
    for (let index = 0; index < 10; index++) await submit()
    expect(await refusalOf(rpc, submit)).toBe('APPLICATION_LIMIT_REACHED')
    expect(await deposit({ subject: somebody.subject })).not.toBe('')
    somebody.leave()
  })
})

describe('an application', () => {
  it('is shown to its person and to nobody else’s', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/GetApplication'
    const applicationId = await deposit()
    const get = (id: string, call: object) => applications().getApplication({ applicationId: id }, call as never)
    const theirs = await asPersonOf(neighbour)
    expect(await refusalOf(rpc, () => get(applicationId, theirs))).toBe('APPLICATION_UNKNOWN')
    const asSystem = await asTown('read')
    expect(await refusalOf(rpc, () => get(randomUUID(), asSystem))).toBe('APPLICATION_UNKNOWN')
    const { application } = await get(applicationId, await asPersonOf(resident))
    expect(application?.applicationId).toBe(applicationId)
  })

  it('is listed to its person, who names themselves, by a token that they were given', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/ListApplications'
    const all = { subject: '', state: 0 as const, procedure: '', dueByDay: '', pageSize: 0, pageToken: '' }
    const list = (change: Partial<typeof all>, call: object) =>
      applications().listApplications({ ...all, ...change }, call as never)
    const theirs = await asPersonOf(neighbour)
    expect(await refusalOf(rpc, () => list({}, theirs))).toBe('CALLER_NOT_ALLOWED')
    expect(await refusalOf(rpc, () => list({ subject: resident.subject }, theirs))).toBe('CALLER_NOT_ALLOWED')
    const asSystem = await asTown('read')
    expect(await refusalOf(rpc, () => list({ pageToken: 'nonsense' }, asSystem))).toBe('PAGE_TOKEN_MISMATCH')
    const applicationId = await deposit({ subject: neighbour.subject })
    const { applications: own } = await list({ subject: neighbour.subject }, theirs)
    expect(own.map((each) => each.applicationId)).toContain(applicationId)
  })

  it('is not examined for another person, nor once it ended, and a gate’s refusal is no answer', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/ExamineApplication'
    const applicationId = await deposit()
    const bases = [{ provider: fund, purpose: told, basisId: basisIdFrom(Buffer.alloc(16)) }]
    const examine = async (id: string, call: () => Promise<object>) =>
      applications().examineApplication(
        { applicationId: id, bases, relatedSubject: '', ownRecords: [] },
        (await call()) as never,
      )
    const both = () => resident.town.call('applications:examine evidence:request')
    const theirs = () => asPersonOf(neighbour)
    expect(await refusalOf(rpc, () => examine(applicationId, theirs))).toBe('APPLICATION_UNKNOWN')
    const ended = await withdrawn()
    expect(await refusalOf(rpc, () => examine(ended, both))).toBe('APPLICATION_ENDED')
    const { application, outcome } = await examine(applicationId, both)
    expect(outcome?.$case).toBe('finding')
    expect(application).toMatchObject({ used: [], notObtained: [{ provider: fund, why: { $case: 'refused' } }] })
  })

  it('is not asked to be completed by what its holder can give, before the day that counts, or by nobody', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/AskForPieces'
    const applicationId = await deposit()
    const ask = async (change: object) =>
      applications().askForPieces(
        {
          ...{
            applicationId,
            isIncomplete: true,
            fields: ['diet'],
            what: 'Quel régime souhaitez-vous ?',
            untilDay: '',
          },
          ...{ by: agent, ...change },
        },
        await asTown('examine'),
      )
    const field = async (change: object) => (await refused(rpc, () => ask(change)))?.facts.field
    expect(await field({ fields: ['quotient'] })).toBe('quotient')
    expect(await field({ untilDay: '2020-01-01' })).toBe('untilDay')
    expect(await field({ by: undefined })).toBe('by')
    expect(await refusalOf(rpc, () => ask({ applicationId: randomUUID() }))).toBe('APPLICATION_UNKNOWN')
    const ended = await withdrawn()
    expect(await refusalOf(rpc, () => ask({ applicationId: ended }))).toBe('APPLICATION_ENDED')
    expect(await refusalOf(rpc, () => ask({ what: 'Régime' }))).toBe('REQUEST_INVALID')
    const { application } = await ask({})
    expect(application?.state).toBe(ApplicationState.APPLICATION_STATE_INCOMPLETE)
  })

  it('takes pieces, messages and its end from its person or a named hand, while it is open', async () => {
    const applicationId = await deposit()
    const ended = await withdrawn()
    const diet = { entries: [{ field: 'diet', text: 'Sans porc' }], facts: [] }
    const acts: readonly (readonly [
      RpcName,
      string,
      (id: string, by: Hand | undefined, call: never) => Promise<unknown>,
    ])[] = [
      [
        'unefois.eligibility.v1.ApplicationService/AddPieces',
        'submit',
        (id, by, call) => applications().addPieces({ applicationId: id, ...diet, by }, call),
      ],
      [
        'unefois.eligibility.v1.ApplicationService/SendMessage',
        'message',
        (id, by, call) => applications().sendMessage({ applicationId: id, text: 'Bonjour', by }, call),
      ],
      [
        'unefois.eligibility.v1.ApplicationService/WithdrawApplication',
        'submit',
        (id, by, call) => applications().withdrawApplication({ applicationId: id, by }, call),
      ],
    ]
    for (const [rpc, scope, act] of acts) {
      const asSystem = async () => (await asTown(scope)) as never
      const theirs = async () => (await asPersonOf(neighbour)) as never
      const own = async () => (await asPersonOf(resident)) as never
      expect(await refusalOf(rpc, async () => act(applicationId, undefined, await theirs()))).toBe(
        'APPLICATION_UNKNOWN',
      )
      expect(await refusalOf(rpc, async () => act(applicationId, undefined, await asSystem()))).toBe(
        'APPLICATION_INVALID',
      )
      expect(await refusalOf(rpc, async () => act(applicationId, agent, await own()))).toBe('APPLICATION_INVALID')
      expect(await refusalOf(rpc, async () => act(ended, agent, await asSystem()))).toBe('APPLICATION_ENDED')
      expect(await refusalOf(rpc, async () => act(applicationId, undefined, await own()))).toBe('nothing')
    }
  })

  it('gives pieces no field that there is not', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/AddPieces'
    const applicationId = await deposit()
    const given = { applicationId, entries: [{ field: 'castle', text: 'x' }], facts: [], by: agent }
    const call = await asTown('submit')
    expect(await refusalOf(rpc, () => applications().addPieces(given, call))).toBe('APPLICATION_INVALID')
  })

  it('has no empty message', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/SendMessage'
    const applicationId = await deposit()
    const call = await asTown('message')
    const send = () => applications().sendMessage({ applicationId, text: ' ', by: agent }, call)
    expect(await refusalOf(rpc, send)).toBe('REQUEST_INVALID')
  })

  it('that nobody may withdraw but its person is not withdrawn by another', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/WithdrawApplication'
    const none = { applicationId: randomUUID(), by: undefined }
    const theirs = await asPersonOf(neighbour)
    expect(await refusalOf(rpc, () => applications().withdrawApplication(none, theirs))).toBe('APPLICATION_UNKNOWN')
  })

  it('that silence did not accept has no attestation of it', async () => {
    const rpc = 'unefois.eligibility.v1.ApplicationService/AttestAcceptance'
    const applicationId = await deposit()
    const asSystem = await asTown('read')
    const theirs = await asPersonOf(neighbour)
    expect(await refusalOf(rpc, () => applications().attestAcceptance({ applicationId }, theirs))).toBe(
      'APPLICATION_UNKNOWN',
    )
    expect(await refusalOf(rpc, () => applications().attestAcceptance({ applicationId }, asSystem))).toBe(
      'ACCEPTANCE_NOT_GIVEN',
    )
  })
})
