import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { DeliveryServiceDefinition } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import {
  AgencyEventType,
  EventServiceDefinition,
  type WatchEventsResponse,
} from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import {
  ChangeServiceDefinition,
  EvidenceChanged,
  type Subscription,
  SubscriptionState,
} from '@unefois/proto/gen/unefois/documents/v1/changes'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askConsent, Session } from './_consent.js'
import { sharedFederation } from './_federation.js'
import { HostileMember } from './_raw-callers.js'
import { agreed, evidenceType, fund, Resident, stranger, town } from './_resident.js'
import { restOf } from './_rest.js'

const decision = 'decision-communale'
const help = 'communal-help'

let places: Places
let resident: Resident
let atFund: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  atFund = new AgencySystem(places, fund)
})
afterAll(() => {
  resident.leave()
  atFund.close()
})

const eventsOf = (system: AgencySystem) => system.service('documents', EventServiceDefinition)
const changesOf = (system: AgencySystem) => system.service('documents', ChangeServiceDefinition)
const within = { timeout: 15_000, interval: 50 }

/** The feed of an agency, read from a stream until it is left. */
class Watching {
  readonly seen: { type: AgencyEventType; reference: string }[] = []
  position: string
  readonly #leaving = new AbortController()
  readonly #done: Promise<void>

  constructor(messages: (signal: AbortSignal) => AsyncIterable<WatchEventsResponse>, position: string) {
    this.position = position
    this.#done = (async () => {
      for await (const message of messages(this.#leaving.signal)) {
        if (message.event) this.seen.push({ type: message.event.type, reference: message.event.reference })
        this.position = message.position
      }
    })()
  }

  static async of(system: AgencySystem, position: string): Promise<Watching> {
    const { accessToken = '' } = await system.call('events:read')
    const { watchEvents } = eventsOf(system)
    return new Watching((signal) => watchEvents({ position, types: [] }, { accessToken, signal }), position)
  }

  of(reference: string): AgencyEventType[] {
    return this.seen.filter((event) => event.reference === reference).map(({ type }) => type)
  }

  async leave(): Promise<string> {
    this.#leaving.abort()
    await this.#done
    return this.position
  }
}

/** Where the feed of an agency ends now. */
const endOf = async (system: AgencySystem): Promise<string> => {
  let position = ''
  for (;;) {
    const asked = { position, types: [], pageSize: 500, waitMs: 0 }
    const page = await eventsOf(system).listEvents(asked, await system.call('events:read'))
    if (page.events.length === 0) return page.position
    position = page.position
  }
}

const { AGENCY_EVENT_TYPE_EVIDENCE_CHANGED: changed, AGENCY_EVENT_TYPE_SUBSCRIPTION_ENDED: ended } = AgencyEventType

