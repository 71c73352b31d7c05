import { posix } from 'node:path'
import { type Import, importsOf, type Node, nodesOf, type Source } from './sources.js'

// Libraries that compute and do nothing else.
const PURE = new Set(['publicodes', 'rrule-temporal', 'temporal-polyfill'])
// What two agencies compute alike belongs to proto and is pure by construction.
const PROTO_VALUES = new Set([
  '@unefois/proto/reasons',
  '@unefois/proto/ids',
  '@unefois/proto/mask',
  '@unefois/proto/hand',
])

const isDomain = (path: string) => /^services\/[^/]+\/src\/domain\//.test(path) && !path.endsWith('.test.ts')

const isPure = (path: string, { from, isTypeOnly }: Import): boolean => {
  if (from.startsWith('.')) return isDomain(posix.normalize(posix.join(posix.dirname(path), from)))
  if (PURE.has(from) || PROTO_VALUES.has(from)) return true
  return isTypeOnly && /^@unefois\/(proto|chassis)\//.test(from)
}

/** Imports by which a domain would do more than compute. */
export const impureImports = (source: Source): string[] =>
  isDomain(source.path)
    ? importsOf(source)
        .filter((one) => !isPure(source.path, one))
        .map(({ from }) => `${source.path}: domain may not import ${from}`)
    : []

const CLOCKS_AND_CHANCE = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.hrtime',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'Temporal.Now',
])

const readsClockOrChance = (node: Node): string | undefined => {
  const callee = node.callee as Node | undefined
  if (node.type === 'NewExpression' && callee?.name === 'Date' && (node.arguments as Node[]).length === 0) {
    return 'new Date()'
  }
  if (node.type === 'CallExpression' && (callee?.name === 'Date' || callee?.name === 'randomUUID')) {
    return `${callee.name}()`
  }
  if (node.type !== 'MemberExpression') return undefined
  const name = `${(node.object as Node).name}.${(node.property as Node).name}`
  return CLOCKS_AND_CHANCE.has(name) ? name : undefined
}

/** Places where a domain reads a clock or chance, which are arguments. */
export const hiddenInputs = (source: Source): string[] =>
  isDomain(source.path)
    ? nodesOf(source).flatMap((node) => {
        const name = readsClockOrChance(node)
        return name === undefined ? [] : [`${source.path}: domain may not read ${name}`]
      })
    : []

/** Places where a domain throws, although it returns refusals. */
export const throws = (source: Source): string[] =>
  isDomain(source.path)
    ? nodesOf(source)
        .filter(({ type }) => type === 'ThrowStatement')
        .map(({ start }) => `${source.path}:${source.text.slice(0, start).split('\n').length}: domain may not throw`)
    : []
