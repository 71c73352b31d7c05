import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

// npm run bench:compare -- COMMIT [PAIRS]. The exchange on an old commit and on this one: both federations stand side by side,
// and one of them works at a time, for four seconds, by turns. What counts is the median of the ratios of neighbouring turns:
// a machine that others use changes its speed within a minute by more than what is to be found out. Thirty pairs when none are
// named, about seven minutes.

const here = fileURLToPath(new URL('../..', import.meta.url))
const script = join('tests', 'load', 'measure-exchange.ts')
const warmUpMs = 15_000
const turnMs = 4000
const [commit, pairs = '30'] = process.argv.slice(2)
if (!commit || !/^[1-9]\d?$/.test(pairs))
  throw new Error('usage: npm run bench:compare -- COMMIT [PAIRS], 1 to 99 pairs')

const run = (folder: string, command: string, args: readonly string[]): void => {
  const done = spawnSync(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status} in ${folder}`)
}

interface Figures {
  readonly perSecond: number
  readonly p99: number
  readonly cpuMicrosPerCall: number
  readonly failures: number
}

/** A federation of one commit that is ready to be measured. */
class Side {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly name: string

  constructor(name: string, folder: string) {
    this.name = name
    this.#child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', script], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (!this.#child.stdout) throw new Error('a federation without output')
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async line(): Promise<Figures> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`the federation of ${this.name} ended`)
    return JSON.parse(value) as Figures
  }

  async measure(forMs: number): Promise<Figures> {
    this.#child.stdin?.write(`${forMs}\n`)
    return this.line()
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await ended
  }
}

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((one, other) => one - other)
const quantile = (numbers: readonly number[], share: number): number =>
  sorted(numbers)[Math.min(numbers.length - 1, Math.floor(share * numbers.length))] ?? Number.NaN

const old = mkdtempSync(join(tmpdir(), 'unefois-old-'))
const sides: Side[] = []
try {
  run(here, 'git', ['clone', '--quiet', '--shared', here, old])
  run(old, 'git', ['checkout', '--quiet', commit])
  copyFileSync(join(here, script), join(old, script))
  for (const folder of [old, here]) run(folder, process.execPath, [join('deploy', 'prepare.mjs'), 'start'])
  const before = new Side('before', old)
  sides.push(before)
  await before.line()
  const now = new Side('now', here)
  sides.push(now)
  await now.line()
  for (const side of sides) await side.measure(warmUpMs)
  const found: { before: Figures; now: Figures }[] = []
  for (let pair = 0; pair < Number(pairs); pair += 1) {
    // Whoever comes second finds the machine as the first left it, so they take turns in that too.
    const order = pair % 2 === 0 ? [before, now] : [now, before]
    const figures = new Map<Side, Figures>()
    for (const side of order) figures.set(side, await side.measure(turnMs))
    found.push({ before: figures.get(before) as Figures, now: figures.get(now) as Figures })
  }
  for (const name of ['before', 'now'] as const) {
    const of = (figure: keyof Figures): number[] => found.map((each) => each[name][figure])
    process.stdout.write(
      `${name.padEnd(7)} median ${quantile(of('perSecond'), 0.5)}/s  p99 ${quantile(of('p99'), 0.5)} ms  ${quantile(of('cpuMicrosPerCall'), 0.5)} µs CPU  ${of('failures').reduce((sum, each) => sum + each, 0)} failures\n`,
    )
  }
  const ratio = (of: 'perSecond' | 'cpuMicrosPerCall'): string => {
    const ratios = found.map((each) => each.now[of] / each.before[of])
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(2))
    return `${middle} × (half of the pairs: ${low} to ${high})`
  }
  process.stdout.write(
    `now / ${commit}, median of ${pairs} pairs: exchanges/s ${ratio('perSecond')}, CPU ${ratio('cpuMicrosPerCall')}\n`,
  )
} finally {
  for (const side of sides) await side.stop()
  rmSync(old, { recursive: true, force: true })
}
