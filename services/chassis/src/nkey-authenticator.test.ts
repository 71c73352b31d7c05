import { encodeUser, fmtCreds } from '@nats-io/jwt'
import { createAccount, createUser, fromPublic } from '@nats-io/nkeys'
import { describe, expect, it } from 'vitest'
import { nkeyAuthenticator } from './nkey-authenticator.js'

const credsOf = async () => {
  const [user, account] = [createUser(), createAccount()]
  const jwt = await encodeUser('somebody', user, account)
  return { jwt, nkey: user.getPublicKey(), creds: new TextDecoder().decode(fmtCreds(jwt, user)) }
}

describe('nkeyAuthenticator', () => {
  it('refuses a file that holds no seed', () => {
    expect(() => nkeyAuthenticator('-----BEGIN NATS USER JWT-----\nx\n')).toThrow()
  })

  it('proves the user of the file with a signature that the broker can verify, and no other user', async () => {
    const { jwt, nkey, creds } = await credsOf()
    const proof = (await nkeyAuthenticator(creds)('a nonce')) as { jwt: string; nkey: string; sig: string }
    expect(proof).toMatchObject({ jwt, nkey })
    const signature = Buffer.from(proof.sig, 'base64url')
    expect(fromPublic(nkey).verify(Buffer.from('a nonce'), signature)).toBe(true)
    expect(fromPublic(nkey).verify(Buffer.from('another'), signature)).toBe(false)
    expect(fromPublic((await credsOf()).nkey).verify(Buffer.from('a nonce'), signature)).toBe(false)
  })
})
