import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// npm run bench:compare -- COMMIT [ROUNDS]. The same benchmark on an old commit and on this one, by turns on one machine: what
// is printed is the ratio, because figures of two days or two machines say nothing of each other. About nine minutes a round.

const here = fileURLToPath(new URL('../..', import.meta.url))
const [commit, rounds = '1'] = process.argv.slice(2)
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

interface Row {
  readonly what: string
  readonly load: string
  readonly figures: { readonly perSecond: number; readonly cpuMicrosPerCall: number; readonly failures: number }
}

/** The exchange at 64 in flight. */
const measure = (folder: string): Row['figures'] => {
  const lines = run(folder, 'npm', ['run', '--silent', 'bench:exchange', '--', '--json']).trim().split('\n')
  const { rows } = JSON.parse(lines.at(-1) ?? '') as { rows: readonly Row[] }
  const row = rows.find(({ what, load }) => what.startsWith('exchange') && load === '64 in flight')
  if (!row) throw new Error(`the benchmark in ${folder} measured no exchange at 64 in flight`)
  return row.figures
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length

const old = mkdtempSync(join(tmpdir(), 'unefois-old-'))
try {
  run(here, 'git', ['clone', '--quiet', '--shared', here, old])
  run(old, 'git', ['checkout', '--quiet', commit])
  const figures = { before: [] as Row['figures'][], now: [] as Row['figures'][] }
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const [name, folder] of [
      ['before', old],
      ['now', here],
    ] as const) {
      const found = measure(folder)
      figures[name].push(found)
      const { perSecond, cpuMicrosPerCall, failures } = found
      process.stdout.write(`${name.padEnd(7)} ${perSecond}/s  ${cpuMicrosPerCall} µs CPU  ${failures} failures\n`)
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
