import { posix } from 'node:path'
import { parse } from 'yaml'
import { nodesOf, type Source, wordsOf } from './sources.js'

const ROOT_ENTRIES = new Set([
  ...['services', 'proto', 'gateway', 'deploy', 'tests'],
  ...['package.json', 'turbo.json', 'tsconfig.base.json', 'README.md', 'package-lock.json'],
  ...['LICENSE', 'CONTRIBUTING.md', 'SECURITY.md', 'biome.json', 'vitest.config.ts', 'buf.yaml', 'buf.gen.yaml'],
])

/** Entries of the root that DESIGN §2 does not name; dot files are the tools' own. */
export const strangersAtRoot = (paths: readonly string[]): string[] =>
  [...new Set(paths.map((path) => path.split('/')[0] ?? path))].filter(
    (entry) => !ROOT_ENTRIES.has(entry) && !entry.startsWith('.'),
  )

const DRAWER = /^(utils?|helpers?|commons?|misc|shared|base|types|constants|index)(\.|$)/

/** Files and folders named after nothing, where things without a home gather. */
export const drawers = (paths: readonly string[]): string[] =>
  paths.filter((path) => {
    if (path.startsWith('proto/gen/')) return false
    const folders = posix.dirname(path).split('/')
    return (
      (/\.[cm]?[jt]sx?$/.test(path) && DRAWER.test(posix.basename(path))) || folders.some((one) => DRAWER.test(one))
    )
  })

const isToolConfig = (path: string) => path === 'vitest.config.ts' || /(^|\/)vite\.config\.ts$/.test(path)

/** Default exports, which have no name to search for. */
export const defaultExports = (source: Source): string[] => {
  if (isToolConfig(source.path)) return []
  const hasOne = nodesOf(source).some(
    (node) =>
      node.type === 'ExportDefaultDeclaration' ||
      (node.type === 'ExportSpecifier' && (node.exported as { name?: string }).name === 'default'),
  )
  return hasOne ? [`${source.path}: no default export`] : []
}

// Words of the services' own subjects, in any spelling a name gives them.
const DOMAIN_WORDS =
  /evidence|mandate|consent|ticket|appointment|eligib|benefit|citizen|slot(?!h)|document(?!ation|ed)|applicant/i

/** Lines of a library that speak of a domain. */
export const domainWords = ({ path, text }: Source): string[] =>
  text.split('\n').flatMap((line, position) => {
    const word = DOMAIN_WORDS.exec(line)?.[0]
    return word === undefined ? [] : [`${path}:${position + 1}: a library may not speak of "${word}"`]
  })

const escaped = (id: string) => id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Code that names an agency of some federation; comments may. */
export const namedAgencies = (source: Source, agencies: readonly string[]): string[] => {
  const words = wordsOf(source)
  return agencies
    .filter((id) => new RegExp(`(?<![A-Za-z0-9-])${escaped(id)}(?![A-Za-z0-9-])`, 'i').test(words))
    .map((id) => `${source.path}: code may not name the agency "${id}"`)
}

/** Agency ids of a federation.yaml: a list of ids, of entries with an id, or a map by id. */
export const agenciesOf = (yaml: string): string[] => {
  const { agencies } = (parse(yaml) ?? {}) as { agencies?: unknown }
  if (Array.isArray(agencies)) return agencies.map((one) => (typeof one === 'string' ? one : String(one?.id)))
  return typeof agencies === 'object' && agencies !== null ? Object.keys(agencies) : []
}
