import { describe, expect, it } from 'vitest'
import { identityAuthorityConfig, identityConfig } from './config.js'

const common = {
  member: 'town',
  grpc: { host: '127.0.0.1', port: 0, certificate: 'c.pem', key: 'k.pem' },
  admin: { host: '127.0.0.1', port: 0 },
  bus: { url: 'nats://127.0.0.1:1', neighbours: {} },
  federation: { source: 'list.jws', cache: 'cache.jws', signer: 'signer', signerKeys: [{}] },
  postgres: { host: '127.0.0.1', port: 1, database: 'd', user: 'u', passwordFile: 'p', schema: 'identity' },
  seal: { signKey: 'sign.jwk', sealKey: 'seal.jwk' },
}
const agency = { ...common, tokenKey: 'token.jwk', clients: [] }
const authority = {
  ...common,
  ticketKey: 'ticket.jwk',
  registerKey: 'register.key',
  pseudonymSecrets: [{ epoch: 1, file: 'epoch-1.key' }],
}
const accepts = (schema: typeof identityConfig | typeof identityAuthorityConfig, value: object) =>
  schema.safeParse(value).success

describe('the configuration', () => {
  it('of an agency refuses an unknown key, a missing key and tokens of more than an hour', () => {
    expect(accepts(identityConfig, { ...agency, other: 1 })).toBe(false)
    expect(accepts(identityConfig, { ...agency, tokenKey: undefined })).toBe(false)
    expect(accepts(identityConfig, { ...agency, accessTokenSeconds: 3601 })).toBe(false)
  })

  it('of the authority refuses no epoch, three epochs, an epoch twice and tickets of more than a day', () => {
    const epochs = (...numbers: number[]) => numbers.map((epoch) => ({ epoch, file: 'f' }))
    for (const pseudonymSecrets of [[], epochs(1, 2, 3), epochs(1, 1), epochs(0)])
      expect(accepts(identityAuthorityConfig, { ...authority, pseudonymSecrets })).toBe(false)
    expect(accepts(identityAuthorityConfig, { ...authority, ticketSeconds: 86_401 })).toBe(false)
  })

  it('of the authority refuses a country that is no code, and a quota of nothing for everybody', () => {
    expect(accepts(identityAuthorityConfig, { ...authority, completeForBirthsIn: ['FR'] })).toBe(false)
    expect(accepts(identityAuthorityConfig, { ...authority, pivotsPerDay: 0 })).toBe(false)
    expect(accepts(identityAuthorityConfig, { ...authority, pivotsPerDayOf: { town: -1 } })).toBe(false)
    expect(accepts(identityAuthorityConfig, { ...authority, pivotsPerDayOf: { town: 0 } })).toBe(true)
  })

  it('has its defaults', () => {
    expect(identityConfig.parse(agency).accessTokenSeconds).toBe(600)
    expect(identityAuthorityConfig.parse(authority)).toMatchObject({
      loginSeconds: 1800,
      ticketSeconds: 3600,
      completeForBirthsIn: [],
      pivotsPerDay: 5000,
      pivotsPerDayOf: {},
    })
  })
})
