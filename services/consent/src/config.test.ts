import { describe, expect, it } from 'vitest'
import { consentAuthorityConfig, consentConfig } from './config.js'

const common = {
  member: 'asker',
  grpc: { host: '127.0.0.1', port: 0, certificate: 'certificate', key: 'key' },
  admin: { host: '127.0.0.1', port: 0 },
  bus: { url: 'tls://127.0.0.1:4222', neighbours: {} },
  federation: { source: 'list', cache: 'cache', signer: 'signer', signerKeys: [{}] },
  postgres: { host: '127.0.0.1', port: 1, database: 'd', user: 'u', passwordFile: 'p', schema: 'consent' },
  seal: { signKey: 'sign', sealKey: 'seal' },
  statementKey: 'statement',
}
const authority = { ...common, publicUrl: 'https://assent.example' }

describe('the configuration', () => {
  it('refuses a missing or an unknown key', () => {
    const { statementKey: _, ...without } = common
    expect(consentConfig.safeParse(without).success).toBe(false)
    expect(consentConfig.safeParse({ ...common, publicUrl: 'https://assent.example' }).success).toBe(false)
    expect(consentAuthorityConfig.safeParse(common).success).toBe(false)
  })

  it.each([
    { publicUrl: 'https://assent.example/consent' },
    { publicUrl: 'assent' },
    { leaseMs: 0 },
    { requestMinutes: 0 },
  ])('refuses %j', (over) => {
    expect(consentAuthorityConfig.safeParse({ ...authority, ...over }).success).toBe(false)
  })

  it('has a lease of ten seconds and an hour to answer', () => {
    expect(consentConfig.parse(common)).toMatchObject({ statementKey: 'statement' })
    expect(consentAuthorityConfig.parse(authority)).toMatchObject({ leaseMs: 10_000, requestMinutes: 60 })
  })
})
