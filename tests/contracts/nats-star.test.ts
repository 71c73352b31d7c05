import { type Account, decode, encodeAccount } from '@nats-io/jwt'
import { headers } from '@nats-io/transport-node'
import { natsFederation } from '@unefois/deploy/sandbox/nats-accounts'
import type { NatsGraph, NatsService } from '@unefois/deploy/sandbox/nats-graph'
import { inMemory, keyPair } from '@unefois/deploy/sandbox/nats-keys'
import type { MemberId } from '@unefois/proto/ids'
import { callPattern, callSubject, parseServed, serveSubject } from '@unefois/proto/subjects'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { insist, type Peer, startStar, textsOf } from './_nats-star.js'

const caf = 'caf' as MemberId
const dgfip = 'dgfip' as MemberId
const mallory = 'mallory' as MemberId
const trudy = 'trudy' as MemberId

const services: NatsService[] = [
  {
    name: 'documents',
    calls: { home: ['consent'], mesh: [{ service: 'documents', members: '*' }] },
    serves: { home: true, mesh: true },
  },
  { name: 'consent', calls: { home: [], mesh: [] }, serves: { home: true, mesh: true } },
  {
    name: 'identity',
    calls: { home: ['consent'], mesh: [{ service: 'identity', members: [dgfip] }] },
    serves: { home: false, mesh: true },
  },
]
const graph: NatsGraph = { members: [caf, dgfip, mallory, trudy].map((id) => ({ id, services })) }

const wide = ['>', 'rpc.>', 'serve.>', '_INBOX.>', '_R_.>']
const method = 'ReleaseEvidence'

