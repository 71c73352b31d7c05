import { z } from 'zod'
import { startAdmin } from './admin.js'
import { endpointsOf } from './chain.js'
import { anybody, definitionOf, methodOf, readableLog, stoppedClock } from './contract.fixture.js'
import type { Idempotency } from './idempotency.js'
import { startTelemetry } from './start-telemetry.js'
import { carrierOfContext, turnedAway } from './telemetry.js'

// A process for start-telemetry.test.ts: telemetry is the process' own, so it has one to itself.
const telemetry = startTelemetry('test')
let isReady = false
const admin = await startAdmin({ isReady: () => isReady, metrics: telemetry.metrics }, '127.0.0.1', 0)
const { log, lines } = readableLog()
const carriers: Record<string, string>[] = []
const answer = endpointsOf(
  definitionOf({ do: methodOf('Do', anybody, 'IDEMPOTENT') }),
  {
    do: {
      request: z.object({ position: z.number().max(3) }),
      handle: async () => {
        carriers.push(carrierOfContext())
        return { wasKnown: true, appliedUpTo: 0 }
      },
    },
  },
  {
    clock: stoppedClock(),
    log,
    idempotency: {} as Idempotency,
    hasRole: () => false,
    verifyAccessToken: () => ({ kind: 'anyone' }),
  },
).get('Do')
const call = (body: Uint8Array, trace: { trace?: Record<string, string> } = {}) =>
  answer?.({ door: 'grpc', peer: { kind: 'unproved' }, deadlineMs: 1000, body, ...trace }).catch(() => undefined)

const good = new Uint8Array()
const bad = Buffer.from([0x18, 9])
const trace = { traceparent: process.argv[2] as string }
await call(good, { trace })
await call(good)
await call(bad, { trace })
turnedAway().add(1, { door: 'mesh', reason: 'TOKEN_MALFORMED' })
process.on('message', async (message) => {
  if (message === 'stop') {
    await telemetry.stop()
    process.exit(0)
  }
  isReady = true
  process.send?.('ready')
})
process.send?.({ port: admin.port, carriers, lines: lines() })
