import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { Browser, type Fakes, gatewayForTest } from '../gateway.fixture.js'

const fakes: Fakes = {
  identity: {
    listKnowingMembers: async () => ({ members: ['fund', 'hall'], tickets: [] }),
    requestTicket: async ({ provider }) => ({ ticket: `ticket for ${provider}`, expiresAtSeconds: 1 }),
  },
  correctionsOf: (member) => ({
    listHoldings:
      member === 'hall'
        ? () => {
            throw new MeshError('PROVIDER_UNREACHABLE')
          }
        : async () => ({
            holdings: [
              {
                evidenceType: 'resources',
                valueJson: '{"resources":{"value":612}}',
                isValueLeftOut: false,
                origin: { $case: 'declared' as const, value: { version: 3, asOfMs: 1_700_000_000_000 } },
              },
            ],
            nextPageToken: '',
          }),
    listOwnContests: async () => ({ contests: [], nextPageToken: '' }),
    contestEvidence: async () => ({ contestedAtMs: 1_700_000_000_000 }),
  }),
}
const loggedIn = async () => {
  const gateway = await gatewayForTest('portal', fakes)
  const browser = new Browser(gateway)
  await browser.logIn()
  return { ...gateway, browser }
}

describe('what bodies hold about a person', () => {
  it('is shown to nobody before a login', async () => {
    const gateway = await gatewayForTest('portal', fakes)
    expect((await new Browser(gateway).get('/holdings')).statusCode).toBe(401)
    expect(gateway.calls).toEqual([])
  })

  it('is contested by nobody without the form of this session, without words, or at what is no member', async () => {
    const { browser, calls } = await loggedIn()
    const page = await browser.get('/holdings')
    const forged = { agency: 'fund', type: 'resources', version: '3', statement: 'wrong' }
    expect((await browser.post('/contests', forged)).statusCode).toBe(403)
    expect((await browser.send(page, '/contests', { statement: '  ' })).statusCode).toBe(400)
    expect((await browser.send(page, '/contests', { statement: 'wrong', agency: '../hall' })).statusCode).toBe(400)
    expect((await browser.send(page, '/contests', { statement: 'x'.repeat(2001) })).statusCode).toBe(400)
    expect(calls.filter(({ rpc }) => rpc.endsWith('contestEvidence'))).toEqual([])
  })

  it('names the body that did not answer, and shows what the others hold', async () => {
    const { browser } = await loggedIn()
    const { body } = await browser.get('/holdings')
    expect(body).toContain('612')
    expect(body).toMatch(/Did not answer: .*all/)
  })

  it('goes, contested, to the body that holds it, with the version that was shown', async () => {
    const { browser, calls } = await loggedIn()
    const { body } = await browser.send(await browser.get('/holdings'), '/contests', { statement: 'wrong' })
    expect(calls.at(-1)).toMatchObject({
      rpc: 'corrections of fund.contestEvidence',
      request: { ticket: 'ticket for fund', evidenceType: 'resources', version: 3, field: '', statement: 'wrong' },
    })
    expect(body).toContain('Your report has been sent')
  })
})
