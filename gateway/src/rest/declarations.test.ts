import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fakes, type OpenGateway, openGateway, personToken, systemToken } from '../gateway.fixture.js'

const recordId = '11111111-1111-4111-8111-111111111111'
const declarationId = '22222222-2222-4222-8222-222222222222'
const content = { home: { street: '4 Lane', since: '2026-12-01', secret: 'no' } }

const fakes: Fakes = {
  identity: {
    listKnowingMembers: async () => ({ members: ['fund', 'hall'], tickets: [] }),
    requestTicket: async ({ provider }) => ({ ticket: `ticket for ${provider}`, expiresAtSeconds: 1 }),
  },
  declarationsOf: (member) => ({
    receiveDeclaration: async (request) => {
      if (member === 'hall') throw new MeshError('DECLARATION_LIMIT_REACHED')
      const service = { serviceFr: 'a', serviceEn: 'b', address: 'c', telephone: 'd' }
      return { receipt: { declarationId: request.declarationId, receivedAtMs: 1, recordId, ...service } }
    },
  }),
  declarations: {
    listDeclarations: async () => ({ declarations: [], nextPageToken: '7~abcdefghijkl' }),
    answerDeclaration: async () => ({ answeredAtMs: 1, recordId }),
  },
}

const gateways = new Map<string, OpenGateway>()
beforeAll(async () => {
  for (const kind of ['portal', 'agency'] as const) gateways.set(kind, await openGateway(kind, fakes))
}, 30_000)
afterAll(async () => {
  for (const gateway of gateways.values()) await gateway.close()
})
const open = async (kind: 'portal' | 'agency') => {
  const gateway = gateways.get(kind) as OpenGateway
  gateway.calls.length = 0
  const token = kind === 'portal' ? personToken('portal') : systemToken('hall')
  const ask = async (method: 'GET' | 'POST', url: string, body?: object, key = 'a-key-of-this-test') => {
    const headers = { authorization: `Bearer ${token}`, ...(method === 'POST' && { 'idempotency-key': key }) }
    const answer = await gateway.app.inject({ method, url, headers, ...(body && { payload: body }) })
    return { status: answer.statusCode, body: answer.json() }
  }
  return { ...gateway, ask }
}
const wish = (changes: object = {}) => ({ kind: 'move', content, agencies: ['fund'], language: 'fr', ...changes })

describe('POST /v1/me/declarations', () => {
  it.each([
    ['a kind that is none', { kind: 'birth' }, 'DECLARATION_KIND_UNKNOWN', undefined],
    ['a kind that asks a stronger login', { kind: 'new-name' }, 'ASSURANCE_TOO_LOW', undefined],
    ['what is not asked', { content: { home: { ...content.home, nir: '1' } } }, 'DECLARATION_INVALID', ''],
    [
      'what is not right',
      { content: { home: { ...content.home, since: 'soon' } } },
      'DECLARATION_INVALID',
      'home.since',
    ],
    [
      'an agency that does not know the person',
      { agencies: ['fund', 'authorities'] },
      'DECLARATION_NOT_RECEIVED',
      undefined,
    ],
    ['nobody', { agencies: [] }, 'REQUEST_INVALID', 'agencies'],
  ])('refuses %s before anything is sent', async (_, changes, reason, field) => {
    const { ask, calls } = await open('portal')
    const { body } = await ask('POST', '/v1/me/declarations', wish(changes))
    expect(body.reason).toBe(reason)
    if (field !== undefined) expect(body.facts.field).toBe(field)
    expect(calls.filter(({ rpc }) => rpc.endsWith('receiveDeclaration'))).toEqual([])
  })

  it('answers for each agency: a receipt, or why there is none', async () => {
    const { ask, calls } = await open('portal')
    const { status, body } = await ask('POST', '/v1/me/declarations', wish({ agencies: ['fund', 'hall'] }))
    expect(status).toBe(200)
    expect(body.sent).toMatchObject([
      { agency: 'fund', receipt: { recordId, proof: `/v1/me/accesses/fund/${recordId}/proof` }, reason: null },
      { agency: 'hall', receipt: null, reason: 'DECLARATION_LIMIT_REACHED' },
    ])
    await ask('POST', '/v1/me/declarations', wish())
    await ask('POST', '/v1/me/declarations', wish(), 'another-key-of-it')
    const ids = calls
      .filter(({ rpc }) => rpc === 'declarations of fund.receiveDeclaration')
      .map(({ request }) => (request as { declarationId: string }).declarationId)
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
  })
})

describe('the agency’s declarations', () => {
  it('are not a person’s or the portal’s to list', async () => {
    const { ask } = await open('portal')
    expect((await ask('GET', '/v1/declarations')).body.reason).toBe('METHOD_UNKNOWN')
  })

  it('are listed with filters, and answered in words', async () => {
    const { ask, calls } = await open('agency')
    expect((await ask('GET', '/v1/declarations?state=maybe')).body.reason).toBe('REQUEST_INVALID')
    const listed = await ask('GET', `/v1/declarations?state=open&kind=move&declarationId=${declarationId}&pageSize=5`)
    expect(listed.body).toEqual({ declarations: [], nextPageToken: '7~abcdefghijkl' })
    expect(calls.at(-1)?.request).toEqual({ state: 1, kind: 'move', declarationId, pageSize: 5, pageToken: '' })
    const path = `/v1/declarations/${declarationId}/answer`
    const short = await ask('POST', path, { outcome: 'not-concerned', reasons: 'No.' })
    expect(short.body.reason).toBe('REQUEST_INVALID')
    const until = '2026-12-31T00:00:00Z'
    const { status } = await ask('POST', path, {
      outcome: 'needs-more',
      what: 'A proof of it.',
      until,
      answeredBy: 'N R',
    })
    expect(status).toBe(200)
    expect(calls.at(-1)?.request).toEqual({
      declarationId,
      answer: {
        answer: { $case: 'needsMore', value: { what: 'A proof of it.', untilMs: Date.parse(until) } },
        answeredBy: 'N R',
      },
    })
  })

  it('are of kinds that anybody can read', async () => {
    const { app } = await open('agency')
    const { declarationKinds } = (await app.inject('/v1/declaration-kinds')).json()
    expect(declarationKinds.map(({ id }: { id: string }) => id)).toEqual(['move', 'new-name'])
    expect(declarationKinds[0].receivers.map(({ agency }: { agency: string }) => agency)).toEqual(['hall', 'fund'])
  })
})
