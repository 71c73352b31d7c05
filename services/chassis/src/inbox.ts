import {
  type DeliverRequest,
  type DeliverResponse,
  DeliveryServiceDefinition,
} from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type Caller, callerName } from './caller.js'
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

/** Applies an event in the transaction that also marks it as applied. */
export interface Consumer {
  /** Who may send this type: `member/service` of a role holder, or a neighbour; a foreign sender is refused. */
  readonly isSender: (caller: Caller) => boolean
  readonly apply: (event: ReceivedEvent, tx: Transaction) => Promise<void>
}

/** The event's own message. Error: REQUEST_MALFORMED. */
export const readEvent = <T>(codec: { decode(bytes: Uint8Array): T }, { data }: ReceivedEvent): T => {
  try {
    return codec.decode(data)
  } catch (cause) {
    throw new MeshError('REQUEST_MALFORMED', { cause })
  }
}

/** Consumers by event type. */
export type Consumers = Readonly<Record<string, Consumer>>

const senderOf = (caller: Caller): string => {
  if (caller.kind === 'member') return `${caller.member}/${caller.service}`
  if (caller.kind === 'neighbour') return caller.service
  throw new MeshError('CALLER_NOT_ALLOWED')
}

/** Marks the position as applied; false when it was before. A gap means that an earlier event is still under way. */
const advance = async (tx: Transaction, sender: string, topic: string, position: number): Promise<boolean> => {
  await tx.query(`INSERT INTO inbox_position (sender, topic, position) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING`, [
    sender,
    topic,
  ])
  const { rows } = await tx.query<{ position: number }>(
    'SELECT position FROM inbox_position WHERE sender = $1 AND topic = $2 FOR UPDATE',
    [sender, topic],
  )
  const last = rows[0]?.position ?? 0
  if (position <= last) return false
  if (position !== last + 1) throw new MeshError('UNAVAILABLE', { detail: `Position ${last + 1} is awaited first.` })
  await tx.query('UPDATE inbox_position SET position = $3 WHERE sender = $1 AND topic = $2', [sender, topic, position])
  return true
}

const positive = z.number().int().positive()
const name = z.string().regex(/^[\x21-\x7e]{1,100}$/, 'not a name of 1 to 100 printable ASCII characters')

/** The inbox: each event has the effect of one, in its sender's order; the answer is given after the commit. */
export const inbox = (
  postgres: Postgres,
  consumers: Consumers,
  afterCommit: () => void,
): Implementation<typeof DeliveryServiceDefinition> => ({
  deliver: {
    request: z.object({
      eventId: z.uuid(),
      type: name,
      topic: name,
      position: positive,
      data: z.instanceof(Uint8Array),
      occurredAtMs: positive,
    }),
    handle: async (request: DeliverRequest, { caller }): Promise<DeliverResponse> => {
      const consumer = Object.hasOwn(consumers, request.type) ? consumers[request.type] : undefined
      if (!consumer) throw new MeshError('METHOD_UNKNOWN', { detail: `Nobody here hears ${request.type}.` })
      if (!consumer.isSender(caller))
        throw new MeshError('CALLER_NOT_ALLOWED', { facts: { caller: callerName(caller) } })
      const sender = senderOf(caller)
      const isNew = await postgres.transaction(async (tx) => {
        if (!(await advance(tx, sender, request.topic, request.position))) return false
        await consumer.apply(
          {
            sender,
            type: request.type,
            data: request.data,
            position: request.position,
            occurredAtMs: request.occurredAtMs,
          },
          tx,
        )
        return true
      })
      if (isNew) afterCommit()
      return { wasKnown: !isNew }
    },
  },
})

export const deliveryDefinition = DeliveryServiceDefinition
