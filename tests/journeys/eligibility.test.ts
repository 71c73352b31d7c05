import { createHash } from 'node:crypto'
import { pages } from '@unefois/client/pages'
import { dataOf } from '@unefois/client/problem'
import type { Places } from '@unefois/deploy/sandbox/places'
import { beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { authority } from './_resident.js'
import { clientOf, restOf } from './_rest.js'

const health = 'cpam'
const benefit = 'complementaire-sante-solidaire'
const simulations = '/v1/eligibility/simulations'
/** Within the validity of the only release that the sandbox has of this benefit. */
const day = '2025-11-01'

let places: Places
beforeAll(async () => {
  places = await sharedFederation()
})

const client = () => clientOf(places, health, async () => undefined)
const simulate = async (facts: Record<string, number | boolean | string>, more: { day?: string } = { day }) =>
  dataOf(await client().POST(simulations, { body: { benefit, language: 'en', facts, ...more } }))

describe('a simulation by anybody, at the door of the agency', () => {
  it('is no operation of a gateway that is not an agency’s', async () => {
    const answer = await restOf(places, authority, { path: simulations, body: { benefit, facts: {} } })
    expect(answer.reason).toBe('METHOD_UNKNOWN')
  })

  it('decides nothing today, because no rule is in force, and names the last', async () => {
    const answer = await simulate({ 'résidence stable': true, rsa: true }, {})
    expect(answer).toMatchObject({ noRelease: { nearest: { benefit, validTo: '2026-03-31' } } })
  })

  it('asks what decides soonest, and never makes a no of what is unknown', async () => {
    const asked: string[] = []
    const given: Record<string, number | boolean> = {}
    const known = { 'résidence stable': true, rsa: false, 'foyer . personnes': 2, 'foyer . ressources': 20_936 }
    for (;;) {
      const answer = await simulate(given)
      if (!('finding' in answer)) throw new Error('there is a rule on that day')
      const { finding } = answer
      const [next] = finding.missing
      if (!next) {
        expect(finding).toMatchObject({ answer: 'yes', gives: [{ name: 'forme', value: 'avec-participation' }] })
        break
      }
      expect(finding.answer).toBe('unknown')
      asked.push(next.name)
      const value = known[next.name as keyof typeof known]
      given[next.name] = value
    }
    expect(asked).toEqual(['résidence stable', 'rsa', 'foyer . personnes', 'foyer . ressources'])
  })

  it('says no one cent above the ceiling, names it, and cites the text', async () => {
    const answer = await simulate({
      'résidence stable': true,
      rsa: false,
      'foyer . personnes': 2,
      'foyer . ressources': 20_936.01,
    })
    expect(answer).toMatchObject({ finding: { answer: 'no', gives: [], missing: [] } })
    const text = JSON.stringify(answer)
    expect(text).toContain('up to 20,936 € a year')
    expect(text).toContain('L861-1')
  })
})

describe('what an agency has published', () => {
  it('is read by anybody, page by page, and its rule to the letter', async () => {
    const listed: string[] = []
    for await (const { procedures } of pages(client(), '/v1/procedures', { query: { pageSize: 1 } }))
      listed.push(...procedures.map(({ id }) => id))
    expect(listed).toContain(benefit)
    const procedure = dataOf(await client().GET('/v1/procedures/{id}', { params: { path: { id: benefit } } }))
    expect(procedure.steps.every(({ ways }) => ways.some((way) => way !== 'online'))).toBe(true)
    const { releases } = dataOf(await client().GET('/v1/eligibility/releases', { params: { query: { benefit, day } } }))
    const [release] = releases
    const path = { sha256: release?.sha256 ?? '' }
    const { source } = dataOf(await client().GET('/v1/eligibility/releases/{sha256}', { params: { path } }))
    expect(createHash('sha256').update(source).digest('hex')).toBe(release?.sha256)
  })
})
