import type { Msg, NatsConnection } from '@nats-io/transport-node'
import type { BusSubject } from '@unefois/proto/subjects'
import type { Log } from './log.js'

/** A door on the bus, once open. */
export interface BusDoor {
  /** Hears no new request and waits for the answers under way, at most `withinMs`. */
  drain(withinMs: number): Promise<void>
}

/** Answers the requests on a subject, in a queue group that replicas share. */
export const openBusDoor = (
  connection: NatsConnection,
  subject: BusSubject,
  queue: string,
  answer: (message: Msg) => Promise<void>,
  log: Log,
): BusDoor => {
  const underWay = new Set<Promise<void>>()
  const subscription = connection.subscribe(subject, {
    queue,
    callback: (error, message) => {
      if (error) {
        log.error({ err: error }, 'a door on the bus failed')
        return
      }
      const answering = answer(message)
        .catch((thrown) => log.warn({ err: thrown }, 'an answer could not be sent'))
        .finally(() => underWay.delete(answering))
      underWay.add(answering)
    },
  })
  return {
    drain: async (withinMs) => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs)
      })
      const done = (async () => {
        await subscription.drain()
        await Promise.all(underWay)
        await connection.flush()
      })()
      await Promise.race([done.catch(() => undefined), late])
      clearTimeout(timer)
    },
  }
}
