import { randomUUID } from 'node:crypto'
import { ExchangeMode } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type Subscription, SubscriptionState } from '@unefois/proto/gen/unefois/documents/v1/changes'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { gatewayForTest, subject, systemToken } from '../gateway.fixture.js'

const subscriptionId = randomUUID()
const standing: Subscription = {
  ...{
    subscriptionId,
    subject,
    provider: 'fund',
    evidenceType: 'resources',
    purpose: 'school-meals',
    procedure: 'meals',
  },
  basisId: `b1.${'B'.repeat(22)}`,
  mode: ExchangeMode.EXCHANGE_MODE_INFORMATION,
  state: SubscriptionState.SUBSCRIPTION_STATE_IN_FORCE,
  ...{ askedAtMs: 1_700_000_000_000, untilMs: 1_700_000_001_000, changedAtMs: 0, endedAtMs: 0 },
}
const token = systemToken('hall')
const wish = {
  ...{ subject, provider: 'fund', evidenceType: 'resources', purpose: 'school-meals', procedure: 'meals' },
  basisId: standing.basisId,
}

const open = async (changes: object) => {
  const gateway = await gatewayForTest('agency', { changes })
  const ask = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, key?: string) => {
    const headers = { authorization: `Bearer ${token}`, ...(key && { 'idempotency-key': key }) }
    const answer = await gateway.app.inject({ method, url, headers, ...(payload && { payload }) })
    return { status: answer.statusCode, body: answer.json() }
  }
  return { gateway, ask }
}

describe('the subscriptions of an agency', () => {
  it('are refused as the service refuses them, and never made of what makes no sense', async () => {
    const refuse = async () => {
      throw new MeshError('CHANGES_NOT_AUTHORISED')
    }
    const { ask } = await open({ subscribeToChanges: refuse })
    expect(await ask('POST', '/v1/subscriptions', wish)).toMatchObject({
      status: 403,
      body: { reason: 'CHANGES_NOT_AUTHORISED' },
    })
    for (const given of [{ subject: 'ada' }, { basisId: 'x' }, { more: 1 }, { provider: '' }])
      expect((await ask('POST', '/v1/subscriptions', { ...wish, ...given })).body.reason).toBe('REQUEST_INVALID')
    expect((await ask('GET', '/v1/subscriptions?state=none-such')).body.reason).toBe('REQUEST_INVALID')
    expect((await ask('GET', '/v1/subscriptions/x')).body.reason).toBe('REQUEST_INVALID')
    expect((await ask('DELETE', `/v1/subscriptions/${subscriptionId}`)).body.reason).toBe('IDEMPOTENCY_KEY_MISSING')
    const change = { subject, evidenceType: 'resources' }
    expect((await ask('POST', '/v1/changes', change)).body.reason).toBe('IDEMPOTENCY_KEY_MISSING')
  })

  it('are made, listed, read and ended, and changes reported, under the token and key of who asks', async () => {
    const { gateway, ask } = await open({
      subscribeToChanges: async () => ({ subscription: standing }),
      getSubscription: async () => ({ subscription: { ...standing, state: 3, endedAtMs: 1_700_000_000_500 } }),
      listSubscriptions: async () => ({ subscriptions: [standing], nextPageToken: subscriptionId }),
      endSubscription: async () => ({ endedAtMs: 1_700_000_000_500 }),
      reportChange: async () => ({}),
    })
    const shown = { id: subscriptionId, state: 'in-force', mode: 'information', changedAt: null, endedAt: null }
    const at = '2023-11-14T22:13:20.500Z'
    expect((await ask('POST', '/v1/subscriptions', wish)).body.subscription).toMatchObject(shown)
    expect((await ask('GET', `/v1/subscriptions/${subscriptionId}`)).body.subscription).toMatchObject({
      state: 'ended',
      endedAt: at,
    })
    const listed = await ask('GET', `/v1/subscriptions?state=in-force&subject=${subject}&pageSize=1`)
    expect(listed.body).toMatchObject({ subscriptions: [shown], nextPageToken: subscriptionId })
    const ended = await ask('DELETE', `/v1/subscriptions/${subscriptionId}`, undefined, 'a-key-of-mine')
    expect(ended.body).toEqual({ endedAt: at })
    const change = { subject, evidenceType: 'resources' }
    expect((await ask('POST', '/v1/changes', change, 'another-key')).status).toBe(201)
    expect(gateway.calls.map(({ rpc }) => rpc)).toEqual(
      ['subscribeToChanges', 'getSubscription', 'listSubscriptions', 'endSubscription', 'reportChange'].map(
        (rpc) => `changes.${rpc}`,
      ),
    )
    expect(gateway.calls.every(({ call }) => call.accessToken === token)).toBe(true)
    expect(gateway.calls.map(({ call }) => call.idempotencyKey)).toEqual([
      ...[undefined, undefined, undefined],
      ...['a-key-of-mine', 'another-key'],
    ])
    expect(gateway.calls[2]?.request).toMatchObject({ state: 2, subject, pageSize: 1 })
  })
})
