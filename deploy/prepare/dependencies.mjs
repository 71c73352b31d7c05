import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, say, Unprepared } from './progress.mjs'

const NODE_MINIMUM = [20, 19]

/** Refuses a Node older than the one that the packages need. */
export const requireNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1])) return
  throw new Unprepared(
    `Node ${process.versions.node} is too old: install Node ${NODE_MINIMUM.join('.')} or newer, then run this again`,
  )
}

/** Installs what package-lock.json names, when node_modules was not made from that very file. */
export const installDependencies = (root) => {
  const stamp = join(root, 'node_modules', '.unefois-lock')
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  say('installing packages')
  // Under npm, the very npm that runs us; its environment would hand its own unknown settings on as warnings.
  const [command, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const done = attempt(command, [...first, 'ci', ...flags], { cwd: root })
  if (!done.ok) throw new Unprepared(`npm ci failed:\n${done.output || done.reason}`)
  writeFileSync(stamp, lock)
}

/** Builds every package, or nothing where nothing changed. */
export const build = (root) => {
  const started = performance.now()
  const turbo = join(root, 'node_modules', '.bin', 'turbo')
  const quiet = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' }
  const done = attempt(turbo, ['run', 'build', '--output-logs=errors-only', '--no-color'], {
    cwd: root,
    env: { ...process.env, ...quiet },
  })
  if (!done.ok) throw new Unprepared(`the build failed:\n${done.output || done.reason}`)
  if (!done.output.includes('FULL TURBO')) say(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
