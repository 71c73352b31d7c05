import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

const buf = (...args: string[]): { code: number; output: string } => {
  try {
    const output = execFileSync(join(root, 'node_modules', '.bin', 'buf'), args, { cwd: root, encoding: 'utf8' })
    return { code: 0, output }
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string }
    return { code: status, output: `${stdout}${stderr}` }
  }
}

const filesBelow = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [relative(folder, join(folder, name)), readFileSync(join(folder, name), 'utf8')]),
  )

describe('the contracts', () => {
  it('follow the STANDARD rules of buf lint', () => {
    expect(buf('lint')).toEqual({ code: 0, output: '' })
  })

  it('break nothing of the committed baseline', () => {
    expect(buf('breaking', '--against', 'proto/baseline.binpb')).toEqual({ code: 0, output: '' })
  })

  it('are what the committed code was generated from: run npm run generate when this fails', () => {
    const folder = mkdtempSync(join(tmpdir(), 'unefois-gen-'))
    try {
      expect(buf('generate', '-o', folder)).toEqual({ code: 0, output: '' })
      expect(filesBelow(join(folder, 'proto', 'gen'))).toEqual(filesBelow(join(root, 'proto', 'gen')))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
