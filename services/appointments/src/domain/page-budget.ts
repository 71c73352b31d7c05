/** What fits, sealed and encoded, into one message of 256 kB with room to spare. */
export const mostPageBytes = 180_000

/** The first items that fit together; always the first of all, or a list would never go on. */
export const fitting = <T>(items: readonly T[], bytesOf: (item: T) => number): readonly T[] => {
  let bytes = 0
  const tooMany = items.findIndex((item, index) => {
    bytes += bytesOf(item)
    return bytes > mostPageBytes && index > 0
  })
  return tooMany < 0 ? items : items.slice(0, tooMany)
}
