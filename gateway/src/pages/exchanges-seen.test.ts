import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccessView } from '../rest/views.js'
import { exchangesOf, isSubscription, silentEnd } from './exchanges-seen.js'

const record = (more: Partial<AccessView> = {}): AccessView => ({
  member: 'fund',
  recordId: 'r1',
  side: 'provider',
  requester: 'hall',
  provider: 'fund',
  purpose: 'school-meals',
  procedure: 'p',
  evidenceType: 'resources',
  fields: ['value'],
  predicates: [],
  mode: 'information',
  outcome: 'released',
  reason: '',
  at: '2026-11-22T00:00:00.000Z',
  exchangeId: 'x1',
  proof: '',
  ...more,
})

describe('an exchange as the person sees it', () => {
  it('does not join two bodies’ records because a sender reused an exchange id', () => {
    const seen = exchangesOf([record(), record({ recordId: 'r2', requester: 'stranger', outcome: 'refused' })])
    expect(seen.map(({ requester }) => requester)).toEqual(['hall', 'stranger'])
  })

  it('does not join records that carry no exchange id', () => {
    expect(exchangesOf([record({ exchangeId: '' }), record({ exchangeId: '', recordId: 'r2' })])).toHaveLength(2)
  })

  it('is no exchange of data where one end is told of changes, and says how far that has come', () => {
    const told = (['subscribed', 'change-told', 'subscription-ended'] as const).map((outcome, at) =>
      record({ recordId: `r${at}`, outcome, fields: [] }),
    )
    const outcomes = [1, 2, 3].map((many) => exchangesOf(told.slice(0, many))[0])
    expect(outcomes.map((seen) => seen?.outcome)).toEqual(['subscribed', 'change-told', 'subscription-ended'])
    expect(outcomes.map((seen) => seen && isSubscription(seen))).toEqual([true, true, true])
    expect(exchangesOf([record()]).map(isSubscription)).toEqual([false])
  })

  it('says which end recorded nothing', () => {
    expect(exchangesOf([record()]).map(silentEnd)).toEqual(['hall'])
    expect(exchangesOf([record({ member: 'hall', side: 'requester' })]).map(silentEnd)).toEqual(['fund'])
  })

  it('is one entry when both ends recorded it, with all that either names', () => {
    const [one, ...others] = exchangesOf([
      record({ fields: [], mode: 'none' }),
      record({ member: 'hall', side: 'requester', predicates: ['child'] }),
    ])
    expect(others).toEqual([])
    expect(one).toMatchObject({ fields: ['value'], predicates: ['child'], mode: 'information' })
    expect(one && silentEnd(one)).toBeUndefined()
  })

  it('counts data as sent when one end says so, whatever the other says', () => {
    const [one] = exchangesOf([record({ outcome: 'released' }), record({ member: 'hall', outcome: 'unconfirmed' })])
    expect(one?.outcome).toBe('released')
  })

  it('loses no record and shows none twice', () => {
    const some = fc.record({
      recordId: fc.uuid(),
      exchangeId: fc.constantFrom('', 'x1', 'x2'),
      requester: fc.constantFrom('hall', 'stranger'),
      member: fc.constantFrom('hall', 'fund'),
    })
    fc.assert(
      fc.property(fc.array(some), (given) => {
        const records = given.map((each) => record(each))
        const shown = exchangesOf(records).flatMap((exchange) => exchange.records)
        expect(shown).toHaveLength(records.length)
        expect(new Set(shown)).toEqual(new Set(records))
      }),
    )
  })
})
