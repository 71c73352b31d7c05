const drawn = Number(process.env.UNEFOIS_FAULT_SEED ?? Math.floor(Math.random() * 0xffff_ffff))

/** Numbers that UNEFOIS_FAULT_SEED draws again (mulberry32), between `least` and `most`. */
export const seeded = (name: string): ((least: number, most: number) => number) => {
  process.stdout.write(`faults: ${name}: UNEFOIS_FAULT_SEED=${drawn}\n`)
  let state = drawn
  return (least, most) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return least + (((mixed ^ (mixed >>> 14)) >>> 0) % (most - least + 1))
  }
}
