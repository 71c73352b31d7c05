import { randomInt } from 'node:crypto'

// Without I, O, 0 and 1, which somebody reads aloud as another one.
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** What somebody shows at each counter of a visit: 8 characters, 40 random bits. */
export const drawVisitCode = (): string => Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('')
