import { randomUUID } from 'node:crypto'
import type { Call, EffectRpc } from '@unefois/chassis/rpc'
import {
  type Application,
  Channel,
  type Hand,
  type SubmitApplicationRequest,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { applicationSource, openAgency, procedureSource, ruleSource, system } from './agency.fixture.js'
import type { AfterExamination, ApplicationNeeds } from './application-needs.js'
import type { EligibilityContext } from './context.js'
import { addPieces } from './rpc/add-pieces.js'
import { askForPieces } from './rpc/ask-for-pieces.js'
import { getApplication } from './rpc/get-application.js'
import { publishProcedure } from './rpc/publish-procedure.js'
import { publishRelease } from './rpc/publish-release.js'
import { sendMessage } from './rpc/send-message.js'
import { submitApplication } from './rpc/submit-application.js'
import { withdrawApplication } from './rpc/withdraw-application.js'

export const startMs = Date.parse('2026-11-22T09:00:00Z')
export const dayMs = 86_400_000
/** A pseudonym of the hall's. */
export const personNamed = (letter: string): string => `p1.1.${letter.repeat(22)}`
export const ada = personNamed('A')

/** A call of this person in their own session. */
export const asPerson = (subject: string): Call => ({
  ...system(),
  caller: {
    kind: 'person',
    clientId: 'pages',
    subject: subject as never,
    acr: 'eidas1',
    authTimeSeconds: 1,
    loginHandle: 'h',
  },
  accessToken: 'the token of the person',
})

export const agent: Hand = {
  who: {
    $case: 'agent',
    value: { agentId: 'a7', firstName: 'Aya', lastName: 'Agent', capacity: 'Officer', isUnnamed: false },
  },
}
export const unnamedAgent: Hand = {
  who: {
    $case: 'agent',
    value: { agentId: 'a8', firstName: 'Una', lastName: 'Named', capacity: 'Officer', isUnnamed: true },
  },
}
export const helper: Hand = {
  who: { $case: 'helper', value: { firstName: 'Hugo', lastName: 'Helper', organisation: 'Maison' } },
}

/** A letter that the person must give, a wish that they may, and an income that the fund holds. */
const fields = (income: string): string =>
  `${income} }
  letter: { title: { fr: Lettre, en: Letter }, isMandatory: true, heldByNobody: { fr: x, en: x }, isGivenByPerson: true }
  wish: { title: { fr: Souhait, en: Wish }, isMandatory: false, heldByNobody: { fr: x, en: x }, isGivenByPerson: true`
const byFund = fields('evidence: { type: income, field: amount }, isGivenByPerson: false')
const byNobody = fields('heldByNobody: { fr: x, en: x }, isGivenByPerson: true')

/** `grant` has a rule and rejects by silence, `permit` and `transfer` have none and accept; `closed` takes no applications. */
const procedures: readonly Readonly<Record<string, string>>[] = [
  { income: byFund, application: applicationSource() },
  {
    id: 'permit',
    kind: 'plain',
    benefit: '',
    money: 'false',
    income: byNobody,
    silence: '{ means: acceptance, after: { count: 2, unit: months }, reference: law }',
    application: applicationSource({ algorithm: '' }),
  },
  {
    id: 'transfer',
    kind: 'plain',
    benefit: '',
    money: 'false',
    income: byFund,
    silence: '{ means: acceptance, after: { count: 2, unit: months }, reference: law }',
    application: applicationSource({ algorithm: '' }),
  },
  { id: 'closed' },
]

const grantsNothing: AfterExamination = async (_tx, { kept }) => kept

/** An agency to which people apply; a test decides what can be appealed against, and what its documents answer. */
export const openDesk = async (documents?: EligibilityContext['documents']) => {
  const agency = await openAgency(documents)
  await publishRelease(agency).handle({ source: ruleSource(), replaces: '' }, system())
  for (const changes of procedures)
    await publishProcedure(agency).handle({ source: procedureSource(changes) }, system())
  const decided = new Set<string>()
  const needs: ApplicationNeeds = {
    ...agency,
    isAppealable: async (_tx, { decisionId, subject, procedure }) =>
      decided.has(`${decisionId} ${subject} ${procedure}`),
    afterExamination: grantsNothing,
  }
  const run = <Req, Res>(rpc: EffectRpc<Req, Res>, request: Req, call: Call): Promise<Res> => {
    const read = rpc.request.safeParse(request)
    if (!read.success) throw read.error
    return agency.postgres.transaction((tx) => rpc.effect(request, call, tx))
  }
  const whole = ({ application }: { application?: Application | undefined }): Application => {
    if (!application) throw new Error('no application was answered')
    return application
  }
  return {
    agency,
    needs,
    run,
    /** This decision was issued to this person by this procedure. */
    decide: (subject: string, procedure: string): string => {
      const decisionId = randomUUID()
      decided.add(`${decisionId} ${subject} ${procedure}`)
      return decisionId
    },
    /** Deposits for `grant`, with nothing missing, as Ada does in her own session. */
    submit: async (change: Partial<SubmitApplicationRequest> = {}, call?: Call): Promise<Application> => {
      const request: SubmitApplicationRequest = {
        subject: ada,
        procedure: 'grant',
        channel: Channel.CHANNEL_ONLINE,
        depositedAtMs: 0,
        entries: [{ field: 'letter', text: 'Please.' }],
        facts: [],
        language: 'en',
        appealedDecisionId: '',
        by: undefined,
        ...change,
      }
      return whole(await run(submitApplication(needs), request, call ?? asPerson(request.subject)))
    },
    get: async (applicationId: string, call: Call = system()): Promise<Application> =>
      whole(await getApplication(needs).handle({ applicationId }, call)),
    ask: async (applicationId: string, change: object = {}): Promise<Application> => {
      const request = {
        applicationId,
        isIncomplete: true,
        fields: ['letter'],
        what: 'Your letter, please.',
        untilDay: '',
      }
      return whole(await run(askForPieces(needs), { ...request, by: agent, ...change }, system()))
    },
    add: async (
      applicationId: string,
      entries: Readonly<Record<string, string>>,
      call: Call = asPerson(ada),
      more: object = {},
    ): Promise<Application> => {
      const given = Object.entries(entries).map(([field, text]) => ({ field, text }))
      return whole(
        await run(addPieces(needs), { applicationId, entries: given, facts: [], by: undefined, ...more }, call),
      )
    },
    say: async (applicationId: string, text: string, call: Call = asPerson(ada), by?: Hand) => {
      const { message } = await run(sendMessage(needs), { applicationId, text, by }, call)
      return message
    },
    withdraw: async (applicationId: string, call: Call = asPerson(ada), by?: Hand): Promise<Application> =>
      whole(await run(withdrawApplication(needs), { applicationId, by }, call)),
    /** Forgets every application, so that none counts towards what one person may deposit within a day. */
    empty: () => agency.postgres.query('TRUNCATE application'),
    /** What the feed is to hear, in its order. */
    told: async () => {
      const { rows } = await agency.postgres.query<{ data: Buffer }>('SELECT data FROM outbox ORDER BY id')
      return rows.map(({ data }) => data)
    },
    close: () => agency.close(),
  }
}
export type Desk = Awaited<ReturnType<typeof openDesk>>
