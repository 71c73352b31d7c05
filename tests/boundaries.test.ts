import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hiddenInputs, impureImports, throws } from './boundaries/domain.js'
import { agenciesOf, defaultExports, domainWords, drawers, namedAgencies, strangersAtRoot } from './boundaries/names.js'
import { beyondLibrary, forbiddenImports, forbiddenInputOutput, roomOf } from './boundaries/rooms.js'
import { listFiles, ROOT, readSources, type Source } from './boundaries/sources.js'

// Each rule is first shown to refuse a violation held in memory, then applied to the repository.

const files = listFiles()
const sources = readSources()
const inRoom = (room: string) => sources.filter(({ path }) => roomOf(path) === room)
const source = (path: string, ...lines: string[]): Source => ({ path, text: lines.join('\n') })

describe('rooms', () => {
  it.each([
    ['proto/src/a.ts', '@unefois/chassis/rpc'],
    ['proto/src/a.ts', '@unefois/subjects/tables'],
    ['proto/src/a.ts', '@unefois/documents/server'],
    ['services/chassis/src/a.ts', '@unefois/documents/server'],
    ['services/chassis/src/a.ts', '@unefois/subjects/tables'],
    ['services/chassis/src/a.ts', '../../subjects/src/tables.js'],
    ['services/subjects/src/a.ts', '@unefois/documents/server'],
    ['services/subjects/src/a.ts', '@unefois/gateway/config'],
    ['services/subjects/src/a.ts', '../../chassis/src/postgres.js'],
    ['services/documents/src/a.ts', '@unefois/consent/server'],
    ['services/documents/src/a.ts', '../../consent/src/server.js'],
    ['services/documents/src/a.ts', '../../chassis/src/rpc.js'],
    ['services/documents/src/a.ts', '../../subjects/src/tables.js'],
    ['gateway/src/a.ts', '@unefois/identity/server'],
    ['gateway/src/a.ts', '@unefois/subjects/tables'],
    ['gateway/src/a.ts', '@unefois/client/client'],
    ['gateway/client/src/a.ts', '@unefois/proto/reasons'],
    ['gateway/client/src/a.ts', '@unefois/chassis/deadline'],
    ['gateway/client/src/a.ts', '@unefois/subjects/tables'],
    ['gateway/client/src/a.ts', '@unefois/gateway/rest/schemas'],
    ['gateway/client/src/a.ts', '../../src/rest/schemas.js'],
    ['deploy/sandbox/a.ts', '@unefois/client/client'],
    ['deploy/sandbox/a.ts', '@unefois/documents/context'],
    ['deploy/sandbox/a.ts', '@unefois/subjects/server'],
    ['deploy/sandbox/a.ts', '@unefois/gateway/routes/login'],
    ['services/documents/src/a.ts', '@unefois/deploy/sandbox/start'],
    ['deploy/sandbox/a.ts', '@unefois/tests/setup'],
  ])('refuses %s importing %s', (path, from) => {
    for (const line of [`import { a } from '${from}'`, `import type { A } from '${from}'`, `export * from '${from}'`]) {
      expect(forbiddenImports(source(path, line))).toHaveLength(1)
    }
    expect(forbiddenImports(source(path, `const a = await import('${from}')`))).toHaveLength(1)
    expect(forbiddenImports(source(path, `export type A = import('${from}').A`))).toHaveLength(1)
  })

  it.each([
    ['services/chassis/src/a.ts', '@unefois/proto/reasons'],
    ['services/subjects/src/a.ts', '@unefois/proto/reasons'],
    ['services/subjects/src/a.ts', '@unefois/chassis/postgres'],
    ['services/documents/src/a.ts', '@unefois/chassis/rpc'],
    ['services/documents/src/a.ts', '@unefois/subjects/tables'],
    ['services/documents/src/rpc/a.ts', '../domain/release.js'],
    ['gateway/src/a.ts', '@unefois/proto/reasons'],
    ['gateway/client/src/a.ts', '#openapi'],
    ['gateway/client/src/a.ts', './problem.js'],
    ['tests/journeys/a.test.ts', '@unefois/client/client'],
    ['deploy/sandbox/a.ts', '@unefois/documents/server'],
    ['deploy/sandbox/a.ts', '@unefois/gateway/config'],
    ['tests/journeys/a.test.ts', '@unefois/deploy/sandbox/start'],
  ])('lets %s import %s', (path, from) => {
    expect(forbiddenImports(source(path, `import { a } from '${from}'`))).toEqual([])
  })

  it('import only what the matrix lets them', () => {
    expect(sources.flatMap(forbiddenImports)).toEqual([])
  })

  it('keep sockets, disks and databases out of what is given them', () => {
    for (const path of ['proto/src/a.ts', 'services/subjects/src/a.ts']) {
      expect(forbiddenInputOutput(source(path, "import { readFileSync } from 'node:fs'"))).toHaveLength(1)
      expect(forbiddenInputOutput(source(path, "import { Pool } from 'pg'"))).toHaveLength(1)
      expect(forbiddenInputOutput(source(path, "import { sign } from 'node:crypto'"))).toEqual([])
    }
    expect(sources.flatMap(forbiddenInputOutput)).toEqual([])
  })
})

