import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const tsx = createRequire(import.meta.url).resolve('tsx')
const program = fileURLToPath(new URL('./lifecycle.fixture.ts', import.meta.url))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Runs the process and sends it these signals once it has started; answers what it said and how it ended. */
const run = async (story: string, ...signals: NodeJS.Signals[]) => {
  const child = spawn(process.execPath, ['--import', tsx, program, story], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const said: string[] = []
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint += text
  })
  createInterface(child.stdout).on('line', (line) => {
    said.push(line)
    if (line === 'started') for (const signal of signals) child.kill(signal)
  })
  const [code] = await once(child, 'close')
  return { said, complaint, code }
}

describe('a process', () => {
  it('that cannot start says why in one line and ends with status 1', async () => {
    const { said, complaint, code } = await run('fails to start')
    expect({ said, code }).toEqual({ said: [], code: 1 })
    expect(complaint).toBe('cannot start (port 1 is taken)\n')
  })

  it('that cannot stop says why and ends with status 1', async () => {
    const { said, complaint, code } = await run('fails to stop', 'SIGTERM')
    expect({ said, code }).toEqual({ said: ['started', 'first stopped', 'second stopped'], code: 1 })
    expect(complaint).toContain('second failed (because)')
  })

  it.each<[string, NodeJS.Signals[]]>([
    ['SIGTERM', ['SIGTERM']],
    ['SIGINT', ['SIGINT']],
    ['both, and again', ['SIGTERM', 'SIGINT', 'SIGTERM']],
  ])('stops its parts once and in order on %s', async (_, signals) => {
    expect(await run('stops', ...signals)).toEqual({
      said: ['started', 'first stopped', 'second stopped', 'third stopped'],
      complaint: '',
      code: 0,
    })
  })
})
