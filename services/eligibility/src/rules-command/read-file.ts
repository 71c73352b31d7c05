import type { CheckedRelease } from '../domain/check-release.js'

/** A release and where it came from. */
export interface ReadFile extends CheckedRelease {
  readonly file: string
  readonly sha256: string
}

/** What was typed cannot be done, and why. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
