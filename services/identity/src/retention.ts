const dayMs = 24 * 3600 * 1000

/** For how long identity events and decisions about questions are kept: 36 months, as exchange records are. */
const retentionMs = 1096 * dayMs

/** Whatever ended before this instant is forgotten; milliseconds. */
export const keptSinceMs = (nowMs: number): number => nowMs - retentionMs

/** How often what has ended is looked for. */
export const forgetEveryMs = 3600 * 1000
