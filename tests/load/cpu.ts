import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100

const statOf = (pid: number): { parent: number; ticks: number } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    // Its own time, and that of children that have ended: utime, stime, cutime, cstime.
    return { parent: Number(fields[1]), ticks: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) }
  } catch {
    return undefined
  }
}

const processIds = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** The processes of a set and all their descendants: PostgreSQL answers each connection from a child. */
const withDescendants = (roots: readonly number[]): number[] => {
  const parents = new Map(processIds().map((pid) => [pid, statOf(pid)?.parent ?? 0]))
  const found = new Set(roots)
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

/** CPU microseconds that these processes and their descendants have used so far; resolution 10 ms. */
export const cpuMicros = (roots: readonly number[]): number =>
  withDescendants(roots).reduce((sum, pid) => sum + (statOf(pid)?.ticks ?? 0), 0) * (1_000_000 / ticksPerSecond)

/** Resident megabytes of these processes and their descendants; pages that processes share are divided among them. */
export const residentMegabytes = (roots: readonly number[]): number =>
  withDescendants(roots).reduce((sum, pid) => {
    try {
      const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
      return sum + Number(kilobytes ?? 0) / 1024
    } catch {
      return sum
    }
  }, 0)
