import { fileURLToPath } from 'node:url'

/** The service's own migrations, beside `src` and `dist`. */
export const migrations = fileURLToPath(new URL('../../migrations', import.meta.url))
