import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answer, Requirement } from './release.js'
import { answerOf, conditionsOf, decidedBy } from './requirement.js'

const names = ['a', 'b', 'c', 'd']
const { requirement } = fc.letrec<{ requirement: Requirement }>((tie) => ({
  requirement: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...names),
    fc.record({ all: fc.array(tie('requirement'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('requirement'), { minLength: 1, maxLength: 3 }) }),
  ),
}))
const answer = fc.constantFrom<Answer>('yes', 'no', 'unknown')
const values = fc.record({ a: answer, b: answer, c: answer, d: answer })
type Values = Record<string, Answer>
const of = (known: Values) => (name: string) => known[name] ?? 'unknown'

/** Each way in which what is unknown may turn out. */
const completions = (known: Values): Values[] =>
  names.reduce<Values[]>(
    (all, name) =>
      known[name] === 'unknown'
        ? all.flatMap((one) => [
            { ...one, [name]: 'yes' },
            { ...one, [name]: 'no' },
          ])
        : all,
    [known],
  )

describe('a requirement', () => {
  it('is yes or no only where it would be so however the unknown turns out', () => {
    fc.assert(
      fc.property(requirement, values, (each, known) => {
        const found = answerOf(each, of(known))
        if (found === 'unknown') return
        for (const whole of completions(known)) expect(answerOf(each, of(whole))).toBe(found)
      }),
    )
  })

  it('names as deciding what alone makes the answer', () => {
    fc.assert(
      fc.property(requirement, values, (each, known) => {
        const found = answerOf(each, of(known))
        const deciding = decidedBy(each, of(known))
        for (const name of deciding) expect(of(known)(name)).toBe(found)
        const forgotten = (name: string) => (deciding.includes(name) ? of(known)(name) : 'unknown')
        expect(answerOf(each, forgotten)).toBe(found)
      }),
    )
  })

  it('names each condition once', () => {
    expect(conditionsOf({ all: ['a', { any: ['b', 'a'] }] })).toEqual(['a', 'b'])
  })
})
