import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from '@nats-io/jwt'
import { fromSeed } from '@nats-io/nkeys'
import type { MemberId } from '@unefois/proto/ids'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type NatsFederation, natsFederation } from './nats-accounts.js'
import { natsConfig } from './nats-config.js'
import type { NatsGraph, NatsService } from './nats-graph.js'
import { inMemory, keyPair, loadOrCreate } from './nats-keys.js'

const caf = 'caf' as MemberId
const dgfip = 'dgfip' as MemberId
const cpam = 'cpam' as MemberId
const documents: NatsService = {
  name: 'documents',
  calls: { home: ['consent'], mesh: [{ service: 'documents', members: '*' }] },
  serves: { home: true, mesh: true },
}
const consent: NatsService = { name: 'consent', calls: { home: [], mesh: [] }, serves: { home: true, mesh: false } }
const graphOf = (...ids: MemberId[]): NatsGraph => ({
  members: ids.map((id) => ({ id, services: [documents, consent] })),
})
const listen = { name: 'bus', host: '127.0.0.1', port: 4222 }

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'unefois-keys-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const accountsThatDiffer = (before: NatsFederation, after: NatsFederation) =>
  [...after.server.accounts]
    .filter(([key, jwt]) => before.server.accounts.get(key) !== jwt)
    .map(([, jwt]) => decode(jwt).name)

describe('a graph', () => {
  const only = (service: NatsService): NatsGraph => ({ members: [{ id: caf, services: [service] }] })
  it.each<[string, NatsGraph]>([
    ['a member twice', graphOf(caf, caf)],
    ['a service twice', { members: [{ id: caf, services: [consent, consent] }] }],
    ['a member id that would shift the subject', graphOf('caf.documents' as MemberId)],
    ['a service that would widen the subject', only({ ...consent, name: '*' })],
    ['a neighbour that is not there', only({ ...consent, calls: { home: ['documents'], mesh: [] } })],
    [
      'a member that is not there',
      only({ ...consent, calls: { home: [], mesh: [{ service: 'documents', members: [dgfip] }] } }),
    ],
  ])('that names %s is refused', async (_what, graph) => {
    await expect(natsFederation(graph, inMemory())).rejects.toThrow(TypeError)
  })
})

describe('a key store', () => {
  it('lets nobody but its owner read a file', async () => {
    await natsFederation(graphOf(caf), loadOrCreate(join(dir, 'keys')))
    const entries = readdirSync(join(dir, 'keys'), { recursive: true, withFileTypes: true })
    const modes = entries.map((entry) => [entry.isFile(), statSync(join(entry.parentPath, entry.name)).mode & 0o777])
    expect(modes.every(([isFile, mode]) => mode === (isFile ? 0o600 : 0o700))).toBe(true)
    expect(modes.length).toBeGreaterThan(20)
  })

  it('makes a restart sign nothing anew', async () => {
    const first = await natsFederation(graphOf(caf, dgfip), loadOrCreate(dir))
    expect(await natsFederation(graphOf(caf, dgfip), loadOrCreate(dir))).toEqual(first)
  })

  it('makes a new member re-sign the joining account only', async () => {
    const before = await natsFederation(graphOf(caf, dgfip), loadOrCreate(dir))
    const after = await natsFederation(graphOf(caf, dgfip, cpam), loadOrCreate(dir))
    const fresh = accountsThatDiffer(before, after).filter((name) => !name.startsWith('members/cpam/'))
    expect(fresh).toEqual(['mesh'])
    expect(after.connections).toEqual(expect.arrayContaining([...before.connections]))
  })

  it('signs anew what was altered on disk', async () => {
    const first = await natsFederation(graphOf(caf), loadOrCreate(dir))
    const key = [...first.callers.mesh.keys()][0] ?? ''
    const jwt = first.server.accounts.get(key) ?? ''
    writeFileSync(join(dir, 'members/caf/mesh-calling.jwt'), `${jwt.slice(0, -4)}AAAA`)
    const second = await natsFederation(graphOf(caf), loadOrCreate(dir))
    expect(decode(second.server.accounts.get(key) ?? '').sub).toBe(key)
  })

  it("holds keys that are the library's own", () => {
    for (const kind of ['operator', 'account', 'user'] as const) {
      const ours = keyPair(inMemory(), kind, 'any')
      const theirs = fromSeed(ours.getSeed())
      const text = Buffer.from('signed')
      expect(ours.getPublicKey()).toBe(theirs.getPublicKey())
      expect(ours.getPrivateKey()).toEqual(theirs.getPrivateKey())
      expect(theirs.verify(text, ours.sign(text))).toBe(true)
      expect(ours.verify(text, theirs.sign(text))).toBe(true)
      expect(ours.verify(Buffer.from('other'), theirs.sign(text))).toBe(false)
    }
  })
})

describe('a federation', () => {
  it('gives a service the connections its part in the graph needs, and no other', async () => {
    const { connections } = await natsFederation(graphOf(caf), inMemory())
    expect(connections.map(({ service, kind }) => `${service} ${kind}`)).toEqual([
      'documents homeCalling',
      'documents homeServing',
      'documents meshCalling',
      'documents meshServing',
      'consent homeServing',
    ])
  })

  it('tells whom each caller key stands for', async () => {
    const { connections, callers } = await natsFederation(graphOf(caf, dgfip), inMemory())
    for (const { member, service, kind, callerKey = '' } of connections) {
      if (kind === 'meshCalling') expect(callers.mesh.get(callerKey)).toBe(member)
      if (kind === 'homeCalling') expect(callers.home.get(member)?.get(callerKey)).toBe(service)
    }
  })
})

describe('a server configuration', () => {
  it('refuses a name or host that would be read as configuration', async () => {
    const { server } = await natsFederation(graphOf(caf), inMemory())
    for (const text of ['a"b', 'a\nb', 'a\\b'])
      expect(() => natsConfig(server, { ...listen, name: text })).toThrow(TypeError)
  })

  it('admits nobody without a credential and stores nothing', async () => {
    const { server } = await natsFederation(graphOf(caf), inMemory())
    const text = natsConfig(server, listen)
    expect(text).not.toMatch(/no_auth_user|jetstream|resolver: URL/i)
    for (const [key, jwt] of server.accounts) expect(text).toContain(`${key}: ${jwt}`)
  })
})
