import { connect } from 'node:net'
import type { Child } from './children.js'

/** Asking ten times as often takes half a core from those who are starting. */
const pollMs = 100

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

/** A database that was killed reads its log again first, on a machine that may have much else to do. */
const usualTimeoutMs = 60_000

/** Polls `isReady` until it holds; fails with the child's last log lines when it ends first or takes too long. */
export const untilReady = async (
  child: Child,
  isReady: () => boolean | Promise<boolean>,
  timeoutMs = usualTimeoutMs,
): Promise<void> => {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    if (!child.isRunning()) throw new Error(`${child.name} ended while starting. Its last lines:\n${child.lastLines()}`)
    if (await isReady()) return
    if (performance.now() > deadline) {
      await child.stop()
      throw new Error(`${child.name} was not ready after ${timeoutMs} ms. Its last lines:\n${child.lastLines()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

/** Resolves once the child accepts connections on a port of 127.0.0.1. */
export const untilListening = (child: Child, port: number): Promise<void> => untilReady(child, () => accepts(port))
