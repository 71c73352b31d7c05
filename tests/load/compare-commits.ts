import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// npm run bench:compare -- COMMIT [ROUNDS]. The exchange on an old commit and on this one, by turns on one machine: what is
// printed is the ratio, because figures of two days or two machines say nothing of each other. Three rounds when none are
// named, about three minutes each.

const here = fileURLToPath(new URL('../..', import.meta.url))
const script = join('tests', 'load', 'measure-exchange.ts')
const [commit, rounds = '3'] = process.argv.slice(2)
if (!commit || !/^[1-9]$/.test(rounds))
  throw new Error('usage: npm run bench:compare -- COMMIT [ROUNDS], 1 to 9 rounds')

const run = (folder: string, command: string, args: readonly string[]): string => {
  const done = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status} in ${folder}`)
  return done.stdout
}

interface Figures {
  readonly perSecond: number
  readonly p99: number
  readonly cpuMicrosPerCall: number
  readonly failures: number
}

const measure = (folder: string): Figures => {
  const lines = run(folder, process.execPath, ['--conditions=source', '--import', 'tsx', script]).trim().split('\n')
  return JSON.parse(lines.at(-1) ?? '') as Figures
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length

const old = mkdtempSync(join(tmpdir(), 'unefois-old-'))
try {
  run(here, 'git', ['clone', '--quiet', '--shared', here, old])
  run(old, 'git', ['checkout', '--quiet', commit])
  copyFileSync(join(here, script), join(old, script))
  for (const folder of [old, here]) run(folder, process.execPath, [join('deploy', 'prepare.mjs'), 'start'])
  const figures = { before: [] as Figures[], now: [] as Figures[] }
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const [name, folder] of [
      ['before', old],
      ['now', here],
    ] as const) {
      const found = measure(folder)
      figures[name].push(found)
      const { perSecond, p99, cpuMicrosPerCall, failures } = found
      process.stdout.write(
        `${name.padEnd(7)} ${perSecond}/s  p99 ${p99} ms  ${cpuMicrosPerCall} µs CPU  ${failures} failures\n`,
      )
    }
  }
  const ratio = (of: 'perSecond' | 'cpuMicrosPerCall'): string =>
    (mean(figures.now.map((each) => each[of])) / mean(figures.before.map((each) => each[of]))).toFixed(2)
  process.stdout.write(
    `now / ${commit}: ${ratio('perSecond')} × the exchanges/s, ${ratio('cpuMicrosPerCall')} × the CPU\n`,
  )
} finally {
  rmSync(old, { recursive: true, force: true })
}
