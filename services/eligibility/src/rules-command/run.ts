import { readRelease } from '../rules/read-release.js'
import { sha256Of } from '../yaml-source.js'
import { checkLines } from './check.js'
import { diffLines } from './diff.js'
import { explainLines } from './explain.js'
import { type ReadFile, UsageError } from './read-file.js'

/** What a command reads and where it writes. */
export interface Terminal {
  read(file: string): string
  say(line: string): void
  complain(line: string): void
}
const usage = [
  'rules check FILE…                     whether each release can be published; every fault and its place if not',
  'rules diff OLD NEW [--people N] [--seed S]   who of a sample population gains or loses',
  'rules explain FILE fact=value… [--language fr|en|fr-x-falc]   what the rule finds, what is asked next, and why',
]

/** The options of a command line, `--name value`, and what stands between them. */
const parted = (words: readonly string[], known: readonly string[]) => {
  const options = new Map<string, string>()
  const rest: string[] = []
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    if (!word.startsWith('--')) rest.push(word)
    else if (!known.includes(word.slice(2))) throw new UsageError(`${word} is no option here`)
    else {
      at += 1
      const value = words[at]
      if (value === undefined) throw new UsageError(`${word} needs a value`)
      options.set(word.slice(2), value)
    }
  }
  return { options, rest }
}

const wholeNumber = (text: string | undefined, otherwise: number, most: number): number => {
  if (text === undefined) return otherwise
  if (!/^\d{1,9}$/.test(text) || Number(text) > most) throw new UsageError(`${text} is no whole number up to ${most}`)
  return Number(text)
}

/** Runs one command. Answers the exit code: 0 done; 2 where a release is not sound, or the command not understood. */
export const runRulesCommand = ([command = '', ...words]: readonly string[], terminal: Terminal): 0 | 2 => {
  let isSound = true
  const open = (file: string): ReadFile | undefined => {
    const source = terminal.read(file)
    const read = readRelease(source)
    if ('release' in read) return { ...read, file, sha256: sha256Of(source) }
    isSound = false
    for (const { at, what } of read) terminal.complain(`${file}: ${at || '(the whole)'} ${what}`)
    return undefined
  }
  const say = (lines: Iterable<string>): void => {
    for (const line of lines) terminal.say(line)
  }
  try {
    if (command === 'check') {
      const { rest } = parted(words, [])
      if (rest.length === 0) throw new UsageError('check needs a file')
      for (const read of rest.map(open)) if (read) say(checkLines(read))
    } else if (command === 'diff') {
      const { options, rest } = parted(words, ['people', 'seed'])
      const [before, after] = rest
      if (before === undefined || after === undefined || rest.length > 2) throw new UsageError('diff needs two files')
      const people = wholeNumber(options.get('people'), 10_000, 1_000_000)
      const seed = wholeNumber(options.get('seed'), 1, 999_999_999)
      const [old, next] = [open(before), open(after)]
      if (old && next) say(diffLines(old, next, people, seed))
    } else if (command === 'explain') {
      const { options, rest } = parted(words, ['language'])
      const [file, ...facts] = rest
      if (file === undefined) throw new UsageError('explain needs a file')
      const read = open(file)
      if (read) say(explainLines(read, facts, options.get('language') ?? 'fr'))
    } else throw new UsageError(command === '' ? 'which command?' : `${command} is no command`)
  } catch (error) {
    const isRead = error instanceof Error && 'code' in error
    if (!(error instanceof UsageError) && !isRead) throw error
    terminal.complain(error instanceof UsageError ? [error.message, ...usage].join('\n') : (error as Error).message)
    return 2
  }
  return isSound ? 0 : 2
}
