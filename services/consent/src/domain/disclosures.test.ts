import type { Authorisation } from '@unefois/proto/federation-list'
import type { MemberId } from '@unefois/proto/ids'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { basesOf, copiesOf } from './copies.js'
import { disclosuresOf, isSameDisclosure } from './disclosures.js'

const authorisation = (
  provider: string,
  evidenceType: string,
  mode: Authorisation['mode'] = 'consent',
): Authorisation => ({
  id: 'a',
  provider: provider as MemberId,
  requester: 'asker' as MemberId,
  evidenceType,
  purpose: 'agreed',
  fields: ['value'],
  predicates: [{ id: 'p', kind: 'at-most', field: 'value', constant: 1 }],
  mode,
  legalReference: 'Article 1',
  habilitation: 'h',
  maximumAgeSeconds: 1,
  retentionSeconds: 60,
  predicatesPerDay: 1,
  nbf: 0,
  exp: 9,
})

const list = (pairs: readonly string[], mode: Authorisation['mode'] = 'consent', unsigned: readonly string[] = []) => ({
  isProvider: (provider: string, type: string) => [...pairs, ...unsigned].includes(`${provider} ${type}`),
  authorisation: (provider: string, type: string) =>
    pairs.includes(`${provider} ${type}`) ? authorisation(provider, type, mode) : undefined,
})

const asked = { requester: 'asker', purpose: 'agreed', providers: ['two', 'one'], evidenceTypes: ['b', 'a'] }
const refused = { refusal: 'PURPOSE_NOT_AUTHORISED' }

describe('what a consent would disclose', () => {
  it('is refused when one provider has no authorisation', () => {
    expect(disclosuresOf(asked, list(['one a'], 'consent', ['two b']))).toEqual(refused)
  })

  it('is refused in any mode but consent', () => {
    expect(disclosuresOf(asked, list(['one a', 'two b'], 'information'))).toEqual(refused)
  })

  it('is refused when a provider provides nothing asked for, or nobody provides a type', () => {
    expect(disclosuresOf(asked, list(['one a', 'one b']))).toEqual(refused)
    expect(disclosuresOf(asked, list(['one a', 'two a']))).toEqual(refused)
  })

  it('is refused when the requester names itself', () => {
    expect(disclosuresOf({ ...asked, providers: ['asker'] }, list(['asker a', 'asker b']))).toEqual(refused)
  })

  it('names each provider with its own types only, in one order', () => {
    const terms = disclosuresOf(asked, list(['one a', 'two b', 'two a']))
    const disclosures = 'disclosures' in terms ? terms.disclosures : []
    expect(disclosures.map(({ provider, evidenceType }) => `${provider} ${evidenceType}`)).toEqual([
      'one a',
      'two a',
      'two b',
    ])
    expect(disclosures[0]).toMatchObject({ fields: ['value'], predicates: ['p'], retentionSeconds: 60 })
    expect(isSameDisclosure(disclosures, [...disclosures])).toBe(true)
    expect(isSameDisclosure(disclosures, disclosures.slice(1))).toBe(false)
  })

  it('tells no provider of another, and of a refusal nobody but the requester', () => {
    const name = fc.stringMatching(/^[a-f]$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { minLength: 1, maxLength: 8 }), (pairs) => {
        const disclosures = pairs.map(([provider, evidenceType]) => ({
          ...{ provider, evidenceType, fields: [], predicates: [], legalReference: '', retentionSeconds: 0 },
        }))
        let drawn = 0
        const bases = basesOf(disclosures, () => `basis-${++drawn}`)
        const given = copiesOf('asker', bases, 'given')
        expect(new Set(bases.map(({ basisId }) => basisId)).size).toBe(
          new Set(pairs.map(([provider]) => provider)).size,
        )
        expect(given.filter(({ party }) => party !== 'asker').every(({ party, provider }) => party === provider)).toBe(
          true,
        )
        expect(given).toHaveLength(2 * bases.length)
        expect(copiesOf('asker', bases, 'refused').every(({ party }) => party === 'asker')).toBe(true)
      }),
    )
  })
})
