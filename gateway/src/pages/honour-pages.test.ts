import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Browser, type Fakes, gatewayForTest, personToken, subject, systemToken } from '../gateway.fixture.js'

const exchangeId = randomUUID()
const statementId = randomUUID()
const stated = {
  statementId,
  subject,
  evidenceType: 'resources',
  purpose: 'school-meals',
  exchangeId,
  values: [{ field: 'resources.value', value: '700' }],
  text: 'what was read',
  textVersion: '2026-11',
  language: 'en',
  channel: 1 as const,
  statedAtMs: 1_700_000_000_000,
  keepUntilMs: 1_700_000_000_000,
}
const fakes: Fakes = {
  consent: { recordNotice: async () => ({ basisId: `b1.${'B'.repeat(22)}`, toldAtMs: 1 }) },
  documents: {
    requestEvidence: async () => ({
      exchangeId,
      outcome: {
        $case: 'otherRoute' as const,
        value: { cause: 1, routes: [{ kind: 'counter', textFr: 'Venez', textEn: 'Come' }] },
      },
    }),
    recordStatementOnHonour: async () => ({ statementId, statedAtMs: 1, keepUntilMs: 2 }),
    getStatementOnHonour: async () => stated,
  },
}
const loggedIn = async (given: Fakes = fakes) => {
  const gateway = await gatewayForTest('agency', given)
  const browser = new Browser(gateway)
  await browser.logIn()
  return { ...gateway, browser }
}
const path = '/procedures/school-meals/honour'
const address = `${path}?type=resources&exchange=${exchangeId}`
const recorded = (calls: readonly { rpc: string }[]) =>
  calls.filter(({ rpc }) => rpc.endsWith('recordStatementOnHonour'))

describe('a statement on honour', () => {
  it('is made by nobody who has not logged in', async () => {
    const { browser } = await loggedIn()
    browser.cookies.clear()
    expect((await browser.get(address)).statusCode).toBe(401)
  })

  it.each([
    [`${path}?type=resources`, 400],
    [`${path}?type=resources&exchange=x`, 400],
    [`${path}?type=other&exchange=${exchangeId}`, 403],
    [`/procedures/anything/honour?type=resources&exchange=${exchangeId}`, 403],
  ])('has no form at %s', async (url, status) => {
    const { browser } = await loggedIn()
    expect((await browser.get(url)).statusCode).toBe(status)
  })

  it.each([
    ['the warning not confirmed', { value0: '700' }],
    ['nothing stated', { agreed: 'yes', value0: '  ' }],
    ['a value too long', { agreed: 'yes', value0: 'x'.repeat(1001) }],
    ['a field too many', { agreed: 'yes', value0: '1', value20: '1' }],
  ])('is refused with %s', async (_, fields: Record<string, string>) => {
    const { browser, calls } = await loggedIn()
    const answer = await browser.send(await browser.get(address), path, fields)
    expect(answer.statusCode).toBe(400)
    expect(recorded(calls)).toEqual([])
  })

  it('is offered where an exchange brought nothing', async () => {
    const { browser } = await loggedIn()
    const page = await browser.send(await browser.get('/procedures/school-meals'), '/procedures/school-meals/notice')
    expect(page.body).toContain(`href="${address.replace('&', '&amp;')}"`)
  })

  it('does not ask for what a member in reach holds, and asks all the same when nobody can tell', async () => {
    const field = { evidenceType: 'resources', field: 'resources.value' }
    const checkNeed = async () => ({ needs: [{ field, need: 5 as const, holders: ['fund'] }] })
    const { browser } = await loggedIn({ ...fakes, reAsks: { checkNeed } })
    const page = await browser.get(address)
    expect(page.body).not.toContain('name="value0"')
    expect(page.body).toContain('you need not say it')
    expect((await (await loggedIn()).browser.get(address)).body).toContain('name="value0"')
  })

  it('keeps the very text that the person read, and shows the values as what they are', async () => {
    const { browser, calls } = await loggedIn()
    const page = await browser.get(address)
    expect(page.body).toContain('<label for="value0">Value</label>')
    const { body } = await browser.send(page, path, { agreed: 'yes', value0: ' 700 ', value1: '' })
    const [call] = recorded(calls) as unknown as [{ request: { text: string } }]
    expect(call).toMatchObject({
      request: {
        subject,
        exchangeId,
        values: [{ field: 'resources.value', value: '700' }],
        language: 'en',
        channel: 1,
      },
    })
    expect(page.body).toContain(call.request.text)
    expect(body).toContain('Stated on honour')
  })

  it('by REST is refused without its text and without its purpose, and always marked', async () => {
    const { app } = await gatewayForTest('agency', fakes)
    const headers = { authorization: `Bearer ${personToken('hall')}`, 'idempotency-key': 'key-12345678' }
    const { values, language } = stated
    const text = 'I state on my honour that this information is true.'
    const body = { exchangeId, values, text, textVersion: '2026-11', language, channel: 'counter' }
    const post = (payload: object) => app.inject({ method: 'POST', url: '/v1/statements-on-honour', payload, headers })
    expect((await post({ ...body, text: 'yes' })).json().reason).toBe('REQUEST_INVALID')
    expect((await post(body)).statusCode).toBe(201)
    const read = (query: string) =>
      app.inject({
        url: `/v1/statements-on-honour/${statementId}${query}`,
        headers: { authorization: `Bearer ${systemToken('hall')}` },
      })
    expect((await read('')).json().reason).toBe('REQUEST_INVALID')
    expect((await read('?purpose=school-meals')).json()).toMatchObject({ isSelfDeclared: true, values })
  })
})
