import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessTokenVerifier } from '@unefois/chassis/access-token'
import { because, readableLog, stoppedClock } from '@unefois/chassis/contract.fixture'
import { FederationCache } from '@unefois/chassis/federation-cache'
import { accessTokenType } from '@unefois/proto/access-token'
import type { FederationClaims } from '@unefois/proto/federation-list'
import type { MemberId } from '@unefois/proto/ids'
import type { PrivateKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FederationFixture } from './_federation-fixture.js'

const [north, south] = ['north', 'south'] as [MemberId, MemberId]
const day = 86_400_000
let dir: string
let clock: ReturnType<typeof stoppedClock>
let logged: ReturnType<typeof readableLog>
let federation: FederationFixture
const opened: FederationCache[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'unefois-list-'))
  clock = stoppedClock()
  logged = readableLog()
  federation = new FederationFixture([
    { id: north, services: ['documents'] },
    { id: south, services: ['documents'] },
  ])
})
afterEach(() => {
  for (const cache of opened.splice(0)) cache.close()
  rmSync(dir, { recursive: true })
})

const seconds = (): number => Math.floor(clock.nowMs() / 1000)
const config = () => ({
  source: join(dir, 'source'),
  cache: join(dir, 'cache'),
  signer: federation.signer,
  signerKeys: federation.signerKeys,
})
const publish = (change: Partial<FederationClaims> = {}, key?: PrivateKey): void =>
  writeFileSync(config().source, `${federation.list({ iat: seconds(), ...change }, key)}\n`)
const open = async (): Promise<FederationCache> => {
  const cache = await FederationCache.open(config(), clock, logged.log)
  opened.push(cache)
  return cache
}
const currentOf = (cache: FederationCache): unknown => {
  try {
    return cache.current.claims.serial
  } catch (error) {
    return error
  }
}

describe('the federation list in force', () => {
  it.each<[string, () => void]>([
    ['no list anywhere', () => undefined],
    ['a list of another signer', () => publish({ iss: 'another-signer' })],
    ['a list under a key that is not pinned', () => publish({}, federation.keys('impostor', 'list').privateKey)],
    ['a list that has expired', () => publish({ iat: seconds() - 86_400 - 61, exp: seconds() - 61 })],
    ['a list that lives longer than a day', () => publish({ exp: seconds() + 86_401 })],
    ['a list of tomorrow', () => publish({ iat: seconds() + 120, exp: seconds() + 3600 })],
    ['no list at all in the file', () => writeFileSync(config().source, '{}')],
  ])('is none with %s: the process does not start', async (_, prepare) => {
    prepare()
    await expect(open()).rejects.toThrow('no usable federation list')
  })

  it.each<[string, () => void]>([
    ['a lower serial', () => publish({ serial: 4 })],
    [
      'a list under a key that is not pinned',
      () => publish({ serial: 9 }, federation.keys('impostor', 'list').privateKey),
    ],
    [
      'a list that was changed',
      () => {
        publish({ serial: 9 })
        const [header, payload, signature] = readFileSync(config().source, 'utf8').split('.')
        const changed = Buffer.from(payload ?? '', 'base64url')
          .toString()
          .replace('"serial":9', '"serial":8')
        writeFileSync(config().source, [header, Buffer.from(changed).toString('base64url'), signature].join('.'))
      },
    ],
    [
      'half a list',
      () => {
        publish({ serial: 9 })
        const whole = readFileSync(config().source, 'utf8')
        writeFileSync(config().source, whole.slice(0, whole.length / 2))
      },
    ],
    ['nothing', () => rmSync(config().source)],
  ])('stays when the source then gives %s', async (_, change) => {
    publish({ serial: 5 })
    const cache = await open()
    let told = 0
    cache.onChange(() => told++)
    change()
    await cache.refresh()
    expect(currentOf(cache)).toBe(5)
    expect(told).toBe(0)
    expect(logged.lines().map(({ msg }) => msg)).toContain(
      'the federation list was not renewed; the one in force goes on',
    )
  })

  it('refuses a lower serial after a restart too', async () => {
    publish({ serial: 5 })
    const first = await open()
    first.close()
    publish({ serial: 4 })
    expect(currentOf(await open())).toBe(5)
  })

  it('goes on from its cache without the source, and ends 24 hours after it was signed', async () => {
    publish({ serial: 5 })
    const first = await open()
    rmSync(config().source)
    clock.advance(day - 1)
    expect(currentOf(first)).toBe(5)
    const restarted = await open()
    expect(currentOf(restarted)).toBe(5)
    clock.advance(1)
    for (const cache of [first, restarted]) expect(currentOf(cache)).toMatchObject(because('FEDERATION_LIST_EXPIRED'))
    publish({ serial: 6 })
    await restarted.refresh()
    expect(currentOf(restarted)).toBe(6)
  })

  it('takes a newer list, and the same serial signed anew, and tells who listens', async () => {
    publish({ serial: 5 })
    const cache = await open()
    let told = 0
    cache.onChange(() => told++)
    await cache.refresh()
    expect(told).toBe(0)
    clock.advance(3_600_000)
    publish({ serial: 5 })
    await cache.refresh()
    publish({ serial: 6 })
    await cache.refresh()
    expect(told).toBe(2)
    clock.advance(day - 1)
    expect(currentOf(cache)).toBe(6)
  })

  it('is in force although its cache cannot be written', async () => {
    mkdirSync(config().cache)
    publish({ serial: 5 })
    const cache = await open()
    let told = 0
    cache.onChange(() => told++)
    publish({ serial: 6 })
    await cache.refresh()
    expect([currentOf(cache), told]).toEqual([6, 1])
    expect(logged.text()).toContain('could not be kept for a restart')
  })

  it('keeps its cache readable by itself alone, and whole', async () => {
    publish()
    await open()
    expect(readFileSync(config().cache, 'utf8')).toBe(readFileSync(config().source, 'utf8').trim())
    expect(existsSync(`${config().cache}.${process.pid}`)).toBe(false)
  })

  it('leaves out an authorisation that its provider did not sign, and says so', async () => {
    const about = { iss: north, requester: south, iat: seconds() }
    const forged = federation.authorisation(about, federation.keys(federation.signer, 'list').privateKey)
    publish({ authorisations: [forged, 'garbage', federation.authorisation({ ...about, purpose: 'errand' })] })
    const cache = await open()
    expect(cache.current.authorisationsInForce(seconds())).toHaveLength(1)
    const warnings = logged.lines().filter(({ msg }) => String(msg).includes('left out'))
    expect(warnings).toHaveLength(2)
  })
})

