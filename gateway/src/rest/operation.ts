import type { Caller } from '@unefois/chassis/caller'
import type { Deadline } from '@unefois/chassis/deadline'
import type { Reason } from '@unefois/proto/reasons'
import type { z } from 'zod'
import type { GatewayKind } from '../config.js'
import type { GatewayContext } from '../context.js'

/** One request to an operation, read and checked. */
export interface OperationCall<P, Q, B> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly deadline: Deadline
  /** An access token of this member; empty for an operation that asks for none. */
  readonly accessToken: string
  /** Who the token stands for. Errors: TOKEN_*. */
  caller(): Caller
  /** Empty where the operation asks for none. */
  readonly idempotencyKey: string
}

export interface OperationAnswer {
  readonly status?: number
  /** JSON; the text itself where the documented answer has a media type of its own. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

interface DocumentedAnswer {
  readonly description: string
  readonly schema: z.ZodType
  /** Of a text that is no JSON; otherwise left out. */
  readonly mediaType?: string
}

interface OperationParts<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With `{name}` for a parameter, as OpenAPI writes it. */
  readonly path: string
  readonly summary: string
  readonly kinds: readonly GatewayKind[]
  readonly isPublic?: boolean
  /** Whether an Idempotency-Key is required and passed on. */
  readonly hasEffect?: boolean
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly responses: Readonly<Record<number, DocumentedAnswer>>
  /** The refusals to expect beside those of every operation. */
  readonly refusals: readonly Reason[]
  handle(call: OperationCall<z.infer<P>, z.infer<Q>, z.infer<B>>, context: GatewayContext): Promise<OperationAnswer>
}

/** An operation of the REST door whose parts no longer need to be told apart by type. */
export type Operation = Omit<OperationParts<z.ZodType, z.ZodType, z.ZodType>, 'handle'> & {
  handle(call: OperationCall<unknown, unknown, unknown>, context: GatewayContext): Promise<OperationAnswer>
}

/** Declares one operation: what it reads, answers and refuses, and what it does. */
export const operation = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  parts: OperationParts<P, Q, B>,
): Operation => parts as unknown as Operation
