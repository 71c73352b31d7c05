import { runUntilSignalled, type Stoppable } from './lifecycle.js'

// A process for lifecycle.test.ts, which says on standard output what it does.
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const part = (name: string, fails = false): Stoppable => ({
  stop: async () => {
    await new Promise((resolve) => setImmediate(resolve))
    say(`${name} stopped`)
    if (fails) throw new Error(`${name} failed`, { cause: new Error('because') })
  },
})

const story = process.argv[2]
await runUntilSignalled(async () => {
  if (story === 'fails to start') throw new Error('cannot start', { cause: new Error('port 1 is taken') })
  return [part('first'), part('second', story === 'fails to stop'), part('third')]
})
// Something to live for, as a server would be.
setInterval(() => undefined, 1000)
say('started')
