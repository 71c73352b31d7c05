import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCommunes } from '../search/read-communes.js'
import { communesNamed, comparedName, departmentOf } from './communes.js'

const names: Readonly<Record<string, string>> = {
  '08105': 'Charleville-Mézières',
  '08409': 'Sedan',
  '2A004': 'Ajaccio',
  '59350': 'Lille',
  '59355': 'Lillers-sur-Lys',
  '93066': 'Saint-Denis',
  '93070': 'Saint-Ouen-sur-Seine',
  '94038': 'L’Haÿ-les-Roses',
  '97411': 'Saint-Denis',
  '33511': 'Sainte-Œuvre',
}
const communes = readCommunes(
  JSON.stringify(
    Object.fromEntries(Object.entries(names).map(([code, name]) => [code, { name, latitude: 1, longitude: 2 }])),
  ),
)
const codes = (typed: string) => communesNamed(communes, typed).map(({ code }) => code)

describe('a commune by its name', () => {
  it.each(['', ' ', '-', '99999', '08000', 'Atlantis', 'Sedan (51)', 'Li', '()', '(93)', '.*', 'a'.repeat(100)])(
    'is none for %j',
    (typed) => {
      expect(codes(typed)).toEqual([])
    },
  )

  it.each([
    ['Sedan', ['08409']],
    ['  sedan ', ['08409']],
    ['CHARLEVILLE MEZIERES', ['08105']],
    ['charleville-mézières', ['08105']],
    ['Charleville', ['08105']],
    ["l'hay les roses", ['94038']],
    ['Ste Oeuvre', ['33511']],
    ['St-Ouen', ['93070']],
    ['St. Ouen s', ['93070']],
    ['saint denis', ['93066', '97411']],
    ['st denis (974)', ['97411']],
    ['Ajaccio (2a)', ['2A004']],
    ['2a004', ['2A004']],
    [' 93066 ', ['93066']],
    // A whole name comes alone, also where others begin with it.
    ['Lille', ['59350']],
    ['Lil', ['59350', '59355']],
  ])('%j is %j', (typed, found) => {
    expect(codes(typed)).toEqual(found)
  })

  it('names its department, which has three characters overseas', () => {
    expect(['08105', '2A004', '97411', '98818'].map(departmentOf)).toEqual(['08', '2A', '974', '988'])
    expect(communesNamed(communes, 'ajaccio')).toEqual([{ code: '2A004', name: 'Ajaccio', department: '2A' }])
  })

  it('is at most one of twenty', () => {
    const many = new Map(
      Array.from({ length: 50 }, (_, at) => [
        String(10000 + at),
        { name: `Ville ${at}`, compared: comparedName(`Ville ${at}`), latitude: 0, longitude: 0 },
      ]),
    )
    expect(communesNamed(many, 'ville')).toHaveLength(20)
  })

  it('is found by its code, and by its name with the department however it is written', () => {
    const written = fc.tuple(
      fc.constantFrom(...Object.entries(names)),
      fc.constantFrom<(name: string) => string>(
        (name) => name.toUpperCase(),
        (name) => name.toLowerCase(),
        (name) => name.normalize('NFD'),
        (name) => name.replaceAll('-', ' '),
        (name) => name.replace(/Saint/, 'St').replace('’', "'"),
        (name) => ` ${name.replaceAll('é', 'e').replaceAll('è', 'e')}  `,
      ),
    )
    fc.assert(
      fc.property(written, ([[code, name], write]) => {
        expect(codes(code)).toEqual([code])
        expect(codes(`${write(name)} (${departmentOf(code)})`)).toEqual([code])
      }),
    )
  })

  it('takes whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        expect(communesNamed(communes, typed).length).toBeLessThanOrEqual(20)
      }),
    )
  })
})