describe("an agency's access token", () => {
  const claims = () => ({
    iss: north,
    aud: north,
    sub: 'erp',
    client_id: 'erp',
    jti: 'jti',
    iat: seconds(),
    exp: seconds() + 600,
    scope: 'read write',
  })
  const person = { sub: 'p1.1.AAAAAAAAAAAAAAAAAAAAAA', acr: 'eidas2', auth_time: 1, lgh: 'handle' }
  const sign = (change: object = {}, key = federation.keys(north, 'token').privateKey): string =>
    signToken(accessTokenType, { ...claims(), ...change } as never, key)
  const verifier = async () => {
    publish()
    const cache = await open()
    return { cache, verify: accessTokenVerifier(north, cache, clock) }
  }
  const refusal = (work: () => unknown): unknown => {
    try {
      return work()
    } catch (error) {
      return error
    }
  }

  it.each<[string, () => string, string]>([
    ['another agency’s', () => sign({ iss: south }, federation.keys(south, 'token').privateKey), 'TOKEN_KEY_UNKNOWN'],
    ['one for another audience', () => sign({ aud: south }), 'TOKEN_AUDIENCE_WRONG'],
    [
      'one under a key of another use',
      () => sign({}, federation.keys(north, 'statement').privateKey),
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      'one under a service’s key',
      () => sign({}, federation.keys(north, 'sign', 'documents').privateKey),
      'TOKEN_KEY_UNKNOWN',
    ],
    [
      'one in the name of another’s key',
      () => sign({}, { ...federation.keys(south, 'token').privateKey, kid: 'north.token' }),
      'TOKEN_SIGNATURE_INVALID',
    ],
    ['one that has expired', () => sign({ iat: seconds() - 700, exp: seconds() - 100 }), 'TOKEN_EXPIRED'],
    ['one that lives too long', () => sign({ exp: seconds() + 3601 }), 'TOKEN_CLAIMS_INVALID'],
    ['one of tomorrow', () => sign({ iat: seconds() + 100 }), 'TOKEN_NOT_YET_VALID'],
    ['what is no token', () => 'a.b.c', 'TOKEN_MALFORMED'],
  ])('is refused when it is %s', async (_, token, reason) => {
    const { verify } = await verifier()
    for (let twice = 0; twice < 2; twice++) expect(refusal(() => verify(token()))).toMatchObject(because(reason))
  })

  it('stands for a system with its scopes', async () => {
    const { verify } = await verifier()
    expect(verify(sign())).toEqual({ kind: 'system', clientId: 'erp', scopes: ['read', 'write'] })
    expect(verify(sign({ scope: undefined }))).toMatchObject({ scopes: [] })
  })

  it('stands for a person with the level and the time of the login', async () => {
    const { verify } = await verifier()
    expect(verify(sign(person))).toEqual({
      kind: 'person',
      clientId: 'erp',
      subject: person.sub,
      acr: 'eidas2',
      authTimeSeconds: 1,
      loginHandle: 'handle',
    })
  })

  it('is refused once it has expired, although it was verified before', async () => {
    const { verify } = await verifier()
    const token = sign()
    verify(token)
    clock.advance(600_000 + 59_000)
    verify(token)
    clock.advance(1000)
    expect(refusal(() => verify(token))).toMatchObject(because('TOKEN_EXPIRED'))
  })

  it('is refused once the list has another key, although it was verified before', async () => {
    const { cache, verify } = await verifier()
    const token = sign()
    verify(token)
    const members = federation.claims({ iat: seconds() }).members.map((member) => ({
      ...member,
      keys: member.keys.filter(({ use }) => use !== 'token'),
    }))
    publish({ serial: 2, members })
    await cache.refresh()
    expect(refusal(() => verify(token))).toMatchObject(because('TOKEN_KEY_UNKNOWN'))
  })
})
