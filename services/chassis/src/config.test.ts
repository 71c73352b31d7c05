import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigError, loadConfig, readConfig } from './config.js'

const folder = mkdtempSync(join(tmpdir(), 'unefois-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const schema = z.strictObject({
  member: z.string(),
  inside: z.strictObject({ list: z.array(z.strictObject({ port: z.number() })) }),
})
const good = { member: 'a', inside: { list: [{ port: 1 }] } }
const fileOf = (text: string): NodeJS.ProcessEnv => {
  const path = join(folder, `${Math.random()}.json`)
  writeFileSync(path, text)
  return { UNEFOIS_CONFIG: path }
}

describe('loadConfig', () => {
  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['no UNEFOIS_CONFIG', {}, /UNEFOIS_CONFIG is not set/],
    ['an empty UNEFOIS_CONFIG', { UNEFOIS_CONFIG: '' }, /UNEFOIS_CONFIG is not set/],
    ['a file that is not there', { UNEFOIS_CONFIG: join(folder, 'absent.json') }, /absent\.json cannot be read/],
    ['a folder', { UNEFOIS_CONFIG: folder }, /cannot be read/],
    ['a file that is not JSON', fileOf('{member:'), /is not JSON/],
    ['an unknown key', fileOf(JSON.stringify({ ...good, extra: 1 })), /extra/],
    ['an unknown key inside', fileOf(JSON.stringify({ ...good, inside: { ...good.inside, extra: 1 } })), /extra/],
    ['a missing key', fileOf(JSON.stringify({ inside: good.inside })), /member/],
    [
      'a value of another kind',
      fileOf(JSON.stringify({ ...good, inside: { list: [{ port: '1' }] } })),
      /list\[0\].port/,
    ],
    ['a list where an object belongs', fileOf('[]'), /expected object/],
  ])('refuses %s and says which', (_, env, message) => {
    expect(() => loadConfig(schema, env)).toThrow(ConfigError)
    expect(() => loadConfig(schema, env)).toThrow(message)
  })

  it.skipIf(process.getuid?.() === 0)('refuses a file that it may not read', () => {
    const env = fileOf(JSON.stringify(good))
    chmodSync(env.UNEFOIS_CONFIG as string, 0o000)
    expect(() => loadConfig(schema, env)).toThrow(/cannot be read/)
  })

  it('names every wrong key at once', () => {
    const env = fileOf(JSON.stringify({ inside: { list: [] }, extra: 1 }))
    expect(() => loadConfig(schema, env)).toThrow(/extra[\s\S]*member|member[\s\S]*extra/)
  })

  it('freezes what it read, to the last level', () => {
    const config = loadConfig(schema, fileOf(JSON.stringify(good)))
    expect(config).toEqual(good)
    for (const part of [config, config.inside, config.inside.list, config.inside.list[0]])
      expect(Object.isFrozen(part)).toBe(true)
  })
})

describe('readConfig', () => {
  it('names the origin of a configuration that it refuses', () => {
    expect(() => readConfig(schema, {}, 'instance seven')).toThrow(/^instance seven is not usable/)
  })
})