describe('the root', () => {
  it('refuses an entry that the plan does not name', () => {
    expect(strangersAtRoot(['scripts/a.ts', 'notes.md', '.editorconfig', 'proto/a.ts'])).toEqual([
      'scripts',
      'notes.md',
    ])
  })

  it('holds only what the plan names', () => {
    expect(strangersAtRoot(files)).toEqual([])
  })
})

describe('names', () => {
  it('refuse drawers', () => {
    const bad = ['proto/src/utils.ts', 'gateway/src/index.ts', 'deploy/helpers/a.ts', 'tests/types.d.ts', 'a/base.mjs']
    expect(drawers([...bad, 'proto/src/base64url.ts', 'proto/gen/index.ts', 'deploy/base.yaml'])).toEqual(bad)
    expect(drawers(files)).toEqual([])
  })

  it('refuse default exports outside the files of tools', () => {
    expect(defaultExports(source('proto/src/a.ts', 'export default 1'))).toHaveLength(1)
    expect(defaultExports(source('proto/src/a.ts', 'const a = 1', 'export { a as default }'))).toHaveLength(1)
    expect(defaultExports(source('vitest.config.ts', 'export default 1'))).toEqual([])
    expect(sources.flatMap(defaultExports)).toEqual([])
  })

  it('refuse code that names an agency', () => {
    const agencies = agenciesOf('agencies:\n  - id: caf-test\n  - id: cpam\n')
    expect(agencies).toEqual(['caf-test', 'cpam'])
    expect(namedAgencies(source('gateway/src/a.ts', "const url = 'https://cpam.test'"), agencies)).toHaveLength(1)
    expect(namedAgencies(source('gateway/src/a.ts', 'const a = `to CAF-TEST, again`'), agencies)).toHaveLength(1)
    expect(namedAgencies(source('gateway/src/a.ts', '// as cpam does', 'const cpamphlet = 1'), agencies)).toEqual([])
  })

  const federations = join(ROOT, 'deploy/federations')
  const names = existsSync(federations) ? readdirSync(federations) : []
  const lists = names.map((name) => join(federations, name, 'federation.yaml')).filter(existsSync)

  it.skipIf(lists.length === 0)('keep the agencies of every federation out of code', () => {
    const agencies = lists.flatMap((list) => agenciesOf(readFileSync(list, 'utf8')))
    expect(agencies.length, 'federation.yaml lists its agencies under `agencies`').toBeGreaterThan(0)
    const code = sources.filter(({ path }) => !/^deploy\/federations\/|^tests\/|\.test\.tsx?$/.test(path))
    expect(code.flatMap((one) => namedAgencies(one, agencies))).toEqual([])
  })

  it('keep the evidence types of every federation out of code', () => {
    const types = names.flatMap((name) =>
      readdirSync(join(federations, name, 'evidence-types')).map((file) => file.replace(/\.(json|yaml)$/, '')),
    )
    expect(new Set(types).size, 'a schema and its titles stand side by side').toBe(types.length / 2)
    const code = sources.filter(({ path }) => !/^deploy\/federations\/|^tests\/|\.(test|fixture)\.tsx?$/.test(path))
    expect(code.flatMap((one) => namedAgencies(one, [...new Set(types)]))).toEqual([])
  })
})

