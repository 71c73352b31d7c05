import { MeshError } from '@unefois/proto/reasons'
import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Browser, type Fakes, type OpenGateway, openGateway } from '../gateway.fixture.js'

const receivedAtMs = 1_700_000_000_000
const recordId = '11111111-1111-4111-8111-111111111111'
const declarationId = '22222222-2222-4222-8222-222222222222'

/** How it is at the members; the fund always receives. */
const at = { isHallAway: false, known: ['fund', 'hall', 'portal'] }
const fakes: Fakes = {
  identity: {
    listKnowingMembers: async () => ({ members: at.known, tickets: [] }),
    requestTicket: async ({ provider }) => ({ ticket: `ticket for ${provider}`, expiresAtSeconds: 1 }),
  },
  documentsOf: () => ({
    getAccessProof: async () => ({
      ...{ record: Buffer.from('{}'), salt: Buffer.alloc(32), leafIndex: 0, checkpoint: 'head', inclusionProof: [] },
    }),
  }),
  declarationsOf: (member) => ({
    receiveDeclaration: async (request) => {
      if (member === 'hall' && at.isHallAway) throw new MeshError('PROVIDER_UNREACHABLE')
      const service = { serviceFr: 'Service', serviceEn: `Service of ${member}`, address: '1 rue', telephone: '01' }
      return { receipt: { declarationId: request.declarationId, receivedAtMs, recordId, ...service } }
    },
    supplementDeclaration: async () => ({
      receipt: { declarationId, receivedAtMs, recordId, serviceFr: '', serviceEn: '', address: '', telephone: '' },
    }),
    listOwnDeclarations:
      member === 'hall'
        ? () => {
            throw new MeshError('PROVIDER_UNREACHABLE')
          }
        : async () => ({
            declarations: [
              {
                declarationId,
                subject: '',
                kind: 'move',
                textVersion: '1',
                contentJson: '{"home":{"street":"4 <b>Lane</b>","since":"2026-12-01","secret":"yes"}}',
                language: 'en',
                state: 2,
                steps: [
                  { atMs: receivedAtMs, recordId, step: { $case: 'received' as const, value: {} } },
                  {
                    atMs: receivedAtMs,
                    recordId,
                    step: {
                      $case: 'answer' as const,
                      value: {
                        answer: {
                          $case: 'needsMore' as const,
                          value: { what: 'A proof <i>of</i> it.', untilMs: receivedAtMs + 86_400_000 },
                        },
                        answeredBy: 'Nadia Roux, case officer',
                      },
                    },
                  },
                ],
              },
            ],
            nextPageToken: '',
          }),
  }),
}

let gateway: OpenGateway
beforeAll(async () => {
  gateway = await openGateway('portal', fakes)
})
afterAll(() => gateway.close())
beforeEach(() => {
  gateway.calls.length = 0
  at.isHallAway = false
  at.known = ['fund', 'hall', 'portal']
})
const logIn = async (): Promise<Browser> => {
  const browser = new Browser(gateway)
  await browser.logIn()
  return browser
}

const typed = { value0: '4 MARKER Lane', value1: '', value2: '2026-12-01', value3: 'no' }
const action = (step: string) => `/declarations/move/${step}`
/** Sends a form with a field that stands several times. */
const sendTo = (browser: Browser, page: LightMyRequestResponse, step: string, to: readonly string[], fields = {}) => {
  const form = page.body.split('action="/declarations/move/')[1]?.split('</form>')[0] ?? ''
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)]
    .map(([, name = '', value = '']) => [name, value] as const)
    .filter(([name]) => name !== 'to')
  const body = new URLSearchParams([
    ...Object.entries({ ...Object.fromEntries(hidden), ...fields }),
    ...to.map((id) => ['to', id]),
  ] as [string, string][])
  return browser.ask({
    method: 'POST',
    url: action(step),
    payload: body.toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'http://127.0.0.1:4001',
      'sec-fetch-site': 'same-origin',
    },
  })
}
const received = () => gateway.calls.filter(({ rpc }) => rpc.endsWith('receiveDeclaration'))

