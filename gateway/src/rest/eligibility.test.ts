import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aProcedure, aRelease, releaseSha256, simulateMeals } from '../eligibility.fixture.js'
import { type OpenGateway, openGateway } from '../gateway.fixture.js'

let agency: OpenGateway
let without: OpenGateway
beforeAll(async () => {
  agency = await openGateway('agency', {
    eligibility: { simulate: simulateMeals },
    rules: {
      listReleases: async ({ pageToken }) => {
        if (pageToken === 'foreign') throw new MeshError('PAGE_TOKEN_MISMATCH')
        return { releases: [aRelease], nextPageToken: pageToken === '' ? 'next' : '' }
      },
      getRelease: async ({ sha256 }) => {
        if (sha256 !== releaseSha256) throw new MeshError('RULE_RELEASE_UNKNOWN')
        return { release: aRelease, source: 'benefit: meal-aid\n' }
      },
    },
    procedures: {
      listProcedures: async () => ({ procedures: [aProcedure], nextPageToken: '' }),
      getProcedure: async ({ id }) => {
        if (id !== 'meals') throw new MeshError('PROCEDURE_UNKNOWN')
        return { procedure: aProcedure }
      },
    },
  })
  without = await openGateway('agency')
})
afterAll(() => Promise.all([agency.close(), without.close()]))

const get = ({ app }: OpenGateway, url: string, headers: Record<string, string> = {}) =>
  app.inject({ method: 'GET', url, headers })
const simulate = ({ app }: OpenGateway, payload: object) =>
  app.inject({ method: 'POST', url: '/v1/eligibility/simulations', payload })
const facts = { resident: true, 'home . resources': 900.5, diet: 'plain' }

describe('a simulation over REST', () => {
  it.each([
    ['a benefit that is no name', { benefit: 'Meal Aid', facts: {} }, 'benefit'],
    ['a day that is none', { benefit: 'meal-aid', day: '2025-02-30', facts: {} }, 'day'],
    ['a language that it does not speak', { benefit: 'meal-aid', language: 'de', facts: {} }, 'language'],
    ['no facts at all', { benefit: 'meal-aid' }, 'facts'],
    ['a fact that is a list', { benefit: 'meal-aid', facts: { resident: [true] } }, 'facts.resident'],
    ['somebody’s name', { benefit: 'meal-aid', facts: {}, subject: 'p1.1.x' }, 'subject'],
    [
      'more than a hundred facts',
      { benefit: 'meal-aid', facts: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`f${at}`, 1])) },
      'facts',
    ],
  ])('refuses %s, naming the field', async (_, body, field) => {
    expect((await simulate(agency, body)).json()).toMatchObject({ reason: 'REQUEST_INVALID', facts: { field } })
  })

  it('passes on what the rule refuses, with the name of the fact', async () => {
    expect((await simulate(agency, { benefit: 'castle-aid', facts: {} })).json().reason).toBe('BENEFIT_UNKNOWN')
    const tooMuch = await simulate(agency, { benefit: 'meal-aid', facts: { 'home . resources': 20_000 } })
    expect(tooMuch.json()).toMatchObject({ status: 422, reason: 'FACT_INVALID', facts: { field: 'home . resources' } })
  })

  it('answers what the rule finds, is kept by nobody, and hands on neither token nor key', async () => {
    const asked = agency.calls.length
    const answer = await simulate(agency, { benefit: 'meal-aid', day: '2025-11-01', language: 'en', facts })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers.etag).toBeUndefined()
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.json()).toMatchObject({
      finding: {
        answer: 'yes',
        release: { sha256: releaseSha256, validTo: '2026-03-31', reviewer: 'Nour Relectrice' },
        gives: [{ name: 'aid', value: 12.5, text: '12,50 € par mois' }],
        missing: [],
        explanation: { language: 'en', conditions: [{ hasDecided: true, legalReference: 'Article 7' }, {}] },
      },
    })
    expect(agency.calls.slice(asked)).toMatchObject([
      {
        rpc: 'eligibility.simulate',
        request: {
          day: '2025-11-01',
          facts: [
            { name: 'resident', value: { $case: 'yes', value: true } },
            { name: 'home . resources', value: { $case: 'number', value: 900.5 } },
            { name: 'diet', value: { $case: 'choice', value: 'plain' } },
          ],
        },
      },
    ])
    expect(Object.keys(agency.calls.at(-1)?.call ?? {})).toEqual(['deadline'])
  })

  it('never makes a no of what is unknown, and says what to ask next', async () => {
    const { finding } = (await simulate(agency, { benefit: 'meal-aid', facts: { resident: true } })).json()
    expect(finding.answer).toBe('unknown')
    expect(finding.missing).toMatchObject([
      { name: 'home . resources', kind: 'number', maximum: 10_000, decimals: 2 },
      { name: 'diet', kind: 'choice', maximum: null, choices: [{ value: 'plain' }, { value: 'vegetarian' }] },
    ])
  })

  it('decides nothing on a day without a rule, and names the nearest', async () => {
    const answer = await simulate(agency, { benefit: 'meal-aid', day: '2026-04-01', facts })
    expect(answer.json()).toEqual({
      noRelease: { day: '2026-04-01', nearest: expect.objectContaining({ validTo: '2026-03-31' }) },
    })
  })
})

