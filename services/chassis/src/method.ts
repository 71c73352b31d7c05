import { AccessRule, CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array }
  decode(input: Uint8Array): T
}

/** One RPC as ts-proto describes it. */
export interface Method<Req, Res> {
  readonly name: string
  readonly requestType: Codec<Req>
  readonly requestStream: boolean
  readonly responseType: Codec<Res>
  readonly responseStream: boolean
  readonly options: { readonly idempotencyLevel?: string; readonly _unknownFields?: object }
}

/** One service of the contract as ts-proto describes it. */
export interface ServiceDefinition {
  readonly name: string
  readonly fullName: string
  // biome-ignore lint/suspicious/noExplicitAny: a contract's methods differ in their messages; each Method pairs them.
  readonly methods: { readonly [key: string]: Method<any, any> }
}

export type RequestOf<M> = M extends { requestType: Codec<infer R> } ? R : never
export type ResponseOf<M> = M extends { responseType: Codec<infer R> } ? R : never

/** Field 50001 of google.protobuf.MethodOptions, length-delimited. */
const accessTag = (50001 << 3) | 2

/** The access rule that the contract gives an RPC; undefined when it gives none, and a server then refuses to start. */
export const accessRuleOf = (method: Method<never, never>): AccessRule | undefined => {
  const raw = (method.options._unknownFields as Record<number, Uint8Array[]> | undefined)?.[accessTag]?.[0]
  if (!raw) return undefined
  // ts-proto keeps the varint length in front of the message.
  let start = 0
  while (((raw[start] ?? 0) & 0x80) !== 0) start++
  const rule = AccessRule.decode(raw.subarray(start + 1))
  const isUsable = rule.callers.length > 0 && rule.callers.every((kind) => kind > CallerKind.CALLER_KIND_UNSPECIFIED)
  return isUsable ? rule : undefined
}

/** Whether an RPC changes something, and so must be called with an idempotency key (google.protobuf.MethodOptions.idempotency_level). */
export const needsIdempotencyKey = (method: { readonly options: { readonly idempotencyLevel?: string } }): boolean =>
  method.options.idempotencyLevel === undefined

/** The token that names a service on the bus: `IdentityAuthorityService` is `identity-authority`. */
export const busNameOf = (definition: { readonly name: string }): string =>
  definition.name
    .replace(/Service$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase()
