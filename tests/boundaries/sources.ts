import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'vitest/node'

export interface Source {
  /** Path from the root of the repository, with `/`. */
  path: string
  text: string
}

export interface Node {
  type: string
  start: number
  end: number
  [property: string]: unknown
}

export interface Import {
  from: string
  isTypeOnly: boolean
}

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

// Made by tools, or written by none: what .gitignore keeps out.
const UNTRACKED = new Set(['node_modules', 'dist', 'coverage', '.git', '.turbo', '.unefois'])

const walk = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (UNTRACKED.has(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? walk(path) : [path]
  })

/** Every file of the repository, with or without git. */
export const listFiles = (): string[] => walk('').filter((path) => statSync(join(ROOT, path)).isFile())

/** Every hand-written TypeScript file. */
export const readSources = (): Source[] =>
  listFiles()
    .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('proto/gen/'))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

const parse = ({ path, text }: Source): Node =>
  parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }, path) as unknown as Node

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

const descend = (node: Node): Node[] => [
  node,
  ...Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]).filter(isNode).flatMap(descend)),
]

const parsed = new WeakMap<Source, Node[]>()

/** Every node of the syntax tree. */
export const nodesOf = (source: Source): Node[] => {
  const known = parsed.get(source)
  if (known !== undefined) return known
  const nodes = descend(parse(source))
  parsed.set(source, nodes)
  return nodes
}

const IMPORTS = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression']

/** What a file imports or re-exports, dynamic imports and import types included. */
export const importsOf = (source: Source): Import[] =>
  nodesOf(source).flatMap((node): Import[] => {
    const from = (node.source as { value?: unknown } | undefined)?.value
    if (node.type === 'TSImportType') {
      const literal = (node.source ?? node.argument) as { value?: unknown }
      return typeof literal?.value === 'string' ? [{ from: literal.value, isTypeOnly: true }] : []
    }
    if (!IMPORTS.includes(node.type) || typeof from !== 'string') return []
    const specifiers = (node.specifiers ?? []) as Node[]
    const isTypeOnly =
      node.importKind === 'type' ||
      node.exportKind === 'type' ||
      (specifiers.length > 0 && specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type'))
    return [{ from, isTypeOnly }]
  })

/** Names, strings and template texts of the code: everything but comments, keywords and punctuation. */
export const wordsOf = (source: Source): string =>
  nodesOf(source)
    .flatMap((node) => {
      if (node.type === 'Identifier' || node.type === 'PrivateIdentifier' || node.type === 'JSXText') {
        return [String(node.name ?? node.value)]
      }
      if (node.type === 'Literal') return [String(node.value)]
      if (node.type === 'TemplateElement') return [String((node.value as { raw: string }).raw)]
      return []
    })
    .join('\n')
