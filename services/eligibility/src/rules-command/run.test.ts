import { describe, expect, it } from 'vitest'
import { asSource, soundRelease } from '../rules/release.fixture.js'
import { runRulesCommand } from './run.js'

const files: Record<string, () => string> = {
  'sound.yaml': () => asSource(soundRelease()),
  'higher.yaml': () => {
    const release = soundRelease()
    Object.assign(release.tables.plafond as object, { rows: { 1: 10000, 2: 20000 } })
    Object.assign(release, { validFrom: '2027-01-01' })
    return asSource(release)
  },
  'dearer.yaml': () => {
    const release = soundRelease()
    release.rules.aide = { variations: [{ si: "statut = 'retraite'", alors: '300 €/an' }, { sinon: '150 €/an' }] }
    return asSource(release)
  },
  'other.yaml': () => asSource({ ...soundRelease(), benefit: 'other-aid' }),
  'bad.yaml': () => {
    const release = soundRelease()
    Object.assign(release, { reviewer: release.author })
    Object.assign(release.tables.plafond as object, { reference: 'loi' })
    return asSource(release)
  },
}
const run = (...words: string[]) => {
  const said: string[] = []
  const complained: string[] = []
  const code = runRulesCommand(words, {
    read: (file) => {
      const source = files[file]
      if (source) return source()
      throw Object.assign(new Error(`no such file: ${file}`), { code: 'ENOENT' })
    },
    say: (line) => said.push(line),
    complain: (line) => complained.push(line),
  })
  return { code, said: said.join('\n').replace(/[^\S\n]/g, ' '), complained: complained.join('\n') }
}

describe('rules', () => {
  it.each([
    [[], 'which command?'],
    [['publish'], 'publish is no command'],
    [['check'], 'check needs a file'],
    [['check', 'none.yaml'], 'no such file'],
    [['diff', 'sound.yaml'], 'diff needs two files'],
    [['diff', 'sound.yaml', 'higher.yaml', '--people', 'many'], 'many is no whole number'],
    [['diff', 'sound.yaml', 'higher.yaml', '--people'], '--people needs a value'],
    [['diff', 'sound.yaml', 'higher.yaml', '--sample', '3'], '--sample is no option here'],
    [['diff', 'sound.yaml', 'other.yaml'], 'small-aid and other-aid are two benefits'],
    [['explain', 'sound.yaml', 'revenu'], 'revenu is no fact=value'],
    [['explain', 'sound.yaml', 'salaire=3'], 'salaire is no fact of this rule: revenu'],
    [['explain', 'sound.yaml', 'revenu='], 'revenu is a number of €/an from 0'],
    [['explain', 'sound.yaml', 'boursier=perhaps'], 'boursier is yes or no'],
    [['explain', 'sound.yaml', '--language', 'de'], 'de is none of fr, en, fr-x-falc'],
  ])('%j is refused with 2', (words, expected) => {
    const { code, said, complained } = run(...words)
    expect(code).toBe(2)
    expect(said).toBe('')
    expect(complained).toContain(expected)
  })

  it('check names every fault of a bad file and its place, says what is sound of the others, and ends with 2', () => {
    const { code, said, complained } = run('check', 'bad.yaml', 'sound.yaml')
    expect(code).toBe(2)
    expect(complained.split('\n')).toEqual([
      'bad.yaml: reviewer is another person than the author',
      'bad.yaml: tables/plafond/reference names one of the references',
    ])
    expect(said).toMatch(
      /^sound\.yaml: sound\. small-aid, in force from 2026-01-01 to \(no end\), 3 cases come out, 4 facts\./,
    )
    expect(said).toContain('known: Règlement de la ville')
    expect(run('check', 'sound.yaml').code).toBe(0)
  })

  it('diff tells who gains by a higher ceiling: nobody alone, and nobody loses', () => {
    const { code, said } = run('diff', 'sound.yaml', 'higher.yaml', '--people', '400', '--seed', '7')
    expect(code).toBe(0)
    expect(said).toContain('small-aid: 2026-01-01 → 2027-01-01, 400 invented people, seed 7')
    expect(Number(/(\d+) gain the right/.exec(said)?.[1])).toBeGreaterThan(0)
    expect(said).toContain('\n0 lose the right')
    expect(said).toMatch(/ {2}revenu=[\d.]+ foyer \. personnes=\d+ boursier=false statut=\w+: no → yes, aide/)
    expect(said).not.toContain('foyer . personnes=1 boursier=false')
  })

  it('diff is the same for the same seed, and tells who has a higher amount', () => {
    const words = ['diff', 'sound.yaml', 'dearer.yaml', '--people', '100']
    expect(run(...words)).toEqual(run(...words))
    expect(run(...words).said).not.toBe(run(...words, '--seed', '2').said)
    expect(run(...words).said).toMatch(/[1-9]\d* have a higher amount/)
    expect(run('diff', 'sound.yaml', 'sound.yaml', '--people', '100').said).toContain('100 see no change')
  })

  it('explain tells the answer, what it is worth, why, and what is asked next', () => {
    expect(run('explain', 'sound.yaml', 'revenu=12000,50', 'foyer . personnes = 1').said.split('\n')).toEqual([
      'unknown: À savoir.',
      '* unknown: Être boursier : à savoir. [Règlement de la ville]',
      '  no: Au-dessus : 12 000,50 € par an, limite 10 000 € par an pour 1 personne. [Règlement de la ville]',
      '? boursier: Boursier ?',
      '? statut: Statut ?',
      '- Exemple.',
    ])
    const granted = run('explain', 'sound.yaml', 'boursier=oui', 'statut=retraite', '--language', 'en')
    expect(granted.code).toBe(0)
    expect(granted.said).toContain('yes: Oui.\n  Aide: 300 € a year')
  })
})
