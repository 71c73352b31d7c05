import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

// The invariant of this file: no process started here outlives the one that started it, however that one ends.
// Orderly ends go through `stopChildren`; for the others (kill -9 among them) one watchdog process holds a pipe from
// here, and ends the children when the pipe closes.

const STOP_WAIT_MS = 5_000

export interface ChildSpec {
  /** What it is, in messages. */
  name: string
  command: string
  args: readonly string[]
  /** The whole environment: nothing is inherited but what is named here. */
  env?: NodeJS.ProcessEnv
  cwd?: string
  uid?: number | undefined
  gid?: number | undefined
  /** File that receives standard output and standard error. */
  log: string
  /** Tried in turn, each with a wait, before SIGKILL. */
  stopSignals?: readonly NodeJS.Signals[]
}

export interface ChildExit {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Child {
  name: string
  pid: number
  stopSignals: readonly NodeJS.Signals[]
  exited: Promise<ChildExit>
  isRunning(): boolean
  /** The end of what it wrote since this start. */
  lastLines(count?: number): string
  stop(): Promise<void>
}

const children = new Set<Child>()
let watchdog: { process: ChildProcess; input: Writable } | undefined

const watchdogCommand = (): string[] => {
  const isBuilt = import.meta.url.endsWith('.js')
  const program = fileURLToPath(new URL(isBuilt ? './watchdog.js' : './watchdog.ts', import.meta.url))
  // Tests run from sources, which Node does not run by itself.
  return isBuilt ? [program] : ['--import', createRequire(import.meta.url).resolve('tsx'), program]
}

const openWatchdog = (): Writable => {
  if (watchdog?.process.exitCode === null && watchdog.process.signalCode === null) return watchdog.input
  const opened = spawn(process.execPath, [...watchdogCommand(), String(STOP_WAIT_MS)], {
    stdio: ['pipe', 'ignore', 'inherit'],
    cwd: '/',
    detached: true,
  })
  // Neither the watchdog nor its pipe is a reason for this process to stay.
  opened.unref()
  ;(opened.stdin as Writable & { unref(): void }).unref()
  opened.stdin.on('error', () => undefined)
  watchdog = { process: opened, input: opened.stdin }
  for (const child of children) watch(child.pid, child.stopSignals)
  opened.once('exit', () => {
    // Ended by somebody else, or unable to start: its own message is above.
    if (children.size > 0)
      console.error('The watchdog of the sandbox ended: a kill -9 would now leave processes behind')
  })
  return watchdog.input
}

const watch = (pid: number, stopSignals: readonly NodeJS.Signals[]) =>
  openWatchdog().write(`+${pid} ${stopSignals.join()}\n`)

const kill = (pid: number, signal: NodeJS.Signals) => {
  try {
    process.kill(pid, signal)
  } catch {
    // Already gone.
  }
}

const within = async (promise: Promise<unknown>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([promise.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Starts a process that ends when this one does; resolves once it runs, rejects when it cannot be started. */
export const spawnChild = async (spec: ChildSpec): Promise<Child> => {
  const stopSignals = spec.stopSignals ?? ['SIGTERM']
  mkdirSync(dirname(spec.log), { recursive: true })
  const log = openSync(spec.log, 'a', 0o600)
  const logStart = fstatSync(log).size
  openWatchdog()
  const spawned = spawn(spec.command, spec.args, {
    stdio: ['ignore', log, log],
    // Its own group: Ctrl-C reaches the launcher alone, which then stops the children in order.
    detached: true,
    env: spec.env ?? {},
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  })
  closeSync(log)
  const { pid } = spawned
  if (pid !== undefined) watch(pid, stopSignals)
  try {
    await once(spawned, 'spawn')
  } catch (cause) {
    throw new Error(`${spec.name} cannot be started: ${(cause as Error).message}`, { cause })
  }
  if (pid === undefined) throw new Error(`${spec.name} cannot be started`)

  const exited = new Promise<ChildExit>((resolve) => {
    if (spawned.exitCode !== null || spawned.signalCode !== null) {
      resolve({ code: spawned.exitCode, signal: spawned.signalCode })
    }
    spawned.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const child: Child = {
    name: spec.name,
    pid,
    stopSignals,
    exited,
    isRunning: () => spawned.exitCode === null && spawned.signalCode === null,
    lastLines: (count = 12) =>
      readFileSync(spec.log).subarray(logStart).toString('utf8').trimEnd().split('\n').slice(-count).join('\n'),
    stop: async () => {
      for (const signal of stopSignals) {
        if (!child.isRunning()) break
        kill(pid, signal)
        await within(exited, STOP_WAIT_MS)
      }
      if (child.isRunning()) kill(-pid, 'SIGKILL')
      await exited
    },
  }
  children.add(child)
  void exited.then(() => {
    children.delete(child)
    watchdog?.input.write(`-${pid}\n`)
  })
  return child
}

/** Stops every child, the last started first. */
export const stopChildren = async (): Promise<void> => {
  for (const child of [...children].reverse()) await child.stop()
}

/** For a launcher's entry point: ends the children, then this process, on a signal or an uncaught error. */
export const stopChildrenOnExit = (): void => {
  let isStopping = false
  const leave = async (code: number) => {
    if (isStopping) {
      // Asked twice: the watchdog finishes the work.
      process.exit(code)
    }
    isStopping = true
    await stopChildren().catch((error: unknown) => console.error(error))
    process.exit(code)
  }
  process.on('SIGINT', () => leave(130))
  process.on('SIGTERM', () => leave(143))
  process.on('SIGHUP', () => leave(129))
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      console.error(error)
      void leave(1)
    })
  }
}
