import type { MeshError } from '@unefois/proto/reasons'
import type { z } from 'zod'
import type { Caller } from './caller.js'
import type { Deadline } from './deadline.js'
import type { RequestOf, ResponseOf, ServiceDefinition } from './method.js'
import type { Transaction } from './postgres.js'

export type Door = 'grpc' | 'home' | 'mesh'

/** What surrounds one request: who calls, until when, through which door. */
export interface Call {
  readonly caller: Caller
  readonly deadline: Deadline
  readonly door: Door
  /** The caller's access token, to be carried along to a neighbour that must know the person too. */
  readonly accessToken?: string
  readonly idempotencyKey?: string
}

/** A refusal that came before the handler ran, with what is known by then. */
export interface EarlyRefusal<Req> {
  readonly request: Req
  /** The member that the broker proved. */
  readonly member: string
  readonly error: MeshError
}

interface Common<Req> {
  /** What the decoded request must look like; the first mismatch is named to the caller. */
  readonly request: z.ZodType
  /** Called when a member's sealed request was refused before the handler, so that the refusal can be put on record. */
  readonly onEarlyRefusal?: (refusal: EarlyRefusal<Req>) => Promise<void>
}

/** An RPC that reads, or whose retries are evaluated again. */
export interface PlainRpc<Req, Res> extends Common<Req> {
  readonly handle: (request: Req, call: Call) => Promise<Res>
}

/** An RPC with an effect: it runs in the transaction that also remembers its idempotency key and its response. */
export interface EffectRpc<Req, Res> extends Common<Req> {
  readonly effect: (request: Req, call: Call, tx: Transaction) => Promise<Res>
  /** Whether this request may share its transaction with others: what it usually asks of it are joint statements. Without it none does. */
  readonly mayJoin?: (request: Req) => boolean
}

/** What surrounds one stream; it needs no deadline. */
export interface StreamCall extends Omit<Call, 'deadline' | 'idempotencyKey'> {
  /** Aborted once the stream must end: its time or its token is over, its door closes, or nobody reads any more. */
  readonly ended: AbortSignal
}

/**
 * An RPC that answers with one message after another, at the gRPC door alone. Messages are taken as fast as they are read. Once
 * `ended` is aborted it may send what its caller needs to go on elsewhere, and returns.
 */
export interface StreamRpc<Req, Res> extends Common<Req> {
  readonly stream: (request: Req, call: StreamCall) => AsyncIterable<Res>
}

export type Rpc<Req, Res> = PlainRpc<Req, Res> | EffectRpc<Req, Res>

/** One typed implementation for each RPC of a service, for both doors; a stream for the gRPC door. */
export type Implementation<D extends ServiceDefinition> = {
  readonly [K in keyof D['methods']]: D['methods'][K] extends { responseStream: true }
    ? StreamRpc<RequestOf<D['methods'][K]>, ResponseOf<D['methods'][K]>>
    : Rpc<RequestOf<D['methods'][K]>, ResponseOf<D['methods'][K]>>
}
