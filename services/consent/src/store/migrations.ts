import { fileURLToPath } from 'node:url'

const folder = (role: string): string => fileURLToPath(new URL(`../../migrations/${role}`, import.meta.url))

/** The migrations of each role, beside `src` and `dist`. */
export const agencyMigrations = folder('agency')
export const authorityMigrations = folder('authority')
