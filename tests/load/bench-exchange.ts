import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stopChildren, stopChildrenOnExit } from '@unefois/deploy/sandbox/children'
import { removeElsewhere } from '@unefois/deploy/sandbox/directory'
import { type FederationOptions, type RunningFederation, startFederation } from '@unefois/deploy/sandbox/federation'
import { benchPlan } from './bench-plan.js'
import { type ConsentedExchanges, consentedExchanges, measureWithdrawals } from './consented-exchanges.js'
import { cpuMicros, residentMegabytes } from './cpu.js'
import { closedLoop, type Figures, openLoop } from './load-shapes.js'
import { bareGrpc, bareNats, type Yardstick } from './yardsticks.js'

// npm run bench:exchange [-- --json] [-- --short]. Every figure of the README comes from here, in one run, with the yardsticks
// beside it: ratios mean something only at the same load on the same machine.

const isJson = process.argv.includes('--json')
const isShort = process.argv.includes('--short')
const runMs = isShort ? 2000 : 6000
const warmUpMs = isShort ? 1000 : 20_000
const yardstickBytes = 600

interface Row {
  readonly what: string
  readonly load: string
  readonly figures: Figures
}

const rows: Row[] = []
const say = (line: string): void => {
  if (!isJson) process.stdout.write(`${line}\n`)
}

const show = (row: Row): void => {
  rows.push(row)
  const { perSecond, p50, p99, cpuMicrosPerCall, failures } = row.figures
  const cells = [row.what.padEnd(30), row.load.padEnd(16), `${perSecond}/s`.padStart(9)]
  say(
    [
      ...cells,
      `p50 ${p50} ms`.padStart(14),
      `p99 ${p99} ms`.padStart(15),
      `${cpuMicrosPerCall} µs CPU`.padStart(13),
    ].join('  ') + (failures > 0 ? `  ${failures} FAILED` : ''),
  )
}

const measure = async (what: string, act: () => Promise<void>, pids: readonly number[]): Promise<void> => {
  const cpu = (): number => cpuMicros(pids)
  await closedLoop(act, { inFlight: 64, forMs: warmUpMs }, cpu)
  for (const inFlight of [16, 64, 256])
    show({ what, load: `${inFlight} in flight`, figures: await closedLoop(act, { inFlight, forMs: runMs }, cpu) })
}

const measureOpen = async (what: string, act: () => Promise<void>, pids: readonly number[]): Promise<void> => {
  for (const perSecond of [250, 1000])
    show({
      what,
      load: `${perSecond}/s Poisson`,
      figures: await openLoop(act, { perSecond, forMs: runMs }, () => cpuMicros(pids)),
    })
}

const measureYardstick = async (what: string, make: (payload: Uint8Array) => Promise<Yardstick>): Promise<void> => {
  const yardstick = await make(new Uint8Array(yardstickBytes).fill(120))
  await measure(what, yardstick.act, yardstick.pids)
  await yardstick.stop()
}

const federationPids = (federation: RunningFederation): number[] => [
  federation.postgres.pid,
  federation.natsServer.pid,
  ...[...federation.processes.values()].map(({ pid }) => pid),
]

const find = (what: string, load: string): Figures | undefined =>
  rows.find((row) => row.what === what && row.load === load)?.figures

const sealed = 'exchange (consent, sealed)'
const unsealed = 'the same, unsealed'
const nats = 'bare NATS + EdDSA JWT'
const grpc = 'bare grpc-js'

/** A federation that runs for as long as it is measured. */
const within = async <T extends object>(
  options: FederationOptions,
  measured: (exchanges: ConsentedExchanges, pids: readonly number[]) => Promise<T>,
): Promise<T & { readyMs: number }> => {
  const startedAt = performance.now()
  const federation = await startFederation(options)
  const readyMs = Math.round(performance.now() - startedAt)
  say(`federation ready after ${readyMs} ms`)
  const exchanges = await consentedExchanges(federation)
  try {
    return { ...(await measured(exchanges, federationPids(federation))), readyMs }
  } finally {
    exchanges.town.close()
    await federation.stop()
  }
}

const measureSealed = async (exchanges: ConsentedExchanges, pids: readonly number[]) => {
  const cold = await exchanges.cold()
  say(`cold tickets: p50 ${cold.p50} ms, p99 ${cold.p99} ms`)
  await measure(sealed, exchanges.exchange, pids)
  await measureOpen(sealed, exchanges.exchange, pids)
  const resident = Math.round(residentMegabytes(pids))
  say(`resident, whole federation: ${resident} MB`)
  const withdrawals = await measureWithdrawals(exchanges)
  say(`withdrawal in force: p50 ${withdrawals.p50} ms, p99 ${withdrawals.p99} ms, of ${withdrawals.count}`)
  return { cold, resident, withdrawals }
}

const cpuRatio = (what: string, to: string): number => {
  const [a, b] = [find(what, '64 in flight'), find(to, '64 in flight')]
  return Number(((a?.cpuMicrosPerCall ?? Number.NaN) / (b?.cpuMicrosPerCall ?? Number.NaN)).toFixed(2))
}

const run = async (directory: string): Promise<void> => {
  const figures = await within({ plan: benchPlan(), directory: join(directory, 'sealed') }, measureSealed)
  const memberProgram = [
    '--conditions=source',
    '--import',
    import.meta.resolve('tsx'),
    fileURLToPath(new URL('./unsealed-member.ts', import.meta.url)),
  ]
  await within(
    { plan: benchPlan(), directory: join(directory, 'unsealed'), memberProgram },
    async (exchanges, pids) => {
      await exchanges.cold()
      await measure(unsealed, exchanges.exchange, pids)
      return {}
    },
  )
  await measureYardstick(nats, bareNats)
  await measureYardstick(grpc, bareGrpc)
  const ratios = {
    cpuToBareNats: cpuRatio(sealed, nats),
    cpuToBareGrpc: cpuRatio(sealed, grpc),
    cpuToUnsealed: cpuRatio(sealed, unsealed),
  }
  say(
    `CPU per exchange, 64 in flight: ${ratios.cpuToBareNats} × bare NATS + JWT, ${ratios.cpuToBareGrpc} × bare grpc-js, ${ratios.cpuToUnsealed} × unsealed`,
  )
  if (isJson) process.stdout.write(`${JSON.stringify({ ...figures, rows, ratios })}\n`)
}

stopChildrenOnExit()
const directory = mkdtempSync(join(tmpdir(), 'unefois-bench-'))
try {
  await run(directory)
} finally {
  await stopChildren()
  for (const name of ['sealed', 'unsealed']) removeElsewhere(join(directory, name, 'postgres'))
  rmSync(directory, { recursive: true, force: true })
}
process.exit(0)
