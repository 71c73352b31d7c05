import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { type RightSought, RightsServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { fareSought, Someone } from './_modes.js'
import { refusalOf, refused } from './_refusals.js'
import { told, town } from './_resident.js'

const rpc = 'unefois.eligibility.v1.RightsService/SeekRights'
const all = 'rights:seek notice:write evidence:request'
const nobody = (letter: string): string => `p1.1.${letter.repeat(22)}`

let places: Places
let silent: Someone
let meals: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  silent = (await Someone.settle(places, fareSought)).hold(1)
  meals = new AgencySystem(places, town)
})
afterAll(() => {
  silent.leave()
  meals.close()
})

const seek = async (
  changes: { procedure?: string; campaign?: string; subjects?: string[] },
  system: AgencySystem = silent.system,
  scope = all,
): Promise<RightSought[]> => {
  const wish = { procedure: 'solidarity-fare', campaign: 'autumn', subjects: [silent.subject], language: 'fr' }
  const rights = system.service('eligibility', RightsServiceDefinition)
  const { outcome } = await rights.seekRights({ ...wish, ...changes }, await system.call(scope))
  return outcome?.$case === 'sought' ? outcome.value.people : []
}

describe('a search for rights', () => {
  it.each([
    ['of nobody', { subjects: [] }, 'subjects'],
    ['of more than fifty people', { subjects: Array.from({ length: 51 }, () => nobody('A')) }, 'subjects'],
    ['of somebody twice', { subjects: [nobody('A'), nobody('A')] }, 'subjects'],
    ['that is no campaign', { campaign: '' }, 'campaign'],
  ])('%s is refused', async (_, changes, field) => {
    expect(await refused(rpc, () => seek(changes))).toMatchObject({ reason: 'REQUEST_INVALID', facts: { field } })
  })

  it('is refused by a procedure that is none, or has no rule', async () => {
    expect(await refusalOf(rpc, () => seek({ procedure: 'winning-the-lottery' }))).toBe('PROCEDURE_UNKNOWN')
    expect(await refusalOf(rpc, () => seek({ procedure: 'electoral-proxy' }, meals))).toBe('BENEFIT_UNKNOWN')
  })

  it('has no power of its own: consent and documents refuse a system without their scopes', async () => {
    expect(await refusalOf(rpc, () => seek({}, silent.system, 'rights:seek evidence:request'))).toBe(
      'CALLER_NOT_ALLOWED',
    )
    expect(await refusalOf(rpc, () => seek({}, silent.system, 'rights:seek notice:write'))).toBe('CALLER_NOT_ALLOWED')
  })

  it('is refused of everybody where no provider signed for it', async () => {
    const people = [nobody('A'), nobody('B')]
    const value = 'PURPOSE_NOT_AUTHORISED'
    expect(await seek({ procedure: told, subjects: people }, meals)).toEqual(
      people.map((subject) => ({ subject, outcome: { $case: 'refused', value } })),
    )
  })

  it('is refused of a person whom nobody knows, and goes on with the others', async () => {
    expect(await seek({ subjects: [nobody('A'), silent.subject] })).toMatchObject([
      { subject: nobody('A'), outcome: { $case: 'refused', value: 'SUBJECT_UNKNOWN' } },
      { subject: silent.subject, outcome: { $case: 'assessment' } },
    ])
  })
})
