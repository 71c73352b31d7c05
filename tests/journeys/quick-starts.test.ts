import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { enrolPeople } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import { beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { holdEvidence } from './_resident.js'
import { clientOf } from './_rest.js'

// What a newcomer pastes is run as it is printed; only the directory of the federation is another.

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
let places: Places
beforeAll(async () => {
  places = await sharedFederation()
  // As npm start does before it says where everything is.
  const farmer = places.plan.people.filter(({ login }) => login === 'yann.kerbrat')
  const pseudonyms = await enrolPeople(places, farmer)
  holdEvidence(places, 'msa', pseudonyms.get('msa')?.get('farmer') ?? '')
})

/** The only shell block of a page. */
const blockOf = (page: string): string => {
  const blocks = [...readFileSync(`${root}/${page}`, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  expect(blocks, `${page} has one block to paste`).toHaveLength(1)
  return blocks[0]?.[1] ?? ''
}
const paste = async (page: string): Promise<string> => {
  const block = blockOf(page)
  expect(block.split('\n').length, 'short enough to be read').toBeLessThanOrEqual(50)
  const env = { ...process.env, UNEFOIS: places.directory }
  // Bash reads it as a terminal hands it over, and ends at the first line that fails.
  return (await run('bash', ['-euo', 'pipefail', '-c', block], { cwd: root, env, timeout: 45_000 })).stdout
}

/** One line about the sandbox, by the program that `npm run sandbox` starts. */
const lookUp = (...asked: string[]) =>
  run(process.execPath, [`${root}/deploy/dist/sandbox/look-up.js`, ...asked], {
    env: { ...process.env, UNEFOIS: places.directory },
  })

describe('a line about the sandbox', () => {
  it.concurrent.each([
    ['a member that is none', ['origin', 'nobody'], 'no member nobody'],
    ['a word that it does not know', ['password', 'caf'], 'say: origin MEMBER'],
    ['a scope that the software does not have', ['token', 'caf', 'everything'], 'REQUEST_INVALID'],
  ])('is refused for %s, with what could be said', async (_, asked, said) => {
    await expect(lookUp(...asked)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(said) })
  })

  it('is a token of the agency’s own software, which its gateway takes', async () => {
    const token = (await lookUp('token', 'saint-aubin', 'evidence:request')).stdout.trim()
    const me = await clientOf(places, 'saint-aubin', async () => token).GET('/v1/me')
    expect(me.data).toEqual({ kind: 'system', clientId: 'saint-aubin-system', scopes: ['evidence:request'] })
  })
})

describe('a quick start', () => {
  it('lets an agency’s system ask for evidence by gRPC, and then a person see it by REST', async () => {
    const asked = await paste('deploy/quick-start-grpc.md')
    expect(asked).toMatch(/^p1\.\d+\.[A-Za-z0-9_-]+ evidence \{"quotient_familial":\{"valeur":\d{3}\}\}$/m)
    const seen = await paste('gateway/client/README.md')
    const [agencies, accesses, ...said] = seen.trim().split('\n')
    expect(JSON.parse(agencies ?? '').agencies).toMatchObject([{ id: 'msa' }])
    expect(JSON.parse(accesses ?? '').accesses.length).toBeGreaterThan(0)
    expect(said.join('\n')).toMatch(/the portal knows me as p1\./)
    expect(said.join('\n')).toContain('saint-aubin asked for quotient-familial → released')
    expect(said.join('\n')).toMatch(/refused: FILTER_UNKNOWN → .* \{ kind: 'never' \}/)
  })
})