describe('the fund, which follows what the town decides', () => {
  let receiver: Server
  let taken: { headers: IncomingHttpHeaders; body: string }[]
  let watching: Watching
  let subscription: Subscription
  let secret: string
  let webhookId: string
  beforeAll(async () => {
    taken = []
    receiver = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part) => parts.push(part))
      request.on('end', () => {
        taken.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
        response.writeHead(204).end()
      })
    })
    await listen()
    watching = await Watching.of(atFund, await endOf(atFund))
  })
  afterAll(async () => {
    await watching.leave()
    await rest('DELETE', `/v1/webhooks/${webhookId}`)
    receiver.closeAllConnections()
    receiver.close()
  })

  const listen = async (): Promise<void> => {
    receiver.listen(places.port('webhook-receiver'), '127.0.0.1')
    await once(receiver, 'listening')
  }
  const rest = async (method: string, path: string, body?: object, scope = 'events:read') => {
    const { accessToken: token } = await atFund.call(scope)
    const headers = { 'idempotency-key': randomUUID() }
    return restOf(places, fund, { method, path, token, headers, ...(body && { body }) })
  }
  const declare = async (version: number, given: { dateDecision?: string; dateFin?: string }): Promise<void> => {
    const value = { decision: 'accord', dateDecision: '2026-09-01', dateFin: '2027-08-31', ...given }
    await resident.town.documents.declareEvidence(
      {
        subject: resident.subject,
        evidenceType: decision,
        valueJson: JSON.stringify(value),
        asOfMs: Date.now() - 1000,
        related: [],
        supersedesVersion: version - 1,
      },
      await resident.town.call('evidence:declare'),
    )
  }
  const delivered = () => taken.filter(({ body }) => JSON.parse(body).data.reference === subscription.subscriptionId)

  it('subscribes at its own REST door, and has its events delivered', async () => {
    await declare(1, {})
    const notice = resident.notice({
      ...{ subject: resident.atFund, provider: town, purpose: help, evidenceTypes: [decision] },
      textVersion: places.list().purpose(help).textVersion,
    })
    const { basisId } = await atFund.consent.recordNotice(notice, await atFund.call('notice:write'))
    const wish = {
      ...{ subject: resident.atFund, provider: town, evidenceType: decision },
      ...{ purpose: help, procedure: help, basisId },
    }
    const { body, reason } = await rest('POST', '/v1/subscriptions', wish, 'evidence:request')
    expect(reason).toBe('nothing')
    const made = body.subscription as { id: string; state: string }
    expect(made.state).toBe('in-force')
    const call = await atFund.call('evidence:request')
    const read = await changesOf(atFund).getSubscription({ subscriptionId: made.id }, call)
    subscription = read.subscription as Subscription
    const url = `http://127.0.0.1:${places.port('webhook-receiver')}/events`
    const hook = await rest('POST', '/v1/webhooks', { url, after: watching.position })
    expect(hook.status).toBe(201)
    secret = hook.body.secret as string
    webhookId = (hook.body.webhook as { id: string }).id
    expect((await rest('POST', '/v1/webhooks', { url: 'https://elsewhere.example/' })).reason).toBe(
      'WEBHOOK_URL_NOT_ALLOWED',
    )
  })

  it('is told once of what it may know, and not at all of what it may not', async () => {
    await declare(2, { dateFin: '2028-08-31' })
    await declare(3, { dateFin: '2028-08-31', dateDecision: '2026-10-01' })
    await declare(4, { dateFin: '2029-08-31', dateDecision: '2026-10-01' })
    await vi.waitFor(() => expect(watching.of(subscription.subscriptionId)).toEqual([changed]), within)
    await vi.waitFor(() => expect(delivered()).toHaveLength(1), within)
    const [{ headers, body } = { headers: {}, body: '' }] = delivered()
    const signed = headers as Record<string, string>
    expect(new Webhook(secret).verify(body, signed)).toMatchObject({
      type: 'documents.evidence-changed.v1',
      source: `urn:unefois:member:${fund}`,
    })
    expect(body).not.toContain(resident.atFund)
    expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, signed)).toThrow()
    const asked = await atFund.documents.requestEvidence(
      {
        ...{ subject: resident.atFund, provider: town, evidenceType: decision, purpose: help, procedure: help },
        ...{ basisId: subscription.basisId, fields: [], predicates: [] },
      },
      await atFund.call('evidence:request'),
    )
    expect(asked.outcome).toMatchObject({ $case: 'evidence', value: { version: 4 } })
  })

  it('hears nothing from a stranger that knows the subscription’s id', async () => {
    const hostile = await HostileMember.connect(places, stranger, 'documents')
    const { subscriptionId } = subscription
    const forged = EvidenceChanged.encode({ subscriptionId, evidenceType: decision, changedAtMs: Date.now() }).finish()
    const deliver = hostile.of(fund, DeliveryServiceDefinition, 'documents').deliver({
      ...{ eventId: randomUUID(), type: 'documents.evidence-changed.v1', topic: `forged-${randomUUID()}` },
      ...{ position: 1, data: Buffer.from(forged), occurredAtMs: Date.now(), following: [] },
    })
    expect(await deliver).toEqual({ wasKnown: false, appliedUpTo: 1 })
    await hostile.close()
    const asked = { position: watching.position, types: [], pageSize: 0, waitMs: 0 }
    const { events } = await eventsOf(atFund).listEvents(asked, await atFund.call('events:read'))
    expect(events.filter(({ reference }) => reference === subscriptionId)).toEqual([])
  })

  it('misses nothing while its stream is dropped and its webhook cannot be reached', async () => {
    const position = await watching.leave()
    receiver.closeAllConnections()
    await new Promise((resolve) => receiver.close(resolve))
    await declare(5, { dateDecision: '2026-11-01' })
    const asked = { position, types: [changed], pageSize: 0, waitMs: 8000 }
    const { events } = await eventsOf(atFund).listEvents(asked, await atFund.call('events:read'))
    expect(events.map(({ reference }) => reference)).toContain(subscription.subscriptionId)
    watching = await Watching.of(atFund, position)
    await vi.waitFor(() => expect(watching.of(subscription.subscriptionId)).toEqual([changed]), within)
    await listen()
    await vi.waitFor(() => expect(delivered()).toHaveLength(2), within)
  })

  it('is shown to the person at both ends, each entry with its proof', async () => {
    const uses = (await resident.uses()).filter(({ exchangeId }) => exchangeId === subscription.subscriptionId)
    expect([...new Set(uses.map(({ member, outcome }) => `${member} ${outcome}`))].sort()).toEqual([
      `${fund} change-told`,
      `${fund} subscribed`,
      `${town} change-told`,
      `${town} subscribed`,
    ])
    for (const { proof } of uses) expect((await resident.atPortal('GET', proof)).status).toBe(200)
    const end = { subscriptionId: subscription.subscriptionId }
    await changesOf(atFund).endSubscription(end, await atFund.call('evidence:request'))
    const { body } = await rest(
      'GET',
      `/v1/subscriptions/${subscription.subscriptionId}`,
      undefined,
      'evidence:request',
    )
    expect(body.subscription).toMatchObject({ state: 'ended' })
  })
})