describe.each(['one-server', 'hub-and-leaves'] as const)('on %s:', (topology) => {
  const leaves = topology === 'hub-and-leaves'
  // Every account that a hostile pair of members holds the key of, and so may mint unrestricted users in.
  const hostileAccounts = [
    'members/mallory/mesh-calling',
    'members/mallory/mesh-serving',
    'members/mallory/home',
    'members/mallory/documents/home-calling',
    'members/mallory/documents/home-serving',
    'members/trudy/mesh-calling',
    'members/trudy/mesh-serving',
    ...(leaves ? ['members/mallory/leaf-calling', 'members/mallory/leaf-serving'] : []),
  ]
  let star: Awaited<ReturnType<typeof startStar>>
  /** documents of caf calls; documents of dgfip answers, except to the method `Hold`. */
  let caller: Peer
  let provider: Peer
  let meshKey: (member: MemberId) => string

  beforeAll(async () => {
    star = await startStar(graph, topology)
    meshKey = (member) => star.keyOf(`members/${member}/mesh-calling`)
  })
  afterAll(() => star.stop())

  beforeEach(async () => {
    caller = await star.as(caf, 'documents', 'meshCalling')
    provider = await star.as(dgfip, 'documents', 'meshServing')
    await provider.listen(serveSubject(dgfip, 'documents'), {
      queue: 'documents',
      answer: (message) => (message.subject.includes('.Hold.') ? undefined : `answer to ${message.string()}`),
    })
    await vi.waitFor(() => ask('are you there?', 200), { timeout: 5000 })
    provider.heard.splice(0)
  })
  afterEach(() => star.closePeers())

  const toDgfip = (callerKey: string, name = method) =>
    callSubject({ member: dgfip, service: 'documents', method: name, callerKey })

  async function ask(text: string, timeout = 2000): Promise<string> {
    return (await caller.nc.request(toDgfip(caller.callerKey), text, { timeout })).string()
  }

  /**
   * Whatever a hostile peer sent or subscribed to before this has reached the hub and the provider, or never will: two
   * messages of mallory's own have gone the same ways since, one over each link of its leaf.
   */
  async function settle(): Promise<void> {
    const answering = await star.as(mallory, 'documents', 'meshServing')
    await answering.listen(serveSubject(mallory, 'documents'), { answer: () => 'settled' })
    const subject = callSubject({ member: mallory, service: 'documents', method, callerKey: caller.callerKey })
    await vi.waitFor(() => caller.nc.request(subject, 'settle', { timeout: 200 }), { timeout: 5000 })
    const asking = await star.as(mallory, 'documents', 'meshCalling')
    await asking.nc.request(toDgfip(asking.callerKey), 'settle', { timeout: 2000 })
  }

  /** An honest message, sent after the hostile ones were processed, is all that the provider heard. */
  async function expectOnlyTheHonestCall(): Promise<void> {
    await settle()
    expect(await ask('honest')).toBe('answer to honest')
    expect(textsOf(provider)).toEqual(['settle', 'honest'])
  }

  describe('a member that speaks as another', () => {
    it('is refused with the credential it was given', async () => {
      const hostile = await star.as(mallory, 'documents', 'meshCalling')
      for (const forged of [toDgfip(meshKey(caf)), `serve.dgfip.documents.${method}.${meshKey(caf)}`]) {
        hostile.nc.publish(forged, 'forged')
        await hostile.refused('publish', forged)
      }
      await expectOnlyTheHonestCall()
    })

    it('cannot answer its way to a call either: a serving credential publishes nothing unasked', async () => {
      const hostile = await star.as(mallory, 'documents', 'meshServing')
      for (const forged of [toDgfip(meshKey(caf)), toDgfip(meshKey(mallory)), '_R_.forged.reply']) {
        hostile.nc.publish(forged, 'forged')
        await hostile.refused('publish', forged)
      }
      await expectOnlyTheHonestCall()
    })

    it.each(hostileAccounts)('is not carried from %s, whatever user it mints there', async (account) => {
      const hostile = await star.minted(account)
      const keys = [caf, dgfip].map(meshKey)
      for (const key of [...keys, star.keyOf('mesh'), '*', 'x'])
        for (const prefix of ['rpc', 'serve', 'rpc.rpc', '$SYS.rpc'])
          hostile.nc.publish(`${prefix}.dgfip.documents.${method}.${key}`.replaceAll('*', '_'), 'forged')
      await hostile.nc.flush()
      await expectOnlyTheHonestCall()
    })

    it('is heard under its own key and no other', async () => {
      const hostile = await star.minted('members/mallory/mesh-calling')
      await hostile.nc.request(toDgfip(meshKey(mallory)), 'own name', { timeout: 2000 })
      expect(provider.heard.map(({ subject }) => parseServed(subject)?.callerKey)).toEqual([meshKey(mallory)])
    })
  })

  describe('a member that answers for another', () => {
    it('is refused with the credentials it was given', async () => {
      for (const kind of ['meshCalling', 'meshServing'] as const) {
        const hostile = await star.as(mallory, 'documents', kind)
        for (const subject of ['serve.dgfip.documents.*.*', 'serve.dgfip.>', 'rpc.dgfip.documents.>']) {
          await hostile.listen(subject, { queue: 'documents' })
          await hostile.refused('subscription', subject)
        }
      }
      await expectOnlyTheHonestCall()
    })

    it('hears none of its calls, whatever queue group it joins with users it mints', async () => {
      const hostile = await Promise.all(hostileAccounts.map((account) => star.minted(account)))
      for (const peer of hostile)
        for (const subject of ['serve.dgfip.documents.*.*', 'serve.dgfip.>', 'rpc.dgfip.documents.>'])
          for (const queue of ['documents', undefined])
            await peer.listen(subject, { ...(queue ? { queue } : {}), answer: () => 'stolen' })
      await settle()
      for (let n = 0; n < 50; n++) expect(await ask(`call ${n}`)).toBe(`answer to call ${n}`)
      expect(textsOf(provider)).toHaveLength(1 + 50)
      // Its own call to the provider is heard in its own account.
      expect(textsOf(...hostile)).toEqual(['settle'])
    })
  })

  describe('a member that listens to others', () => {
    it.each(['documents', 'identity'])('is refused with the credentials its %s was given', async (service) => {
      for (const kind of ['meshCalling', 'meshServing'] as const) {
        const hostile = await star.as(mallory, service, kind)
        for (const subject of wide) {
          await hostile.listen(subject)
          await hostile.refused('subscription', subject)
        }
      }
    })

    it('hears neither request nor reply with users it mints', async () => {
      const listeners = await Promise.all(hostileAccounts.map((account) => star.minted(account)))
      for (const peer of listeners) for (const subject of wide) await peer.listen(subject)
      await settle()
      await ask('secret')
      // A call among the hostile, and one public word in each account, prove that the listeners are not deaf.
      const friend = await star.as(trudy, 'documents', 'meshCalling')
      const toMallory = callSubject({ member: mallory, service: 'documents', method, callerKey: friend.callerKey })
      for (const peer of listeners) {
        peer.nc.publish('marker', 'own marker')
        await peer.hears('own marker')
      }
      for (const account of ['members/mallory/mesh-serving', ...(leaves ? ['members/mallory/leaf-serving'] : [])]) {
        const listener = listeners[hostileAccounts.indexOf(account)] as Peer
        await insist(() => friend.nc.publish(toMallory, 'marker'), listener.hears('marker'))
      }
      // What mallory itself asks and answers while settling is its own to hear.
      const own = ['settle', 'settled', 'answer to settle', 'own marker', 'marker']
      expect(textsOf(...listeners).filter((text) => !own.includes(text))).toEqual([])
    })
  })

  describe('a service that speaks or listens as its neighbour', () => {
    const toConsent = (callerKey: string) =>
      callSubject({ member: caf, service: 'consent', method: 'Check', callerKey })
    let consent: Peer
    beforeEach(async () => {
      consent = await star.as(caf, 'consent', 'homeServing')
      await consent.listen(serveSubject(caf, 'consent'), { queue: 'consent', answer: () => 'yes' })
    })
    const askAtHome = async (times = 1) => {
      const neighbour = await star.as(caf, 'documents', 'homeCalling')
      for (let n = 0; n < times; n++)
        expect((await neighbour.nc.request(toConsent(neighbour.callerKey), 'honest', { timeout: 2000 })).string()).toBe(
          'yes',
        )
      expect(consent.heard.map((message) => message.string())).toEqual(Array(times).fill('honest'))
    }
    const documentsKey = () => star.keyOf('members/caf/documents/home-calling')

    it('is refused at home with the credential it was given', async () => {
      const hostile = await star.as(caf, 'identity', 'homeCalling')
      hostile.nc.publish(toConsent(documentsKey()), 'forged')
      await hostile.refused('publish', toConsent(documentsKey()))
      await askAtHome()
    })

    it('is carried from none of its home accounts, whatever user is minted there', async () => {
      for (const account of ['members/caf/identity/home-calling', 'members/caf/identity/home-serving']) {
        const hostile = await star.minted(account)
        hostile.nc.publish(toConsent(documentsKey()), 'forged')
        hostile.nc.publish(`serve.caf.consent.Check.${documentsKey()}`, 'forged')
        for (const subject of ['>', 'serve.caf.consent.*.*']) await hostile.listen(subject, { queue: 'consent' })
        await hostile.nc.flush()
      }
      await askAtHome(20)
    })

    it('is refused on the mesh, where it shares the accounts of its member', async () => {
      const serving = await star.as(dgfip, 'identity', 'meshServing')
      for (const subject of ['serve.dgfip.documents.*.*', 'serve.dgfip.*.*.*', '_R_.>'])
        for (const queue of [undefined, 'documents']) {
          await serving.listen(subject, queue ? { queue } : {})
          await serving.refused('subscription', subject)
        }
      const calling = await star.as(caf, 'identity', 'meshCalling')
      for (const subject of ['_INBOX.>', '_INBOX.documents.>', 'rpc.>']) {
        await calling.listen(subject)
        await calling.refused('subscription', subject)
      }
      await expectOnlyTheHonestCall()
      expect([...serving.heard, ...calling.heard]).toEqual([])
    })
  })

  describe('a chosen reply subject', () => {
    it.each([
      ['a call in the name of the one who answers', () => callSubject({ ...deliver, callerKey: meshKey(dgfip) })],
      ['a call in the name of the one who asks', () => callSubject({ ...deliver, callerKey: meshKey(mallory) })],
      ['what the victim serves', () => `serve.caf.documents.deliver.${meshKey(dgfip)}`],
      ["the victim's inbox", () => '_INBOX.documents.victim'],
    ])('makes no deputy of an honest provider: %s', async (_what, replyTo) => {
      const victim = await star.as(caf, 'documents', 'meshServing')
      await victim.listen(serveSubject(caf, 'documents'))
      await caller.listen('_INBOX.documents.>')
      const home = await star.minted('members/mallory/mesh-calling')
      await home.listen('>')
      const hostile = await star.as(mallory, 'documents', 'meshCalling')
      hostile.nc.publish(toDgfip(meshKey(mallory)), 'deputy', { reply: replyTo() })
      // The answer comes back to the asker's own account and ends there, even where a call would have left it.
      expect((await home.hears('answer to deputy')).subject).toBe(replyTo())
      const friend = await star.as(dgfip, 'documents', 'meshCalling')
      const subject = callSubject({ ...deliver, callerKey: friend.callerKey })
      await insist(() => friend.nc.publish(subject, 'marker'), victim.hears('marker'))
      expect(await ask('honest')).toBe('answer to honest')
      expect(textsOf(victim)).toEqual(['marker'])
      expect(textsOf(caller).filter((text) => text.includes('deputy'))).toEqual([])
    })

    it('that the broker could have made is not accepted', async () => {
      const hostile = await star.minted('members/mallory/mesh-calling')
      hostile.nc.publish(toDgfip(meshKey(mallory)), 'deputy', { reply: '_R_.chosen.subject' })
      await hostile.nc.flush()
      await expectOnlyTheHonestCall()
    })

    it('for a message trace is bound by what the user may publish, and by its own name', async () => {
      const victim = await star.as(caf, 'consent', 'meshServing')
      await victim.listen(serveSubject(caf, 'consent'))
      const given = await star.as(mallory, 'documents', 'meshCalling')
      const minted = await star.minted('members/mallory/mesh-calling')
      const traceTo = (key: string) => callSubject({ ...deliver, service: 'consent', callerKey: key })
      const trace = (peer: Peer, dest: string) => {
        const traced = headers()
        traced.set('Nats-Trace-Dest', dest)
        peer.nc.publish(toDgfip(meshKey(mallory)), 'traced', { headers: traced })
      }
      for (const key of [meshKey(mallory), meshKey(dgfip)]) {
        trace(given, traceTo(key))
        await given.refused('publish', traceTo(key))
      }
      trace(minted, traceTo(meshKey(dgfip)))
      await provider.hears('traced')
      await insist(() => minted.nc.publish(traceTo(meshKey(mallory)), 'marker'), victim.hears('marker'))
      expect(textsOf(victim)).toEqual(['marker'])
    })

    const deliver = { member: caf, service: 'documents', method: 'deliver' }
  })

  describe('a reply', () => {
    const inbox = '_INBOX.documents.one'
    const hold = async () => {
      await caller.listen(inbox)
      caller.nc.publish(toDgfip(caller.callerKey, 'Hold'), 'held', { reply: inbox })
      const held = await provider.hears('held')
      return { held, brokerInbox: held.reply ?? '' }
    }
    const expectOnlyTheTrueAnswer = async (held: { respond(text: string): boolean }) => {
      held.respond('true answer')
      await caller.hears('true answer')
      await settle()
      await ask('honest')
      expect(textsOf(caller)).toEqual(['true answer'])
    }

    it('cannot be forged by another member', async () => {
      const { held, brokerInbox } = await hold()
      const given = await star.as(mallory, 'documents', 'meshCalling')
      const minted = await Promise.all(hostileAccounts.map((account) => star.minted(account)))
      for (const subject of [inbox, brokerInbox]) {
        given.nc.publish(subject, 'forged')
        await given.refused('publish', subject)
        for (const peer of minted) peer.nc.publish(subject, 'forged')
      }
      for (const peer of minted) await peer.nc.flush()
      await settle()
      await expectOnlyTheTrueAnswer(held)
    })

    it('cannot be forged by a neighbour of either side, even one that knows where it goes', async () => {
      const { held, brokerInbox } = await hold()
      const neighbours = [
        await star.as(dgfip, 'consent', 'meshServing'),
        await star.as(dgfip, 'identity', 'meshCalling'),
        await star.as(caf, 'consent', 'meshServing'),
        await star.as(caf, 'identity', 'meshCalling'),
      ]
      for (const peer of neighbours)
        for (const subject of [inbox, brokerInbox]) {
          peer.nc.publish(subject, 'forged')
          await peer.refused('publish', subject)
        }
      await expectOnlyTheTrueAnswer(held)
    })

    it('is given once', async () => {
      const { held, brokerInbox } = await hold()
      await expectOnlyTheTrueAnswer(held)
      held.respond('second answer')
      await provider.refused('publish', brokerInbox)
    })
  })

  describe('a call that the graph does not draw', () => {
    it('between members is refused', async () => {
      const identity = await star.as(caf, 'identity', 'meshCalling')
      const calls = [
        toDgfip(identity.callerKey),
        callSubject({ member: mallory, service: 'identity', method, callerKey: identity.callerKey }),
      ]
      for (const subject of calls) {
        identity.nc.publish(subject, 'out of graph')
        await identity.refused('publish', subject)
      }
      await expectOnlyTheHonestCall()
    })

    it('inside a member is refused, and not carried for a user minted in the account', async () => {
      const documents = await star.as(caf, 'documents', 'homeServing')
      await documents.listen(serveSubject(caf, 'documents'))
      const key = star.keyOf('members/caf/identity/home-calling')
      const subject = callSubject({ member: caf, service: 'documents', method, callerKey: key })
      const given = await star.as(caf, 'identity', 'homeCalling')
      given.nc.publish(subject, 'out of graph')
      await given.refused('publish', subject)
      const minted = await star.minted('members/caf/identity/home-calling')
      minted.nc.publish(subject, 'out of graph')
      await minted.nc.flush()
      documents.nc.publish('marker', '')
      await documents.refused('publish', 'marker')
      expect(documents.heard).toEqual([])
    })
  })

  describe('a connection', () => {
    const refusal = { name: 'AuthorizationError' }

    it('without a credential is refused', async () => {
      for (const member of [undefined, caf])
        await expect(star.connectWith(undefined, member)).rejects.toMatchObject(refusal)
    })

    it('with an expired credential is refused', async () => {
      const expired = await natsFederation(graph, star.store, {
        topology,
        usersExpireAt: new Date(Date.now() - 60_000),
      })
      await expect(star.connectWith(expired.connections[0]?.creds, caf)).rejects.toMatchObject(refusal)
    })

    it('with a credential of an account the server was not given is refused', async () => {
      const elsewhere = await natsFederation(graph, inMemory(), { topology })
      await expect(star.connectWith(elsewhere.connections[0]?.creds, caf)).rejects.toMatchObject(refusal)
    })
  })

  if (leaves)
    describe('the credential of a leaf server', () => {
      it('opens no client connection, at the hub or at home', async () => {
        for (const { creds } of star.federation.leaves.get(mallory)?.remotes ?? [])
          for (const member of [undefined, mallory])
            await expect(star.connectWith(creds, member)).rejects.toMatchObject({ name: 'AuthorizationError' })
      })
    })

  describe('an honest call', () => {
    it('between members tells the provider which member asks', async () => {
      expect(await ask('a question')).toBe('answer to a question')
      const call = parseServed(provider.heard[0]?.subject ?? '')
      expect(call).toMatchObject({ member: dgfip, service: 'documents', method })
      expect(star.federation.callers.mesh.get(call?.callerKey ?? '')).toBe(caf)
    })

    it('between neighbours tells the provider which service asks', async () => {
      const consent = await star.as(caf, 'consent', 'homeServing')
      await consent.listen(serveSubject(caf, 'consent'), { answer: () => 'yes' })
      for (const service of ['documents', 'identity']) {
        const neighbour = await star.as(caf, service, 'homeCalling')
        const subject = callSubject({
          member: caf,
          service: 'consent',
          method: 'Check',
          callerKey: neighbour.callerKey,
        })
        expect((await neighbour.nc.request(subject, '', { timeout: 2000 })).string()).toBe('yes')
      }
      const keys = consent.heard.map(({ subject }) => parseServed(subject)?.callerKey ?? '')
      expect(keys.map((key) => star.federation.callers.home.get(caf)?.get(key))).toEqual(['documents', 'identity'])
    })

    it('is shared among the members of a queue group and answered once', async () => {
      const second = await star.as(dgfip, 'documents', 'meshServing')
      await second.listen(serveSubject(dgfip, 'documents'), { queue: 'documents', answer: () => 'second' })
      for (let n = 0; n < 100; n++) await ask(`call ${n}`)
      expect(provider.heard.length).toBeGreaterThan(10)
      expect(second.heard.length).toBeGreaterThan(10)
      expect(provider.heard.length + second.heard.length).toBe(100)
    })

    // A leaf does not learn that nobody listens: the caller's deadline ends the wait.
    if (!leaves)
      it('that nobody serves fails at once', async () => {
        const subject = callSubject({ member: trudy, service: 'documents', method, callerKey: caller.callerKey })
        await expect(caller.nc.request(subject, '', { timeout: 2000 })).rejects.toMatchObject({ name: 'RequestError' })
      })
  })

  if (!leaves)
    describe('a server whose accounts change', () => {
      afterEach(() => star.reload(star.federation.server))

      it("does not join an account whose claims carry another's key, even signed by the operator", async () => {
        const hostile = keyPair(star.store, 'account', 'members/mallory/mesh-calling')
        const { nats } = decode<Account>(star.federation.server.accounts.get(hostile.getPublicKey()) ?? '')
        const subject = callPattern({ callerKey: meshKey(caf) })
        const imports = [{ name: 'mesh', account: star.keyOf('mesh'), subject, type: 'service' as const }]
        const signer = keyPair(star.store, 'operator', 'operator')
        const jwt = await encodeAccount('forged', hostile, { ...nats, imports }, { signer })
        const accounts = new Map(star.federation.server.accounts).set(hostile.getPublicKey(), jwt)
        await star.reload({ ...star.federation.server, accounts })
        const peer = await star.minted('members/mallory/mesh-calling')
        peer.nc.publish(toDgfip(meshKey(caf)), 'forged')
        await peer.nc.flush()
        expect(await ask('honest')).toBe('answer to honest')
        expect(textsOf(provider)).toEqual(['honest'])
      })

      it('takes in a new member without cutting the others off', async () => {
        const newcomer = 'newcomer' as MemberId
        const grown = await natsFederation({ members: [...graph.members, { id: newcomer, services }] }, star.store)
        await star.reload(grown.server)
        const serving = await star.with(grown, newcomer, 'documents', 'meshServing')
        await serving.listen(serveSubject(newcomer, 'documents'), { answer: () => 'welcome' })
        const subject = callSubject({ member: newcomer, service: 'documents', method, callerKey: caller.callerKey })
        expect((await caller.nc.request(subject, '', { timeout: 2000 })).string()).toBe('welcome')
        const calling = await star.with(grown, newcomer, 'documents', 'meshCalling')
        await calling.nc.request(toDgfip(calling.callerKey), 'hello', { timeout: 2000 })
        const key = parseServed((await provider.hears('hello')).subject)?.callerKey ?? ''
        expect(grown.callers.mesh.get(key)).toBe(newcomer)
      })
    })
})
