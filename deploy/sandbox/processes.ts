import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, spawnChild } from './children.js'
import { untilListening, untilReady } from './listening.js'
import type { ProcessConfig } from './member-process.js'
import { writePrivateFile } from './nats-keys.js'
import type { OutsideConfig } from './outside.js'

const readyMs = 60_000

/** A larger young generation: objects of requests under way die there, rather than be copied time and again. */
const nodeOptions = ['--enable-source-maps', '--max-semi-space-size=32']

const programPath = (name: string): string => {
  // From sources the built programs run all the same: what is tested is what is started.
  const place = import.meta.url.endsWith('.js') ? `./${name}.js` : `../dist/sandbox/${name}.js`
  const path = fileURLToPath(new URL(place, import.meta.url))
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build first`)
  return path
}

const isReadyAt = async (port: number): Promise<boolean> => {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
  } catch {
    return false
  }
}

/** The Node processes of a sandbox by name, each with a configuration file and a log of its own. */
export class Processes {
  readonly running = new Map<string, Child>()
  readonly #directory: string
  readonly #memberProgram: readonly string[]

  constructor(directory: string, memberProgram: readonly string[] = [programPath('member')]) {
    this.#directory = directory
    this.#memberProgram = memberProgram
    mkdirSync(join(directory, 'logs'), { recursive: true })
  }

  /** Starts the process of one or several members; resolves when all their services are ready. */
  async startMember(config: ProcessConfig): Promise<void> {
    const child = await this.#start(config.name, this.#memberProgram, config)
    await untilReady(child, () => isReadyAt(config.admin.port), readyMs)
  }

  /** Starts what stands for the world outside; resolves when the identity provider accepts connections. */
  async startOutside(config: OutsideConfig): Promise<void> {
    const child = await this.#start('outside', [programPath('outside')], config)
    await untilListening(child, config.identityProvider.port)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map((child) => child.stop()))
  }

  async #start(name: string, program: readonly string[], config: object): Promise<Child> {
    const path = join(this.#directory, `${name}.process.json`)
    writePrivateFile(path, `${JSON.stringify(config, null, 2)}\n`)
    const { PATH, HOME, OTEL_EXPORTER_OTLP_ENDPOINT } = process.env
    const child = await spawnChild({
      name,
      command: process.execPath,
      args: [...nodeOptions, ...program],
      env: { PATH, HOME, OTEL_EXPORTER_OTLP_ENDPOINT, NODE_ENV: 'production', UNEFOIS_CONFIG: path },
      log: join(this.#directory, 'logs', `${name}.log`),
    })
    this.running.set(name, child)
    return child
  }
}
