/** What a value of a contract is called here; `unknown` for one that this version does not know. */
export const nameIn = <N extends string, V>(names: Readonly<Record<N, V>>, value: V): N | 'unknown' =>
  (Object.keys(names) as N[]).find((each) => names[each] === value) ?? 'unknown'