// Far over its aim, something in a library is a matter of its own that wants to leave.
describe.each([
  ['chassis', { aim: 2_000, bound: 3_800 }],
  ['subjects', { aim: 600, bound: 1_000 }],
])('the library %s', (room, { aim, bound }) => {
  it('speaks of no service’s domain', () => {
    for (const line of ['const evidenceId = 1', "const topic = 'slot'", '/** The ticket. */']) {
      expect(domainWords(source(`services/${room}/src/a.ts`, line))).toHaveLength(1)
    }
    expect(domainWords(source(`services/${room}/src/a.ts`, '// as documented, RFC 9457'))).toEqual([])
    expect(inRoom(room).flatMap(domainWords)).toEqual([])
  })

  it('exports sub-paths only, and nothing that starts', () => {
    const library = { exports: { './*': './dist/*.js' }, scripts: { build: 'tsc -p .' } }
    expect(beyondLibrary(library)).toEqual([])
    expect(beyondLibrary({ ...library, exports: { '.': './dist/a.js' } })).toEqual(['exports .'])
    expect(beyondLibrary({ ...library, main: 'dist/a.js', bin: 'dist/a.js' })).toEqual(['main', 'bin'])
    expect(beyondLibrary({ ...library, scripts: { start: 'node dist/a.js' } })).toEqual(['script start'])
    expect(beyondLibrary(JSON.parse(readFileSync(join(ROOT, `services/${room}/package.json`), 'utf8')))).toEqual([])
  })

  it('says how long it is', () => {
    const lines = inRoom(room)
      .filter(({ path }) => !/\.(test|fixture)\.ts$/.test(path))
      .reduce((sum, { text }) => sum + text.split('\n').length - 1, 0)
    process.stdout.write(`${room}: ${lines} lines of source (aim: ${aim.toLocaleString('en')})\n`)
    expect(lines).toBeGreaterThan(0)
    expect(lines).toBeLessThan(bound)
  })
})

describe('domains', () => {
  const path = 'services/documents/src/domain/release.ts'

  it.each([
    "import { readFile } from 'node:fs/promises'",
    "import { randomUUID } from 'node:crypto'",
    "import { Pool } from 'pg'",
    "import { transaction } from '@unefois/chassis/postgres'",
    "import type { SubjectTable } from '@unefois/subjects/tables'",
    "import { openSealed } from '@unefois/proto/sealed'",
    "import { find } from '../store/evidence.js'",
  ])('refuse %s', (line) => {
    expect(impureImports(source(path, line))).toHaveLength(1)
  })

  it('import no input and no output', () => {
    const lines = ["import type { A } from '@unefois/proto/gen/a'", "import { b } from './freshness.js'"]
    expect(impureImports(source(path, ...lines))).toEqual([])
    expect(sources.flatMap(impureImports)).toEqual([])
  })

  it.each(['Date.now()', 'new Date()', 'Date()', 'Math.random()', 'randomUUID()', 'crypto.randomUUID()'])(
    'refuse %s',
    (expression) => {
      expect(hiddenInputs(source(path, `export const a = ${expression}`))).toHaveLength(1)
    },
  )

  it('read no clock and no chance', () => {
    expect(hiddenInputs(source(path, 'export const a = (at: Date) => new Date(at) // Date.now()'))).toEqual([])
    expect(sources.flatMap(hiddenInputs)).toEqual([])
  })

  it('never throw', () => {
    expect(throws(source(path, 'export const a = () => {', "  throw new Error('no')", '}'))).toEqual([
      `${path}:2: domain may not throw`,
    ])
    expect(sources.flatMap(throws)).toEqual([])
  })
})
