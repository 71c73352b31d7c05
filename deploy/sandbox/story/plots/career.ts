/** The quarters of one year, as one body has them. */
export interface YearOf {
  readonly member: string
  readonly year: number
  readonly quarters: number
}

/** A career as several bodies know it together. */
export interface Career {
  readonly years: number
  /** Years of which more is said than a year can have: somebody must look. */
  readonly contradictions: readonly { readonly year: number; readonly said: readonly YearOf[] }[]
  /** Years between the first and the last that nobody knows anything of. */
  readonly missing: readonly number[]
}

/** Puts together what several bodies know; it decides nothing, it shows what a human or the person has to say. */
export const careerOf = (known: readonly YearOf[], mostQuarters: number): Career => {
  const byYear = new Map<number, YearOf[]>()
  for (const one of known) byYear.set(one.year, [...(byYear.get(one.year) ?? []), one])
  const years = [...byYear.keys()]
  const first = Math.min(...years)
  const all = years.length === 0 ? [] : Array.from({ length: Math.max(...years) - first + 1 }, (_, at) => first + at)
  return {
    years: years.length,
    contradictions: all
      .map((year) => ({ year, said: byYear.get(year) ?? [] }))
      .filter(({ said }) => said.reduce((sum, { quarters }) => sum + quarters, 0) > mostQuarters),
    missing: all.filter((year) => !byYear.has(year)),
  }
}

/** The calendar years from one day to another, as many quarters of each as have begun and ended within. */
export const yearsBetween = (member: string, from: string, until: string): YearOf[] => {
  const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)]
  const found: YearOf[] = []
  for (let year = new Date(fromMs).getUTCFullYear(); year <= new Date(untilMs).getUTCFullYear(); year++) {
    const quarters = [0, 3, 6, 9].filter(
      (month) => Date.UTC(year, month, 1) >= fromMs && Date.UTC(year, month + 3, 1) <= untilMs,
    ).length
    found.push({ member, year, quarters })
  }
  return found
}
