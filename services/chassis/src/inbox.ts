import {
  type DeliverRequest,
  type DeliverResponse,
  DeliveryServiceDefinition,
} from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type Caller, callerName } from './caller.js'
import { mostAtOnce } from './outbox-table.js'
import type { Postgres, Transaction } from './postgres.js'
import type { Implementation } from './rpc.js'

/** One event as its consumer sees it. `sender` is `member/service` of another member, or a neighbour's bus name. */
export interface ReceivedEvent {
  readonly sender: string
  readonly type: string
  readonly data: Uint8Array
  readonly position: number
  readonly occurredAtMs: number
}

interface Sent {
  /** Who may send this type: `member/service` of a role holder, or a neighbour; a foreign sender is refused. */
  readonly isSender: (caller: Caller) => boolean
}

/** Applies an event in the transaction that also marks it as applied. */
export interface Consumer extends Sent {
  readonly apply: (event: ReceivedEvent, tx: Transaction) => Promise<void>
}

/**
 * The same for events of its type that follow each other. Only for what takes all its locks at once: after the lock of one event, no
 * other one's may be waited for.
 */
export interface TogetherConsumer extends Sent {
  readonly applyTogether: (events: readonly ReceivedEvent[], tx: Transaction) => Promise<void>
}

/** The event's own message. Error: REQUEST_MALFORMED. */
export const readEvent = <T>(codec: { decode(bytes: Uint8Array): T }, { data }: ReceivedEvent): T => {
  try {
    return codec.decode(data)
  } catch (cause) {
    throw new MeshError('REQUEST_MALFORMED', { cause })
  }
}

type AnyConsumer = Consumer | TogetherConsumer

/** Consumers by event type. */
export type Consumers = Readonly<Record<string, Consumer>>
export type AllConsumers = Readonly<Record<string, AnyConsumer>>

const senderOf = (caller: Caller): string => {
  if (caller.kind === 'member') return `${caller.member}/${caller.service}`
  if (caller.kind === 'neighbour') return caller.service
  throw new MeshError('CALLER_NOT_ALLOWED')
}

/** An event as its sender told it. */
type Told = Omit<ReceivedEvent, 'sender'>

/** An order of events: what one sender tells of one topic. */
interface Order {
  readonly sender: string
  readonly topic: string
}

/**
 * Marks the positions of these events as applied; answers the last that was before. A gap means that an earlier event is still under
 * way.
 */
const advance = async (tx: Transaction, { sender, topic }: Order, events: readonly Told[]): Promise<number> => {
  const { rows } = await tx.query<{ position: number }>({
    name: 'inbox-lock',
    text: `INSERT INTO inbox_position AS known (sender, topic, position) VALUES ($1, $2, 0)
           ON CONFLICT (sender, topic) DO UPDATE SET position = known.position RETURNING position`,
    values: [sender, topic],
  })
  const known = rows[0]?.position ?? 0
  const [first] = events.filter(({ position }) => position > known)
  if (!first) return known
  if (first.position !== known + 1)
    throw new MeshError('UNAVAILABLE', { detail: `Position ${known + 1} is awaited first.` })
  await tx.query({
    name: 'inbox-advance',
    text: 'UPDATE inbox_position SET position = $3 WHERE sender = $1 AND topic = $2',
    values: [sender, topic, events.at(-1)?.position],
  })
  return known
}

/** The events of one request, each at its position. */
const eventsOf = ({ following, ...first }: DeliverRequest): Told[] =>
  [first, ...following].map(({ type, data, occurredAtMs }, at) => ({
    ...{ type, data, occurredAtMs },
    position: first.position + at,
  }))

const positive = z.number().int().positive()
const name = z.string().regex(/^[\x21-\x7e]{1,100}$/, 'not a name of 1 to 100 printable ASCII characters')
const told = z.object({ eventId: z.uuid(), type: name, data: z.instanceof(Uint8Array), occurredAtMs: positive })

/** Events that are applied in one transaction, and by whom. */
interface Run {
  readonly consumer: AnyConsumer
  readonly events: readonly Told[]
}

const apart = ({ consumer, events }: Run): Run[] => events.map((each) => ({ consumer, events: [each] }))

/** Those that follow each other and are applied by the same consumer together, one run; each other one a run of its own. */
const runsOf = (heard: readonly Run[]): Run[] => {
  const runs: Run[] = []
  for (const { consumer, events } of heard) {
    const last = runs.at(-1)
    if (last?.consumer === consumer && 'applyTogether' in consumer)
      runs[runs.length - 1] = { consumer, events: [...last.events, ...events] }
    else runs.push({ consumer, events })
  }
  return runs
}

/**
 * The inbox: each event has the effect of one, in its sender's order; the answer is given after the commit. Of several events it says
 * up to where they are applied.
 */
export const inbox = (
  postgres: Postgres,
  consumers: AllConsumers,
  afterCommit: () => void,
): Implementation<typeof DeliveryServiceDefinition> => {
  const consumerOf = ({ type }: Told, caller: Caller): AnyConsumer => {
    const consumer = Object.hasOwn(consumers, type) ? consumers[type] : undefined
    if (!consumer) throw new MeshError('METHOD_UNKNOWN', { detail: `Nobody here hears ${type}.` })
    if (!consumer.isSender(caller)) throw new MeshError('CALLER_NOT_ALLOWED', { facts: { caller: callerName(caller) } })
    return consumer
  }

  /** Those before the first that is not for this receiver to hear from this sender. Error: that one's, where it is the first of all. */
  const heardOf = (events: readonly Told[], caller: Caller): Run[] => {
    const heard: Run[] = []
    for (const each of events)
      try {
        heard.push({ consumer: consumerOf(each, caller), events: [each] })
      } catch (error) {
        if (heard.length === 0) throw error
        break
      }
    return heard
  }

  /** Applies a run whole or not at all; false where it was applied before. */
  const apply = ({ consumer, events }: Run, order: Order): Promise<boolean> =>
    postgres.transaction(async (tx) => {
      const known = await advance(tx, order, events)
      const fresh = events.filter(({ position }) => position > known).map((each) => ({ ...each, sender: order.sender }))
      if (fresh.length === 0) return false
      if ('applyTogether' in consumer) await consumer.applyTogether(fresh, tx)
      else for (const each of fresh) await consumer.apply(each, tx)
      return true
    })

  /** Goes on to the first event that cannot be applied by itself. Error: that one's, where it is the first of all. */
  const applyAll = async (runs: readonly Run[], order: Order): Promise<DeliverResponse> => {
    const ahead = [...runs]
    let [wasKnown, appliedUpTo] = [true, 0]
    for (let run = ahead.shift(); run; run = ahead.shift())
      try {
        if (await apply(run, order)) wasKnown = false
        appliedUpTo = run.events.at(-1)?.position ?? appliedUpTo
      } catch (error) {
        if (run.events.length > 1) ahead.unshift(...apart(run))
        else if (appliedUpTo === 0) throw error
        else break
      }
    return { wasKnown, appliedUpTo }
  }

  return {
    deliver: {
      request: told.extend({ topic: name, position: positive, following: z.array(told).max(mostAtOnce - 1) }),
      handle: async (request: DeliverRequest, { caller }): Promise<DeliverResponse> => {
        const runs = runsOf(heardOf(eventsOf(request), caller))
        const answer = await applyAll(runs, { sender: senderOf(caller), topic: request.topic })
        if (!answer.wasKnown) afterCommit()
        return answer
      },
    },
  }
}

export const deliveryDefinition = DeliveryServiceDefinition
