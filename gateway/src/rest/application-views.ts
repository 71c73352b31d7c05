import {
  type AgentNamed,
  type Application,
  type ApplicationReceipt,
  ApplicationState,
  Channel,
  type Correction,
  type Entry,
  type Hand,
  type Message,
  type RemedyOpen,
  type SilenceClock,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Fact } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import type { z } from 'zod'
import { type FactValue, factOf } from '../simulation.js'
import type {
  agentNamed,
  application,
  applicationChannel,
  applicationReceipt,
  applicationState,
  correctionAsked,
  hand,
  handGiven,
  message,
  remedyOpen,
  silenceClock,
} from './application-schemas.js'
import { factsUsedView, notObtainedView } from './assessment-views.js'
import { textOf, unitOf } from './eligibility-views.js'
import { nameIn } from './enum-names.js'
import { instantOf } from './views.js'

// From the messages of the contract to what the REST door and the pages show, and back.

export type ApplicationView = z.infer<typeof application>
export type ApplicationReceiptView = z.infer<typeof applicationReceipt>
export type CorrectionAskedView = z.infer<typeof correctionAsked>
export type HandView = z.infer<typeof hand>
export type RemedyOpenView = z.infer<typeof remedyOpen>
export type SilenceClockView = z.infer<typeof silenceClock>
type State = z.infer<typeof applicationState>
type ChannelName = z.infer<typeof applicationChannel>

export const applicationStateOf: Readonly<Record<State, ApplicationState>> = {
  incomplete: ApplicationState.APPLICATION_STATE_INCOMPLETE,
  'in-review': ApplicationState.APPLICATION_STATE_IN_REVIEW,
  granted: ApplicationState.APPLICATION_STATE_GRANTED,
  'partly-granted': ApplicationState.APPLICATION_STATE_PARTLY_GRANTED,
  refused: ApplicationState.APPLICATION_STATE_REFUSED,
  'accepted-by-silence': ApplicationState.APPLICATION_STATE_ACCEPTED_BY_SILENCE,
  'rejected-by-silence': ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE,
  withdrawn: ApplicationState.APPLICATION_STATE_WITHDRAWN,
}

export const applicationChannelOf: Readonly<Record<ChannelName, Channel>> = {
  online: Channel.CHANNEL_ONLINE,
  counter: Channel.CHANNEL_COUNTER,
  telephone: Channel.CHANNEL_TELEPHONE,
  post: Channel.CHANNEL_POST,
  'home-visit': Channel.CHANNEL_HOME_VISIT,
}

export const agentView = ({
  agentId,
  firstName,
  lastName,
  capacity,
  isUnnamed,
}: AgentNamed): z.infer<typeof agentNamed> => ({ agentId, firstName, lastName, capacity, isUnnamed })

export const handView = (one: Hand | undefined): HandView => {
  switch (one?.who?.$case) {
    case 'agent':
      return { who: 'agent', ...agentView(one.who.value) }
    case 'helper': {
      const { firstName, lastName, organisation } = one.who.value
      return { who: 'helper', firstName, lastName, organisation }
    }
    case 'person':
    case 'service':
      return { who: one.who.$case }
    default:
      return { who: 'unknown' }
  }
}

/** Whose hand it was, as the contract takes it; undefined for a person, who is known by their token. */
export const handOf = (given: z.infer<typeof handGiven> | undefined): Hand | undefined => {
  if (given === undefined) return undefined
  const { who, ...named } = given
  return who === 'agent'
    ? { who: { $case: 'agent', value: named as AgentNamed } }
    : { who: { $case: 'helper', value: named as Extract<Hand['who'], { $case: 'helper' }>['value'] } }
}

/** What is given for each field, as the contract takes it. */
export const entriesOf = (given: Readonly<Record<string, string>>): Entry[] =>
  Object.entries(given).map(([field, text]) => ({ field, text }))

/** What is stated of each fact, as the contract takes it. */
export const factsOf = (given: Readonly<Record<string, FactValue>>): Fact[] =>
  Object.entries(given).map(([name, value]) => factOf(name, value))

export const silenceClockView = (one: SilenceClock): SilenceClockView => ({
  means: one.means === 'acceptance' || one.means === 'rejection' || one.means === 'none' ? one.means : 'unknown',
  dueDay: one.dueDay || null,
  isWaiting: one.isWaiting,
  legalReference: one.legalReference,
})

export const remedyOpenView = (one: RemedyOpen): RemedyOpenView => ({
  title: textOf(one.title),
  count: one.count,
  unit: unitOf(one.unit),
  isMandatoryFirst: one.isMandatoryFirst,
  legalReference: one.legalReference,
  lastDay: one.lastDay || null,
})

const receiptView = (one: ApplicationReceipt): ApplicationReceiptView => ({
  receivedAt: instantOf(one.receivedAtMs),
  service: textOf(one.service),
  address: one.address,
  telephone: one.telephone,
  clock: one.clock ? silenceClockView(one.clock) : null,
  remedies: one.remedies.map(remedyOpenView),
  isAttestable: one.isAttestable,
  missingFields: [...one.missingFields],
  missingUntilDay: one.missingUntilDay || null,
  jws: one.jws,
})

const correctionView = (one: Correction): CorrectionAskedView => ({
  correctionId: one.correctionId,
  isIncomplete: one.isIncomplete,
  fields: [...one.fields],
  what: one.what,
  askedAt: instantOf(one.askedAtMs),
  untilDay: one.untilDay,
  resolvedAt: one.resolvedAtMs === 0 ? null : instantOf(one.resolvedAtMs),
  by: handView(one.by),
})

export const messageView = ({ messageId, atMs, from, text }: Message): z.infer<typeof message> => ({
  messageId,
  at: instantOf(atMs),
  from: handView(from),
  text,
})

export const applicationView = (one: Application): ApplicationView => ({
  applicationId: one.applicationId,
  subject: one.subject,
  procedure: one.procedure,
  procedureSha256: one.procedureSha256,
  channel: nameIn(applicationChannelOf, one.channel),
  depositedAt: instantOf(one.depositedAtMs),
  depositedBy: handView(one.depositedBy),
  language: one.language,
  state: nameIn(applicationStateOf, one.state),
  revision: one.revision,
  appealedDecisionId: one.appealedDecisionId || null,
  entries: Object.fromEntries(one.entries.map(({ field, text }) => [field, text])),
  facts: Object.fromEntries(one.facts.flatMap(({ name, value }) => (value ? [[name, value.value]] : []))),
  used: factsUsedView(one.used),
  notObtained: notObtainedView(one.notObtained),
  corrections: one.corrections.map(correctionView),
  messages: one.messages.map(messageView),
  takesMessages: one.takesMessages,
  clock: one.clock ? silenceClockView(one.clock) : null,
  receipt: one.receipt ? receiptView(one.receipt) : null,
  decisionId: one.decisionId || null,
})

/** The application that an answer of the service carries. Error: INTERNAL where it carries none. */
export const applicationIn = ({
  application: one,
}: {
  readonly application?: Application | undefined
}): ApplicationView => {
  if (!one) throw new MeshError('INTERNAL', { cause: 'an answer without its application' })
  return applicationView(one)
}
