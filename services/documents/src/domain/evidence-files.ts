/** One version of one type as a file keeps it. */
export interface FiledVersion {
  readonly version: number
  readonly branch: number
  readonly isAmbiguous: boolean
}

/** The versions of one type in one person's file, and what the newest of them says. */
export interface EvidenceFile<V extends FiledVersion> {
  readonly versions: readonly V[]
  /** In a form that is equal exactly when the content is; undefined when it can no longer be read. */
  readonly newest: string | undefined
}

const newestOf = ({ versions }: EvidenceFile<FiledVersion>): number =>
  Math.max(...versions.filter(({ branch }) => branch === 0).map(({ version }) => version))

/** What can be read goes before what cannot, then the higher number. */
const byStanding = (one: EvidenceFile<FiledVersion>, other: EvidenceFile<FiledVersion>): number =>
  Number(other.newest !== undefined) - Number(one.newest !== undefined) || newestOf(other) - newestOf(one)

/**
 * Several files that turn out to be one person's. The one with the highest version goes on, so that numbers never go back; the
 * versions of each other keep theirs, in a branch of their own. Where the newest contents differ nobody guesses: the newest
 * version is marked, until another is declared.
 */
export const unitedFiles = <V extends FiledVersion>(files: readonly EvidenceFile<V>[]): V[] => {
  const [first, ...others] = [...files].sort(byStanding)
  if (!first) return []
  const isAmbiguous =
    new Set(files.flatMap(({ newest }) => newest ?? [])).size > 1 || files.some(({ versions }) => isMarked(versions))
  const newest = newestOf(first)
  const united = first.versions.map((each) =>
    each.branch === 0 && each.version === newest ? { ...each, isAmbiguous } : each,
  )
  for (const { versions } of others) {
    const after = Math.max(...united.map(({ branch }) => branch)) + 1
    united.push(...versions.map((each) => ({ ...each, branch: after + each.branch, isAmbiguous: false })))
  }
  return united
}

/** A mark counts on the newest version only: whatever was declared since has settled it. */
const isMarked = (versions: readonly FiledVersion[]): boolean =>
  versions.some(
    ({ version, branch, isAmbiguous }) => branch === 0 && isAmbiguous && version === newestOf({ versions, newest: '' }),
  )
