import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

// Below the range from which systems draw ports for outgoing connections, or a port chosen today would often be
// found taken tomorrow.
const FIRST = 20_000
const LAST = 32_000

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })

const anywhere = (): number => FIRST + Math.floor(Math.random() * (LAST - FIRST))

/** The first port of 127.0.0.1 from `from` on that nothing listens on, and that is not among `except`. */
export const choosePort = async (except: ReadonlySet<number> = new Set(), from = anywhere()): Promise<number> => {
  for (let tried = 0; tried < LAST - FIRST; tried += 1) {
    const port = FIRST + ((from - FIRST + tried) % (LAST - FIRST))
    if (!except.has(port) && (await isFree(port))) return port
  }
  throw new Error(`no free port found on 127.0.0.1 between ${FIRST} and ${LAST}`)
}

/** Throws a message naming the port, what it is for and the remedy, when something already listens on it. */
export const requireFreePort = async (port: number, role: string): Promise<void> => {
  if (await isFree(port)) return
  throw new Error(
    `port ${port} (${role}) is taken by another process. End that process (\`ss -ltnp 'sport = :${port}'\` names it), ` +
      'or let new ports be chosen with `npm start -- --reset`, which also forgets the sandbox data.',
  )
}

/** The ports of `<directory>/ports.json` by name; a name it lacks gets a free port, once, and keeps it. */
export const keepPorts = async <Name extends string>(
  directory: string,
  names: readonly Name[],
): Promise<Record<Name, number>> => {
  const file = join(directory, 'ports.json')
  const ports = readPorts(file)
  const missing = names.filter((name) => ports[name] === undefined)
  // Side by side: two federations that choose at the same moment then hardly ever choose the same.
  let next = anywhere()
  for (const name of missing) {
    ports[name] = await choosePort(new Set(Object.values(ports)), next)
    next = ports[name] + 1
  }
  if (missing.length > 0) {
    mkdirSync(directory, { recursive: true })
    writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(ports, null, 2)}\n`)
    renameSync(`${file}.${process.pid}`, file)
  }
  return ports as Record<Name, number>
}

const readPorts = (file: string): Record<string, number> => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  const ports: unknown = JSON.parse(text)
  const isPorts = typeof ports === 'object' && ports !== null && Object.values(ports).every(Number.isInteger)
  if (!isPorts) throw new Error(`${file} is not a list of ports by name: delete it, or run \`npm start -- --reset\``)
  return ports as Record<string, number>
}
