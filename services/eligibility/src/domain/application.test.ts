import { ApplicationState, type Correction, type Entry } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applicationInReview, openCorrection } from '../decision.fixture.js'
import {
  asked,
  type Change,
  decided,
  deposited,
  examined,
  isOpen,
  type KeptApplication,
  messageSent,
  piecesAdded,
  silenceSpoke,
  withdrawn,
} from './application.js'
import { stateName, stateNamed } from './application-state.js'

const correction = (correctionId: string, fields: string[]): Correction => ({
  ...openCorrection('2026-12-01'),
  correctionId,
  fields,
})
const start = (missing?: Correction): KeptApplication => deposited(applicationInReview({ revision: 0 }), missing)
const entry = (field: string, text = 'x'): Entry => ({ field, text })
const pieces = (...entries: Entry[]) => ({ entries, facts: [] })
const kept = (change: Change): KeptApplication => {
  if ('refusal' in change) throw new Error(change.refusal)
  return change
}

describe('an application', () => {
  it.each(Object.values(stateNamed).filter((state) => !isOpen({ state })))(
    'is changed by nobody in state %s, and only an implied rejection can still be decided',
    (state) => {
      const ended = { ...start(), application: applicationInReview({ state }) }
      const refusal = { refusal: 'APPLICATION_ENDED' }
      expect(asked(ended, correction('c', ['letter']))).toEqual(refusal)
      expect(piecesAdded(ended, pieces(entry('letter')), 1)).toEqual(refusal)
      expect(messageSent(ended, { messageId: 'm', atMs: 1, from: undefined, text: 'x' })).toEqual(refusal)
      expect(withdrawn(ended)).toEqual(refusal)
      expect(examined(ended, { used: [], notObtained: [] })).toEqual(refusal)
      expect(silenceSpoke(ended, 'acceptance')).toEqual(refusal)
      const decision = decided(ended, ApplicationState.APPLICATION_STATE_GRANTED, 'd')
      if (state === ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE)
        expect(decision).toMatchObject({ application: { decisionId: 'd' } })
      else expect(decision).toEqual(refusal)
    },
  )

  it('waits for the person until all came that was asked, each thing after it was asked', () => {
    const first = start(correction('c', ['letter', 'wish']))
    expect(first.application).toMatchObject({ revision: 1, state: ApplicationState.APPLICATION_STATE_INCOMPLETE })
    const half = kept(piecesAdded(first, pieces(entry('letter')), 5))
    expect(half.application.state).toBe(ApplicationState.APPLICATION_STATE_INCOMPLETE)
    const twice = kept(asked(half, correction('d', ['letter'])))
    const wish = kept(piecesAdded(twice, pieces(entry('wish')), 6))
    expect(wish.application.corrections.map(({ resolvedAtMs }) => resolvedAtMs)).toEqual([6, 0])
    const all = kept(piecesAdded(wish, pieces(entry('letter', 'anew')), 7))
    expect(all.application).toMatchObject({ revision: 5, state: ApplicationState.APPLICATION_STATE_IN_REVIEW })
    expect(all.application.corrections.map(({ resolvedAtMs }) => resolvedAtMs)).toEqual([6, 7])
    expect(all.awaited).toEqual([])
  })

  it('has a name for each state, and none for what is no state', () => {
    for (const [name, state] of Object.entries(stateNamed)) expect(stateName(state)).toBe(name)
    expect(stateName(ApplicationState.APPLICATION_STATE_UNSPECIFIED)).toBeUndefined()
  })
})

const names = ['letter', 'wish', 'income']
const step = fc.oneof(
  fc.record({ do: fc.constant('ask' as const), fields: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }) }),
  fc.record({ do: fc.constant('add' as const), field: fc.constantFrom(...names), text: fc.string({ minLength: 1 }) }),
  fc.record({ do: fc.constant('say' as const), text: fc.string({ minLength: 1 }) }),
  fc.record({ do: fc.constant('examine' as const) }),
  fc.record({ do: fc.constant('withdraw' as const) }),
  fc.record({
    do: fc.constant('silence' as const),
    means: fc.constantFrom('acceptance' as const, 'rejection' as const),
  }),
  fc.record({
    do: fc.constant('decide' as const),
    state: fc.constantFrom(
      ApplicationState.APPLICATION_STATE_GRANTED,
      ApplicationState.APPLICATION_STATE_PARTLY_GRANTED,
      ApplicationState.APPLICATION_STATE_REFUSED,
    ),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const take = (before: KeptApplication, each: Step, at: number): Change => {
  switch (each.do) {
    case 'ask':
      return asked(before, correction(`c${at}`, each.fields))
    case 'add':
      return piecesAdded(before, pieces(entry(each.field, each.text)), at)
    case 'say':
      return messageSent(before, { messageId: `m${at}`, atMs: at, from: undefined, text: each.text })
    case 'examine':
      return examined(before, { used: [], notObtained: [] })
    case 'withdraw':
      return withdrawn(before)
    case 'silence':
      return silenceSpoke(before, each.means)
    case 'decide':
      return decided(before, each.state, `d${at}`)
  }
}

describe('whatever happens to an application', () => {
  it('loses no entry and no message, counts each change, and ends once', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 40 }), (isMissing, steps) => {
        let now = start(isMissing ? correction('first', ['letter']) : undefined)
        const model = { entries: new Map<string, string>(), messages: [] as string[], came: new Map<string, number>() }
        steps.forEach((each, index) => {
          const at = index + 1
          const before = now
          const after = take(before, each, at)
          const wasRejected = before.application.state === ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE
          const mayChange = isOpen(before.application) || (wasRejected && each.do === 'decide')
          expect('refusal' in after).toBe(!mayChange)
          if ('refusal' in after) return
          now = after
          if (each.do === 'add') {
            model.entries.set(each.field, each.text)
            model.came.set(each.field, at)
          }
          if (each.do === 'say') model.messages.push(each.text)
          expect(now.application.revision).toBe(before.application.revision + 1)
          expect(new Map(now.application.entries.map(({ field, text }) => [field, text]))).toEqual(model.entries)
          expect(now.application.messages.map(({ text }) => text)).toEqual(model.messages)
          for (const { correctionId, fields, resolvedAtMs } of now.application.corrections) {
            const askedAt = correctionId === 'first' ? 0 : Number(correctionId.slice(1))
            const isAnswered = fields.every((field) => (model.came.get(field) ?? -1) > askedAt)
            expect(resolvedAtMs > 0).toBe(isAnswered)
          }
          if (isOpen(now.application))
            expect(now.application.state === ApplicationState.APPLICATION_STATE_INCOMPLETE).toBe(
              now.application.corrections.some(({ resolvedAtMs }) => resolvedAtMs === 0),
            )
        })
      }),
    )
  })
})