describe('the town, which follows the quotient of somebody who agreed', () => {
  it('is told by the fund’s register, until the person withdraws, and of nothing after', async () => {
    const session = await Session.open(resident)
    const { consentId, basisId } = await session.grant(await askConsent(resident))
    const wish = {
      ...{ subject: resident.subject, provider: fund, evidenceType },
      ...{ purpose: agreed, procedure: agreed, basisId },
    }
    const requesting = () => resident.town.call('evidence:request')
    const { subscription } = await changesOf(resident.town).subscribeToChanges(wish, await requesting())
    const subscriptionId = subscription?.subscriptionId ?? ''
    const report = async () =>
      changesOf(atFund).reportChange({ subject: resident.atFund, evidenceType }, await atFund.call('evidence:declare'))
    const watching = await Watching.of(resident.town, await endOf(resident.town))
    await report()
    await vi.waitFor(() => expect(watching.of(subscriptionId)).toEqual([changed]), within)
    await report()
    expect((await resident.atPortal('DELETE', `/v1/me/consents/${consentId}`)).status).toBe(200)
    await vi.waitFor(() => expect(watching.of(subscriptionId)).toEqual([changed, ended]), within)
    const state = async () =>
      (await changesOf(resident.town).getSubscription({ subscriptionId }, await requesting())).subscription?.state
    expect(await state()).toBe(SubscriptionState.SUBSCRIPTION_STATE_ENDED)
    await report()
    const asked = { position: watching.position, types: [], pageSize: 0, waitMs: 4000 }
    const { events } = await eventsOf(resident.town).listEvents(asked, await resident.town.call('events:read'))
    expect(events.filter(({ reference }) => reference === subscriptionId)).toEqual([])
    await watching.leave()
    session.close()
  })
})
