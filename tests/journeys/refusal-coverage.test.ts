import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { contracts, rpcs } from './_refusals.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const generated = fileURLToPath(new URL('../../proto/gen/unefois', import.meta.url))

/** RPCs whose own refusals no test exercises. It may only shrink; an RPC without any refusal of its own is rethought first. */
const uncoveredYet: readonly string[] = []

/** Every service that the generated code defines. */
const definedServices = (): string[] =>
  readdirSync(generated, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [
      ...readFileSync(join(generated, path), 'utf8').matchAll(/fullName: "(unefois\.[^"]+Service)"/g),
    ])
    .map(([, name = '']) => name)

/**
 * Where an RPC is named as the one that refuses: as the first argument of refusalOf or refused, as the `rpc` of a test, or
 * at the head of a line of a table. The access gate of each RPC is not counted: refusals-gates.test.ts goes through all.
 */
const exercised = (source: string): string[] =>
  [...source.matchAll(/(?:\b(?:refusalOf|refused)\(|\brpc =|^ {2}\[)\s*'([a-z0-9.]+\.[A-Za-z]+\/[A-Za-z]+)'/gm)].map(
    ([, name = '']) => name,
  )

const table = (): ReadonlyMap<string, readonly string[]> => {
  const files = new Map<string, string[]>()
  for (const file of readdirSync(here).filter((name) => /^refusals-.*\.test\.ts$/.test(name))) {
    for (const name of new Set(exercised(readFileSync(join(here, file), 'utf8'))))
      files.set(name, [...(files.get(name) ?? []), file])
  }
  return files
}

describe('the refusals', () => {
  it('are counted over every service of the contracts', () => {
    expect(definedServices().sort()).toEqual(contracts.map(({ fullName }) => fullName as string).sort())
  })

  it('are exercised for every RPC, beyond the access gate that all go through', () => {
    const covered = table()
    const uncovered = rpcs.map(({ name }) => name as string).filter((name) => !covered.has(name))
    expect(uncovered).toEqual(uncoveredYet)
  })

  it('are exercised for no RPC that does not exist', () => {
    const known = new Set(rpcs.map(({ name }) => name as string))
    expect([...table().keys()].filter((name) => !known.has(name))).toEqual([])
  })
})
