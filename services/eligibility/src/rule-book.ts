import type { Queryable } from '@unefois/chassis/postgres'
import { LruMap } from '@unefois/proto/lru'
import type { CheckedRelease } from './domain/check-release.js'
import type { Fault, RuleRelease } from './domain/release.js'
import { isWithin, nearestTo } from './domain/validity.js'
import { parseRelease, readRelease } from './rules/read-release.js'
import type { RuleReleases, StoredRelease } from './store/rule-releases.js'

/** A release and its rules, ready to be applied. */
export interface ReadRelease extends CheckedRelease {
  readonly stored: StoredRelease
}

const mostRead = 64
const mostParsed = 1024

/** It was checked when it was published, so that it fails now is a fault of this software. */
const unreadable = ({ sha256 }: StoredRelease, faults: readonly Fault[]): Error =>
  new Error(`release ${sha256} can no longer be read: ${JSON.stringify(faults)}`)

/** The rules of one agency as they were published, each read once. */
export class RuleBook {
  readonly #releases: RuleReleases
  readonly #read = new LruMap<string, CheckedRelease>(mostRead)
  readonly #parsed = new LruMap<string, RuleRelease>(mostParsed)

  constructor(releases: RuleReleases) {
    this.#releases = releases
  }

  /** What a published release says, without its rules being read. */
  describe(stored: StoredRelease): RuleRelease {
    const known = this.#parsed.get(stored.sha256)
    if (known) return known
    const read = parseRelease(stored.source)
    if (!('value' in read)) throw unreadable(stored, read)
    this.#parsed.set(stored.sha256, read.value)
    return read.value
  }

  /** A published release ready to be applied. */
  open(stored: StoredRelease): ReadRelease {
    const known = this.#read.get(stored.sha256)
    if (known) return { ...known, stored }
    const read = readRelease(stored.source)
    if (!('release' in read)) throw unreadable(stored, read)
    this.#read.set(stored.sha256, read)
    return { ...read, stored }
  }

  /** The release in force on a day, and where there is none the nearest. */
  async onDay(
    benefit: string,
    day: string,
    db?: Queryable,
  ): Promise<{ readonly inForce: ReadRelease } | { readonly nearest: StoredRelease | undefined }> {
    const standing = await this.#releases.standing(benefit, db)
    const found = standing.find(({ validity }) => isWithin(validity, day))
    return found ? { inForce: this.open(found) } : { nearest: nearestTo(standing, day) }
  }
}
