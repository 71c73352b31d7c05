import { describe, expect, it } from 'vitest'
import { explain, languages } from '../domain/explanation.js'
import { find } from '../domain/finding.js'
import type { FactValue } from '../domain/release.js'
import { chanceOf } from '../rules-command/people.js'
import { type Household, type Oracle, oracles } from './oracles.fixture.js'
import { readRelease } from './read-release.js'
import { shippedReleases, shippedSources } from './shipped-rules.fixture.js'

const households = 10_000
const sizes = Array.from({ length: 12 }, (_, index) => index + 1)

/** Half of the amounts stand within a cent of where the answer changes. */
const centsFor = (oracle: Oracle, size: number, chance: () => number): number => {
  const ceilings = oracle.ceilings(size)
  const ceiling = ceilings[Math.floor(chance() * ceilings.length)] ?? 0
  const most = Math.max(100_000, ...ceilings)
  return chance() < 0.5 ? Math.max(0, ceiling + Math.floor(chance() * 3) - 1) : Math.floor(chance() * most * 1.5)
}

const known = (household: Household) => new Map<string, FactValue>(Object.entries(household))

describe.each(oracles)('the rule of $benefit', (oracle) => {
  const [checked] = shippedReleases(oracle.benefit)
  if (!checked) throw new Error(`no release of ${oracle.benefit}`)
  const { release, computation } = checked
  const answerTo = (household: Household) => find(release, computation, known(household))
  /** What the rule and the text make of a household; alike where they agree. */
  const both = (household: Household) => {
    const { answer, gives, missing } = answerTo(household)
    const { isEntitled, gives: due = {} } = oracle.expected(household)
    return {
      ofRule: JSON.stringify([answer, Object.fromEntries([...gives].sort()), missing]),
      ofText: JSON.stringify([isEntitled ? 'yes' : 'no', Object.fromEntries(Object.entries(due).sort()), []]),
    }
  }

  it(`finds for ${households} households what the text says`, () => {
    const chance = chanceOf(20_261_122)
    for (let count = 0; count < households; count += 1) {
      const size = sizes[count % sizes.length] ?? 1
      const household = oracle.household(size, centsFor(oracle, size, chance), chance)
      const { ofRule, ofText } = both(household)
      if (ofRule !== ofText) expect({ household, found: ofRule }).toEqual({ household, found: ofText })
    }
  })

  it('finds at each ceiling, a cent below and a cent above it, what the text says', () => {
    for (const size of sizes)
      for (const ceiling of oracle.ceilings(size))
        for (const money of [ceiling - 1, ceiling, ceiling + 1])
          for (const luck of [0, 0.5, 0.99]) {
            const household = oracle.household(size, money, () => luck)
            const { ofRule, ofText } = both(household)
            expect({ household, found: ofRule }).toEqual({ household, found: ofText })
          }
  })

  it('says no more than is known when some facts are missing', () => {
    const chance = chanceOf(7)
    for (let count = 0; count < 500; count += 1) {
      const size = 1 + Math.floor(chance() * 12)
      const household = oracle.household(size, centsFor(oracle, size, chance), chance)
      const part = Object.fromEntries(Object.entries(household).filter(() => chance() < 0.6))
      const { answer, missing } = answerTo(part)
      const expected = oracle.expected(household).isEntitled ? 'yes' : 'no'
      if (answer === 'unknown' ? missing.length === 0 : answer !== expected)
        expect({ household, part, answer }).toEqual({ household, part, answer: expected })
    }
  })

  const { money } = oracle
  if (money !== undefined)
    it('never turns a no into a yes with more money', () => {
      const chance = chanceOf(11)
      for (let count = 0; count < 500; count += 1) {
        const size = 1 + Math.floor(chance() * 12)
        const less = oracle.household(size, centsFor(oracle, size, chance), chance)
        const more = { ...less, [money]: Number(less[money]) + Math.ceil(chance() * 1000) / 100 }
        if (answerTo(less).answer === 'no' && answerTo(more).answer !== 'no') expect({ less, more }).toBeUndefined()
      }
    })

  it('explains itself in each language in less than 20 kB, and names the ceiling that a no is about', () => {
    const household = { ...oracle.household(3, 99_999_999, () => 0.6), ...(money && { [money]: 99_999.99 }) }
    const finding = answerTo(household)
    for (const language of languages) {
      const explained = explain(release, computation, known(household), finding, language)
      expect(Buffer.byteLength(JSON.stringify(explained))).toBeLessThan(20 * 1024)
      const above = explained.conditions.filter(({ answer, sentence }) => answer === 'no' && sentence.includes('€'))
      expect(above.length).toBe(money === undefined ? 0 : 1)
      for (const { sentence } of above) expect(sentence.match(/\d[\d\s.,]*\s€/g)?.length, sentence).toBe(2)
    }
  })
})

describe('the rules that the sandbox publishes', () => {
  it('are all read, and each has an oracle', () => {
    for (const [file, source] of shippedSources()) {
      const read = readRelease(source)
      if (!('release' in read)) throw new Error(`${file}: ${JSON.stringify(read)}`)
      expect(file).toMatch(new RegExp(`/${read.release.benefit}-${read.release.validFrom}\\.yaml$`))
      expect(oracles.map(({ benefit }) => benefit)).toContain(read.release.benefit)
    }
  })
})
