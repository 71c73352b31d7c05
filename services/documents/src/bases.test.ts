import { Deadline } from '@unefois/chassis/deadline'
import { ExchangeMode, type GetBasisResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { Bases, statementOf } from './bases.js'
import { ManualClock } from './clock.fixture.js'
import { basis, members, person, purposes, types } from './federation.fixture.js'

const call = { deadline: Deadline.after(1000, new ManualClock()) }
const found: GetBasisResponse = {
  subject: person('ada'),
  provider: members.provider,
  purpose: purposes.rate,
  evidenceTypes: [types.income],
  mode: ExchangeMode.EXCHANGE_MODE_INFORMATION,
  statement: 'signed',
}

describe('Bases', () => {
  it('ask again for a basis that was unknown', async () => {
    const answers: (() => Promise<GetBasisResponse>)[] = [
      () => Promise.reject(new MeshError('NOTICE_REQUIRED')),
      async () => found,
    ]
    const bases = new Bases({
      getBasis: async () => answers.shift()?.() ?? Promise.reject(new Error('asked too often')),
    })
    await expect(bases.get(basis('told'), call)).rejects.toMatchObject({ reason: 'NOTICE_REQUIRED' })
    expect(await bases.get(basis('told'), call)).toEqual(found)
    expect(await bases.get(basis('told'), call)).toEqual(found)
  })

  it('keep each basis apart', async () => {
    const bases = new Bases({ getBasis: async ({ basisId }) => ({ ...found, statement: basisId }) })
    expect((await bases.get(basis('one'), call)).statement).toBe(basis('one'))
    expect((await bases.get(basis('two'), call)).statement).toBe(basis('two'))
  })

  it('let a statement travel in information mode only', () => {
    expect(statementOf(found)).toBe('signed')
    expect(statementOf({ ...found, mode: ExchangeMode.EXCHANGE_MODE_CONSENT })).toBe('')
  })
})
