// A process of its own, started by children.ts. It reads `+<pid> <signal>,…` and `-<pid>` lines on standard input; when
// the input ends, it ends every process still listed: each of its signals in turn with a wait, then SIGKILL.

import { readFileSync } from 'node:fs'

const waitMs = Number(process.argv[2])
const watched = new Map<number, NodeJS.Signals[]>()

process.title = 'unefois-watchdog'
// It must outlive the launcher, whatever reaches the whole session.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

const send = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

const isRunning = (pid: number): boolean => {
  if (!send(pid, 0)) return false
  try {
    // An orphan that nobody collects keeps its id, in state Z: in a container, the first process may collect late.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}

const end = async (pid: number, signals: NodeJS.Signals[]) => {
  for (const signal of signals) {
    if (!isRunning(pid)) break
    send(pid, signal)
    const until = performance.now() + waitMs
    while (performance.now() < until && isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  // The whole group: a child killed outright cannot end its own children.
  send(-pid, 'SIGKILL')
}

const endAll = async () => {
  await Promise.all([...watched].map(([pid, signals]) => end(pid, signals)))
  process.exit(0)
}

let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) {
    const [pid, signals = ''] = line.slice(1).split(' ')
    if (line.startsWith('+')) watched.set(Number(pid), signals.split(',') as NodeJS.Signals[])
    else watched.delete(Number(pid))
  }
})
process.stdin.once('error', endAll)
process.stdin.once('end', endAll)
