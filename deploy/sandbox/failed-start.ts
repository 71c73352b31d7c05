/**
 * What a start says that failed: the reason, and where data of an earlier start were there, how to start without them. They may be those of
 * another version, as where a migration was changed that they had.
 */
export const failedStart = (error: unknown, data: 'kept' | 'none'): string => {
  const reason = error instanceof Error ? error.message : String(error)
  if (data === 'none' || reason.includes('--reset')) return reason
  return `${reason}\nThe sandbox had data of an earlier start: \`npm start -- --reset\` forgets them and starts anew.`
}
