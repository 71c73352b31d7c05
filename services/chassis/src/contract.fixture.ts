import { AccessRule, CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { DeliverRequest, DeliverResponse } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import type { Clock } from './clock.js'
import { createLog, type Log } from './log.js'
import type { Method } from './method.js'

/** A rule that says this and nothing else. */
export const ruleOf = (says: Partial<AccessRule>): AccessRule => ({
  callers: [],
  neighbours: [],
  memberServices: [],
  scope: '',
  minimumAcr: '',
  memberRole: '',
  ...says,
})

export const anybody: Partial<AccessRule> = { callers: [CallerKind.CALLER_KIND_ANYONE] }

/** An RPC as ts-proto would describe it; the messages are borrowed. */
export const methodOf = (
  name: string,
  rule: Partial<AccessRule> | undefined,
  idempotencyLevel?: 'IDEMPOTENT' | 'NO_SIDE_EFFECTS',
): Method<DeliverRequest, DeliverResponse> => {
  const encoded = rule && AccessRule.encode(ruleOf(rule)).finish()
  return {
    name,
    requestType: DeliverRequest,
    requestStream: false,
    responseType: DeliverResponse,
    responseStream: false,
    options: {
      ...(idempotencyLevel && { idempotencyLevel }),
      ...(encoded && { _unknownFields: { 400010: [Buffer.from([encoded.length, ...encoded])] } }),
    },
  }
}

/** A service of the contract whose RPCs are these. */
export const definitionOf = <M extends Record<string, Method<DeliverRequest, DeliverResponse>>>(methods: M) => ({
  name: 'TestService',
  fullName: 'unefois.test.v1.TestService',
  methods,
})

/** Clocks that stand still until they are moved. */
export const stoppedClock = (nowMs = 1_800_000_000_000): Clock & { advance(ms: number): void } => {
  let passedMs = 0
  return {
    nowMs: () => nowMs + passedMs,
    monotonicMs: () => passedMs,
    advance: (ms) => {
      passedMs += ms
    },
  }
}

/** A log whose lines can be read. */
export const readableLog = (level = 'debug'): { log: Log; lines(): Record<string, unknown>[]; text(): string } => {
  const written: string[] = []
  const log = createLog({ member: 'test', service: 'test' }, level, { write: (line) => void written.push(line) })
  return {
    log,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => written.join(''),
  }
}

/** Matches a MeshError with this reason. */
export const because = (reason: string, facts?: Record<string, string>): object =>
  facts ? { name: 'MeshError', reason, facts } : { name: 'MeshError', reason }
