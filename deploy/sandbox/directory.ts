import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'

// Nothing is deleted here that does not carry this file.
const MARKER = '.unefois-directory'
// Inside a folder whose content lives elsewhere: the path of that content.
const ELSEWHERE = 'elsewhere'
const ELSEWHERE_ROOT = '/var/tmp'

export interface SystemUser {
  uid: number
  gid: number
}

const readMarker = (directory: string): string | undefined => {
  const file = join(directory, MARKER)
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

/** Opens a data directory of ours, creating and marking it; refuses a folder that holds something else. */
export const openDirectory = (path: string): string => {
  const directory = resolve(path)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (readMarker(directory) === undefined) {
    if (readdirSync(directory).length > 0) {
      throw new Error(`${directory} is not empty and was not made by Unefois: choose another directory`)
    }
    writeFileSync(join(directory, MARKER), `${directory}\n`)
  }
  return directory
}

/** Whether a user other than the owner can enter every folder on the way to `path`. */
export const isReachable = (path: string): boolean => {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

/**
 * A folder for the content of `directory` that `user` can reach, remembered inside `directory`. A moved directory finds
 * its content again; a copied one gets new content, because two servers must not share one.
 */
export const placeElsewhere = (directory: string, user: SystemUser): string => {
  const here = resolve(directory)
  mkdirSync(here, { recursive: true, mode: 0o700 })
  const known = knownElsewhere(here)
  if (known !== undefined) {
    const owner = readMarker(known)
    if (owner === here) return known
    if (owner !== undefined && knownElsewhere(owner) !== known) {
      writeFileSync(join(known, MARKER), `${here}\n`)
      return known
    }
  }
  const elsewhere = join(ELSEWHERE_ROOT, `unefois-${randomBytes(8).toString('hex')}`)
  mkdirSync(elsewhere, { mode: 0o700 })
  writeFileSync(join(elsewhere, MARKER), `${here}\n`)
  chownSync(elsewhere, user.uid, user.gid)
  chmodSync(elsewhere, 0o700)
  writeFileSync(join(here, ELSEWHERE), `${elsewhere}\n`)
  return elsewhere
}

const knownElsewhere = (directory: string): string | undefined => {
  const file = join(directory, ELSEWHERE)
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

/** Deletes a data directory and what it keeps elsewhere; refuses anything that does not carry our marker. */
export const resetDirectory = (path: string): void => {
  const directory = resolve(path)
  if (!existsSync(directory)) return
  if (readMarker(directory) === undefined) {
    throw new Error(`${directory} does not carry the marker ${MARKER}, so it is not ours to delete: remove it yourself`)
  }
  for (const entry of [directory, ...subfolders(directory)]) removeElsewhere(entry)
  rmSync(directory, { recursive: true })
}

const subfolders = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(directory, entry.name))

/** Deletes what `directory` keeps elsewhere, unless that belongs to another directory. */
export const removeElsewhere = (directory: string): void => {
  const elsewhere = knownElsewhere(directory)
  if (elsewhere !== undefined && readMarker(elsewhere) === resolve(directory)) rmSync(elsewhere, { recursive: true })
}
