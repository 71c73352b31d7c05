import { describe, expect, it } from 'vitest'
import { gatewayConfig } from './config.js'

const usable = {
  member: 'hall',
  admin: { host: '127.0.0.1', port: 0 },
  bus: { url: 'nats://127.0.0.1:4222', homeCalling: 'a.creds', neighbours: {} },
  federation: { source: 'list', cache: 'cache', signer: 'signer', signerKeys: [{}] },
  postgres: { host: 'h', port: 5432, database: 'd', user: 'u', passwordFile: 'p', schema: 'gateway' },
  kind: 'agency',
  http: { host: '127.0.0.1', port: 8080 },
  publicUrl: 'https://hall.test',
  oidc: { issuer: 'https://idp.test', clientId: 'hall', clientKey: 'key.json' },
  sessionKey: 'session.key',
}
const isRefused = (changes: object): boolean => !gatewayConfig.safeParse({ ...usable, ...changes }).success
const seal = { signKey: 'a', sealKey: 'b' }
const portalBus = { ...usable.bus, meshCalling: 'b.creds' }

describe('the configuration', () => {
  it.each([
    ['an unknown key', { tokenKey: 'token.json' }],
    ['plain http beyond the loopback address', { publicUrl: 'http://hall.test' }],
    ['a public URL with a path', { publicUrl: 'https://hall.test/' }],
    ['an identity provider over plain http', { oidc: { ...usable.oidc, issuer: 'http://idp.test' } }],
    ['an agency with a seal', { seal }],
    ['an agency that calls other members', { bus: portalBus }],
    ['a portal without a seal', { kind: 'portal', bus: portalBus }],
    ['a portal that cannot call members', { kind: 'portal', seal }],
    ['a kind that does not exist', { kind: 'hub' }],
    ['a portal that the national hub asks', { kind: 'portal', seal, bus: portalBus, hub: { tokenFile: 'hub.token' } }],
    ['a national hub without its token', { hub: {} }],
  ])('refuses %s', (_what, changes) => {
    expect(isRefused(changes)).toBe(true)
  })

  it('takes an agency, and a portal with its seal', () => {
    expect(isRefused({})).toBe(false)
    expect(isRefused({ hub: { tokenFile: 'hub.token' } })).toBe(false)
    expect(isRefused({ kind: 'portal', seal, bus: portalBus })).toBe(false)
  })
})