describe('a declaration at the portal', () => {
  it('is shown to nobody before a login, nor sent without the form of this session', async () => {
    for (const path of ['/declarations', '/declarations/move'])
      expect((await new Browser(gateway).get(path)).statusCode).toBe(401)
    const browser = await logIn()
    expect((await browser.post(action('send'), { ...typed, to: 'fund' })).statusCode).toBe(403)
    expect((await browser.get('/declarations/birth')).statusCode).toBe(404)
    expect(received()).toEqual([])
  })

  it('asks for a stronger login where its kind does', async () => {
    const browser = await logIn()
    const page = await browser.get('/declarations/new-name')
    expect(page.statusCode).toBe(403)
    expect(page.body).toContain('acr=eidas2')
  })

  it('offers only bodies that know the person, none of them chosen', async () => {
    at.known = ['fund', 'portal']
    const browser = await logIn()
    const { body } = await browser.get('/declarations/move')
    expect(body).toContain('value="fund"')
    expect(body).not.toContain('value="hall"')
    expect(body).not.toContain('checked')
    expect(body).toContain('autocomplete="street-address"')
  })

  it('says where to go when no such body knows the person', async () => {
    at.known = ['portal']
    const browser = await logIn()
    const { body, statusCode } = await browser.get('/declarations/move')
    expect(statusCode).toBe(200)
    expect(body).toContain('1 rue de fund')
    expect(body).not.toContain(action('check'))
  })

  it('names each fault beside its field, and keeps what was typed and chosen', async () => {
    const browser = await logIn()
    const page = await browser.get('/declarations/move')
    const again = await sendTo(browser, page, 'check', ['hall'], { ...typed, value1: 'x"<', value2: '' })
    expect(again.statusCode).toBe(422)
    expect(again.body).toContain('href="#value1"')
    expect(again.body).toContain('aria-describedby="value2-hint value2-fault"')
    expect(again.body).toContain('value="4 MARKER Lane"')
    expect(again.body).toContain('value="x&quot;&lt;"')
    expect(again.body).toMatch(/value="hall"[^>]* checked/)
    const nobody = await sendTo(browser, page, 'check', [], typed)
    expect(nobody.statusCode).toBe(422)
    expect(nobody.body).toContain('href="#to"')
    expect(received()).toEqual([])
  })

  it('is refused to a body that was not offered, and asked anew when the form is of another version', async () => {
    at.known = ['fund', 'portal']
    const browser = await logIn()
    const page = await browser.get('/declarations/move')
    const refused = await sendTo(browser, page, 'send', ['hall'], typed)
    expect(refused.statusCode).toBe(403)
    expect(refused.body).toContain('DECLARATION_NOT_RECEIVED')
    expect((await sendTo(browser, page, 'send', ['fund'], { ...typed, version: '0' })).statusCode).toBe(422)
    expect(received()).toEqual([])
  })

  it('is checked, changed, and sent once to each, under ids that have nothing in common', async () => {
    const browser = await logIn()
    const form = await browser.get('/declarations/move')
    const check = await sendTo(browser, form, 'check', ['fund', 'hall'], typed)
    expect(check.body).toContain('4 MARKER Lane')
    expect(received()).toEqual([])
    expect((await sendTo(browser, check, 'send', ['fund', 'hall'])).body).toContain('1 rue')
    const sent = received()
    expect(sent.map(({ rpc }) => rpc).sort()).toEqual([
      'declarations of fund.receiveDeclaration',
      'declarations of hall.receiveDeclaration',
    ])
    const requests = sent.map(({ request }) => request as { declarationId: string; contentJson: string })
    expect(new Set(requests.map((each) => each.declarationId)).size).toBe(2)
    expect(new Set(requests.map((each) => each.contentJson))).toEqual(
      new Set(['{"home":{"street":"4 MARKER Lane","since":"2026-12-01","secret":"no"}}']),
    )
  })

  it('names who did not receive it, and is sent to them again under the same id', async () => {
    at.isHallAway = true
    const browser = await logIn()
    const form = await browser.get('/declarations/move')
    const check = await sendTo(browser, form, 'check', ['fund', 'hall'], typed)
    const first = await sendTo(browser, check, 'send', ['fund', 'hall'])
    expect(first.body).toContain('did not receive it')
    expect(first.body).toContain('Body hall')
    at.isHallAway = false
    const again = await sendTo(browser, first, 'send', ['hall'])
    expect(again.body).not.toContain('did not receive it')
    const toHall = received().filter(({ rpc }) => rpc.includes('hall'))
    const ids = toHall.map(({ request }) => (request as { declarationId: string }).declarationId)
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  it('shows every answer, escaped, who did not answer, and takes what is missing', async () => {
    const browser = await logIn()
    const { calls } = gateway
    const page = await browser.get('/declarations')
    expect(page.body).toContain('Nadia Roux, case officer')
    expect(page.body).toContain('4 &lt;b&gt;Lane')
    expect(page.body).not.toContain('<i>of</i>')
    expect(page.body).toMatch(/Did not answer: Body hall/)
    const receipt = /href="(\/declarations\/fund\/[^"]+\/receipts\/[^"]+)"/.exec(page.body)?.[1] ?? ''
    const file = await browser.get(receipt)
    expect(file.headers['content-disposition']).toContain('receipt.json')
    expect(file.json()).toMatchObject({
      agency: 'fund',
      said: { home: { since: '2026-12-01' } },
      proof: { leafIndex: 0 },
    })
    expect((await browser.get(receipt.replace(declarationId, recordId))).statusCode).toBe(404)
    const empty = await browser.send(page, '/declaration-supplements', { statement: '  ' })
    expect(empty.statusCode).toBe(400)
    const sent = await browser.send(page, '/declaration-supplements', { statement: 'Here it is.' })
    expect(sent.body).toContain('has been received')
    expect(calls.at(-1)).toMatchObject({
      rpc: 'declarations of fund.supplementDeclaration',
      request: { declarationId, statement: 'Here it is.', ticket: 'ticket for fund' },
    })
    const tickets = calls.filter(({ rpc }) => rpc === 'identity.requestTicket').map(({ request }) => request)
    expect(tickets.at(-1)).toMatchObject({ purpose: 'own-declaration', provider: 'fund', loginHandle: 'handle' })
  })
})
