/** Something that was started and can be stopped. */
export interface Stoppable {
  stop(): Promise<void>
}

const messagesOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message} (${messagesOf(error.cause)})`
}

/**
 * Starts a process' parts and stops them in the same order on SIGTERM or SIGINT. A failed start or stop ends the process
 * with status 1, so that the platform sees it.
 */
export const runUntilSignalled = async (start: () => Promise<readonly Stoppable[]>): Promise<void> => {
  const parts = await start().catch((error) => {
    process.stderr.write(`${messagesOf(error)}\n`)
    process.exit(1)
  })
  const stop = async (): Promise<void> => {
    for (const part of parts) await part.stop()
    process.exit(0)
  }
  let isStopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (isStopping) return
      isStopping = true
      stop().catch((error) => {
        process.stderr.write(`${messagesOf(error)}\n`)
        process.exit(1)
      })
    })
}
