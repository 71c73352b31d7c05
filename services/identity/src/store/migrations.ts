import { fileURLToPath } from 'node:url'

/** An agency's identity service keeps, beyond what every service keeps, what the identity authority told it. */
export const agencyMigrations = fileURLToPath(new URL('../../migrations/agency', import.meta.url))
export const authorityMigrations = fileURLToPath(new URL('../../migrations/authority', import.meta.url))