describe('procedures and releases over REST', () => {
  it.each([
    ['/v1/procedures/none', 'PROCEDURE_UNKNOWN'],
    [`/v1/eligibility/releases/${'0'.repeat(64)}`, 'RULE_RELEASE_UNKNOWN'],
    ['/v1/eligibility/releases/abc', 'REQUEST_INVALID'],
    ['/v1/eligibility/releases?day=today', 'REQUEST_INVALID'],
    ['/v1/eligibility/releases?pageToken=foreign', 'PAGE_TOKEN_MISMATCH'],
    ['/v1/procedures?kind=benefit', 'REQUEST_INVALID'],
  ])('refuses %s as %s', async (url, reason) => {
    expect((await get(agency, url)).json().reason).toBe(reason)
  })

  it.each(['/v1/procedures', '/v1/procedures/meals', '/v1/eligibility/releases'])(
    'is UNAVAILABLE where the agency runs no eligibility: %s',
    async (url) => {
      expect((await get(without, url)).json()).toMatchObject({ status: 503, reason: 'UNAVAILABLE' })
    },
  )

  it.each([
    '/v1/procedures',
    '/v1/procedures/meals',
    '/v1/eligibility/releases',
    `/v1/eligibility/releases/${releaseSha256}`,
  ])('is the same for everybody, with a validator: %s', async (url) => {
    const first = await get(agency, url)
    expect(first.headers['cache-control']).toBe('public, max-age=60')
    const etag = String(first.headers.etag)
    expect((await get(agency, url, { 'if-none-match': etag })).statusCode).toBe(304)
  })

  it('shows a procedure in words, not numbers', async () => {
    const { procedures, nextPageToken } = (await get(agency, '/v1/procedures')).json()
    expect(nextPageToken).toBeNull()
    expect(procedures).toMatchObject([
      {
        id: 'meals',
        kind: 'benefit',
        benefit: 'meal-aid',
        fields: [{ evidence: { evidenceType: 'resources' } }, { evidence: null, isGivenByPerson: true }],
        steps: [{ ways: ['online', 'counter', 'telephone', 'post'] }],
        silence: { means: 'rejection', count: 2, unit: 'months' },
        remedies: [{ isMandatoryFirst: true }],
      },
    ])
  })

  it('gives a release with its source, and pages with their filters', async () => {
    const { source } = (await get(agency, `/v1/eligibility/releases/${releaseSha256}`)).json()
    expect(source).toBe('benefit: meal-aid\n')
    const page = (await get(agency, '/v1/eligibility/releases?benefit=meal-aid&day=2025-11-01&pageSize=1')).json()
    expect(page).toMatchObject({ releases: [{ benefit: 'meal-aid', replacedBy: null }], nextPageToken: 'next' })
    expect(agency.calls.at(-1)?.request).toEqual({
      benefit: 'meal-aid',
      day: '2025-11-01',
      pageSize: 1,
      pageToken: '',
    })
  })
})
