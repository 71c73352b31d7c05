import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { spawnChild } from './children.js'
import { openDirectory, resetDirectory } from './directory.js'

let parent: string
let directory: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'unefois-children-'))
  directory = openDirectory(join(parent, 'sandbox'))
})
afterEach(() => {
  resetDirectory(directory)
  rmSync(parent, { recursive: true })
})

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // An ended orphan that nobody has collected yet is in state Z.
    return !existsSync('/proc/self/stat') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const untilGone = async (pids: readonly number[]) => {
  const deadline = performance.now() + 12_000
  while (pids.some(isRunning) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  return pids.filter(isRunning)
}

/** A launcher of its own, which starts one child of each kind, writes their ids and waits. */
const launch = async (ending: string) => {
  const modules = ['children', 'nats-server', 'postgres', 'ports'].map((name) =>
    join(import.meta.dirname, `${name}.ts`),
  )
  const [children, nats, postgres, ports] = modules.map((path) => JSON.stringify(path))
  const script = join(parent, 'launcher.mts')
  writeFileSync(join(parent, 'nats.conf'), '')
  writeFileSync(
    script,
    `import { spawnChild, stopChildrenOnExit } from ${children}
     import { startNatsServer } from ${nats}
     import { startPostgres } from ${postgres}
     import { choosePort } from ${ports}
     const directory = ${JSON.stringify(directory)}
     const log = directory + '/log'
     stopChildrenOnExit()
     const started = [
       await startPostgres({ dataDir: directory + '/postgres', port: await choosePort(), log }),
       await startNatsServer({ configFile: directory + '/../nats.conf', dataDir: directory, port: await choosePort(), log }),
       await spawnChild({ name: 'member', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], log }),
     ]
     process.stdout.write(JSON.stringify(started.map(({ pid }) => pid)) + '\\n')
     ${ending}
     setInterval(() => {}, 1000)`,
  )
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const launcher = spawn(process.execPath, ['--import', tsx, script], { stdio: ['ignore', 'pipe', 'pipe'] })
  const errors = text(launcher.stderr)
  const exited = new Promise<number | null>((resolve) => launcher.once('exit', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    launcher.stdout.once('data', (chunk) => resolve(String(chunk)))
    void exited.then(async () => reject(new Error(await errors)))
  })
  return { launcher, exited, errors, pids: JSON.parse(line) as number[] }
}

describe('a launcher leaves nothing behind', () => {
  it('when it is killed outright', async () => {
    const { launcher, exited, pids } = await launch('')
    expect(pids.every(isRunning)).toBe(true)
    launcher.kill('SIGKILL')
    await exited
    expect(await untilGone(pids)).toEqual([])
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('when it gets %s', async (signal, code) => {
    const { launcher, exited, pids } = await launch('')
    launcher.kill(signal)
    expect(await exited).toBe(code)
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('when an error escapes it', async () => {
    const { exited, errors, pids } = await launch("setImmediate(() => { throw new Error('escaped') })")
    expect(await exited).toBe(1)
    expect(await errors).toContain('escaped')
    expect(pids.filter(isRunning)).toEqual([])
  })
})

describe('spawnChild', () => {
  it('refuses a program that does not exist, by its name', async () => {
    const spec = { name: 'member', command: join(parent, 'nothing'), args: [], log: join(parent, 'log') }
    await expect(spawnChild(spec)).rejects.toThrow(/member cannot be started: .*ENOENT/)
  })

  it('gives the child only the environment that it names', async () => {
    const log = join(parent, 'log')
    const child = await spawnChild({ name: 'env', command: '/usr/bin/env', args: [], env: { ONLY: 'this' }, log })
    expect(await child.exited).toEqual({ code: 0, signal: null })
    expect(child.lastLines()).toBe('ONLY=this')
  })

  it('kills a child that ignores its stop signal', async () => {
    const script = "process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000)"
    const log = join(parent, 'log')
    const child = await spawnChild({ name: 'deaf', command: process.execPath, args: ['-e', script], log })
    while (child.lastLines() !== 'deaf') await new Promise((resolve) => setImmediate(resolve))
    await child.stop()
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' })
  })
})
