import { readdirSync, readFileSync } from 'node:fs'
import type { CheckedRelease } from '../domain/check-release.js'
import { readRelease } from './read-release.js'

const folder = new URL('../../../../deploy/federations/sandbox/rules/', import.meta.url)

/** The sources of the releases that the sandbox publishes, by the names of their files. */
export const shippedSources = (): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder)
      .flatMap((member) => readdirSync(new URL(`${member}/`, folder)).map((file) => `${member}/${file}`))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]),
  )

/** The releases that the sandbox publishes for one benefit. */
export const shippedReleases = (benefit: string): CheckedRelease[] =>
  [...shippedSources()].flatMap(([file, source]) => {
    if (!file.includes(`/${benefit}-2`)) return []
    const read = readRelease(source)
    if (!('release' in read)) throw new Error(`${file}: ${JSON.stringify(read)}`)
    return [read]
  })
