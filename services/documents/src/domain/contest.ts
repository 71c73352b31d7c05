/** Whether what a person contests is waiting, and what became of it. */
export type ContestState = 'open' | 'corrected' | 'upheld'

/** As many may wait for one person at one member: enough for every field of every paper, too few to fill a store. */
export const mostOpenContests = 20

/** An open contest is kept until it is answered, and then for as long as the records of exchanges (see exchange-record). */
export const keptWhileOpenMs = Number.MAX_SAFE_INTEGER
