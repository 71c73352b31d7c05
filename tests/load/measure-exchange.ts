import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stopChildren, stopChildrenOnExit } from '@unefois/deploy/sandbox/children'
import { removeElsewhere } from '@unefois/deploy/sandbox/directory'
import { startFederation } from '@unefois/deploy/sandbox/federation'
import { benchPlan } from './bench-plan.js'
import { consentedExchanges } from './consented-exchanges.js'
import { cpuMicros } from './cpu.js'
import { closedLoop } from './load-shapes.js'

// The exchange at 64 in flight, and nothing else: for each line of input, which says for how many milliseconds, one line of JSON.
// compare-commits.ts copies this file into an older commit, so it imports only what that has too.

stopChildrenOnExit()
const directory = mkdtempSync(join(tmpdir(), 'unefois-exchange-'))
try {
  const federation = await startFederation({ plan: benchPlan(), directory: join(directory, 'federation') })
  const exchanges = await consentedExchanges(federation)
  const pids = [federation.postgres, federation.natsServer, ...federation.processes.values()].map(({ pid }) => pid)
  const cpu = (): number => cpuMicros(pids)
  await exchanges.cold()
  process.stdout.write('{}\n')
  for await (const line of createInterface({ input: process.stdin })) {
    const figures = await closedLoop(exchanges.exchange, { inFlight: 64, forMs: Number(line) }, cpu)
    process.stdout.write(`${JSON.stringify(figures)}\n`)
  }
  exchanges.town.close()
  await federation.stop()
} finally {
  await stopChildren()
  removeElsewhere(join(directory, 'federation', 'postgres'))
  rmSync(directory, { recursive: true, force: true })
}
process.exit(0)
