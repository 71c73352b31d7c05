import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unpackFromTesting } from './debian.mjs'
import { attempt, say, Unprepared } from './progress.mjs'

// The order of search is the launcher's own; it exists here only after the build.
const launcher = new URL('../dist/sandbox/nats-server.js', import.meta.url)

/** Makes sure that the launcher finds a nats-server, obtaining one into the cache when there is none. */
export const prepareNatsServer = async () => {
  const { cachedNatsServer, locateNatsServer, natsServerRefusal } = await import(launcher.href)
  // A wrong explicit setting is the reader's to mend, not ours to work around.
  if (process.env.UNEFOIS_NATS_SERVER) {
    const refusal = natsServerRefusal(process.env.UNEFOIS_NATS_SERVER)
    if (refusal !== undefined) throw new Unprepared(`UNEFOIS_NATS_SERVER: ${refusal}`)
    return
  }
  try {
    locateNatsServer()
    return
  } catch {
    // None yet.
  }

  const refusals = []
  for (const [origin, obtain] of [
    ['Debian testing', fromDebian],
    ['the Docker image', fromDocker],
  ]) {
    const directory = mkdtempSync(join(tmpdir(), 'unefois-nats-'))
    try {
      const { path, refusal } = obtain(directory)
      const refused = refusal ?? natsServerRefusal(path)
      if (refused === undefined) {
        store(path, cachedNatsServer())
        say(`took nats-server from ${origin}`)
        return
      }
      refusals.push(`- ${origin}: ${refused}`)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  throw new Unprepared(
    [
      'nats-server 2.15.1 or newer was not found, and could not be obtained:',
      ...refusals,
      'Any one of these helps:',
      '- put nats-server on PATH (macOS: brew install nats-server), or name it: UNEFOIS_NATS_SERVER=/path/to/nats-server',
      '- on Debian, give this machine access to its own apt mirror',
      '- start a Docker engine that can pull the image nats:2.15',
    ].join('\n'),
  )
}

/** Whole or not at all: two clones may prepare at once, and a server may be running from the old file. */
const store = (path, cached) => {
  mkdirSync(dirname(cached), { recursive: true })
  const draft = `${cached}.${process.pid}`
  copyFileSync(path, draft)
  chmodSync(draft, 0o755)
  renameSync(draft, cached)
}

const fromDebian = (directory) => {
  const { root, refusal } = unpackFromTesting('nats-server', directory)
  if (refusal !== undefined) return { refusal }
  const path = ['usr/sbin', 'usr/bin'].map((folder) => join(root, folder, 'nats-server')).find(existsSync)
  return path === undefined ? { refusal: 'the package holds no nats-server' } : { path }
}

const fromDocker = (directory) => {
  if (process.platform !== 'linux') return { refusal: 'the image holds a Linux program' }
  const engine = attempt('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 })
  if (!engine.ok) return { refusal: 'no Docker engine answers' }
  const created = attempt('docker', ['create', '--quiet', 'nats:2.15'], { timeout: 180_000 })
  if (!created.ok) return { refusal: created.reason }
  const container = created.stdout.trim()
  const path = join(directory, 'nats-server')
  const copied = attempt('docker', ['cp', `${container}:/nats-server`, path])
  attempt('docker', ['rm', container])
  return copied.ok ? { path } : { refusal: copied.reason }
}
