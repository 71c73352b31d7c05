/** The centre of a commune (WGS 84, degrees). */
export interface Centre {
  readonly name: string
  /** The name as it is compared. */
  readonly compared: string
  readonly latitude: number
  readonly longitude: number
}

/** Communes by INSEE code. */
export type Communes = ReadonlyMap<string, Centre>

/** A commune as somebody chooses it. */
export interface NamedCommune {
  readonly code: string
  readonly name: string
  readonly department: string
}

const mostFound = 20
const fewestLettersOfBeginning = 3

// Letters of their own to Unicode, which NFD leaves whole.
const letters: Readonly<Record<string, string>> = { Œ: 'OE', Æ: 'AE' }

/** How names are compared: accents, case, hyphens, apostrophes and "St" for "Saint" make no difference. */
export const comparedName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[ŒÆ]/gu, (letter) => letters[letter] ?? letter)
    .replace(/[^A-Z0-9]+/g, ' ')
    .replace(/\bST(E?)\b/g, 'SAINT$1')
    .trim()

/** The code of the department, with which the code of the commune begins; overseas it has three characters. */
export const departmentOf = (code: string): string => code.slice(0, /^9[78]/.test(code) ? 3 : 2)

/** A name that was typed, and the department that stands in brackets after it; empty: none. */
const partsOf = (typed: string): { readonly name: string; readonly department: string } => {
  const [, name = typed, department = ''] = /^([^(]*)\(\s*([0-9AB]{2,3})\s*\)\s*$/i.exec(typed) ?? []
  return { name: comparedName(name), department: department.toUpperCase() }
}

const named = ([code, { name }]: readonly [string, Centre]): NamedCommune => ({
  code,
  name,
  department: departmentOf(code),
})

const inOrder = ([codeA, a]: readonly [string, Centre], [codeB, b]: readonly [string, Centre]): number =>
  a.compared === b.compared ? (codeA < codeB ? -1 : 1) : a.compared < b.compared ? -1 : 1

/**
 * The commune of a code; else those of exactly a name; else those whose name begins with it, which has three letters or more then. At
 * most 20, by name and then by code.
 */
export const communesNamed = (communes: Communes, typed: string): NamedCommune[] => {
  const code = typed.trim().toUpperCase()
  const ofCode = communes.get(code)
  if (ofCode) return [named([code, ofCode])]
  const { name, department } = partsOf(typed)
  if (name === '') return []
  const begun = [...communes].filter(
    ([each, { compared }]) => compared.startsWith(name) && (department === '' || departmentOf(each) === department),
  )
  const exact = begun.filter(([, { compared }]) => compared === name)
  const found = exact.length > 0 || name.length < fewestLettersOfBeginning ? exact : begun
  return found.sort(inOrder).slice(0, mostFound).map(named)
}
