import { spawnSync } from 'node:child_process'

/** One line about something that is really being done. */
export const say = (line) => process.stderr.write(`unefois: ${line}\n`)

/** A failure whose message is all that the reader needs. */
export class Unprepared extends Error {}

/** Runs a command to its end, without showing its output; never throws. */
export const attempt = (command, args, options = {}) => {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options })
  const output = `${done.stdout ?? ''}${done.stderr ?? ''}`.trim()
  const reason = done.error?.message ?? lastLines(output) ?? `exit code ${done.status}`
  return { ok: done.status === 0, stdout: done.stdout ?? '', output, reason: `${command} ${args[0] ?? ''}: ${reason}` }
}

const lastLines = (output) => output.split('\n').slice(-3).join(' / ') || undefined
