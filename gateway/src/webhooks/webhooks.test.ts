import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@unefois/chassis/clock'
import { createLog } from '@unefois/chassis/log'
import {
  type AgencyEvent,
  AgencyEventType,
  type ListEventsRequest,
} from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { MeshError } from '@unefois/proto/reasons'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type OpenGateway, openGateway, personToken, systemToken } from '../gateway.fixture.js'
import { disabledBy, longestFailingMs, pauseAfterMs, secretOverlapMs } from './delivery-schedule.js'
import { newWebhookSecret, signedDelivery } from './signed-event.js'
import { requireAllowedAddress } from './webhook-address.js'
import { WebhookCourier } from './webhook-courier.js'

/** Somebody to deliver to. */
let receiver: Server
let origin: string
let taken: { headers: IncomingHttpHeaders; body: string }[]
/** What the receiver answers, one after another, then 204. */
let answers: number[]
/** The agency's feed. */
let feed: AgencyEvent[]
let tooOld: boolean

const add = (type: AgencyEventType = AgencyEventType.AGENCY_EVENT_TYPE_EVIDENCE_CHANGED): AgencyEvent => {
  const event = {
    eventId: randomUUID(),
    type,
    reference: randomUUID(),
    occurredAtMs: 1_800_000_000_000,
    position: String(feed.length + 1),
  }
  feed.push(event)
  return event
}
const listEvents = async ({ position, types }: ListEventsRequest) => {
  if (tooOld && position !== '') throw new MeshError('POSITION_TOO_OLD')
  const events = feed.filter(
    (event) => Number(event.position) > Number(position) && (types.length === 0 || types.includes(event.type)),
  )
  return { events: events.slice(0, 2), position: events.slice(0, 2).at(-1)?.position ?? String(feed.length || '') }
}

let gateway: OpenGateway
let nowMs: number
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
const couriers: WebhookCourier[] = []
/** Another process of the same gateway that delivers. */
const courier = (origins = [origin]): WebhookCourier => {
  const { webhooks, postgres } = gateway.context
  const log = createLog({ member: 'hall', service: 'gateway' }, 'silent')
  const made = new WebhookCourier({ member: 'hall', origins, webhooks, events: { listEvents }, postgres, clock, log })
  couriers.push(made)
  made.start()
  return made
}

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      taken.push({ headers: request.headers, body })
      const status = answers.shift() ?? 204
      response.writeHead(status, status === 302 ? { location: `${origin}/elsewhere` } : {}).end()
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  origin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  gateway = await openGateway('agency', {
    events: { listEvents },
    config: { webhooks: { origins: [origin] }, requestsPerMinute: 1_000_000 },
  })
})
beforeEach(() => {
  taken = []
  answers = []
  feed = []
  tooOld = false
  nowMs = Date.now()
})
afterEach(async () => {
  for (const one of couriers.splice(0)) await one.stop()
  await gateway.context.postgres.query('TRUNCATE webhook')
})
afterAll(async () => {
  await gateway.close()
  receiver.close()
})

const token = systemToken('hall', { scope: 'events:read' })
interface Answer {
  readonly status: number
  readonly body: {
    readonly reason?: string
    readonly secret: string
    readonly oldSecretUntil: string
    readonly webhook: { readonly id: string; readonly position: string; readonly url: string }
    readonly webhooks: Record<string, unknown>[]
  }
}
const ask = async (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  given: object = {},
  as = token,
): Promise<Answer> => {
  const { body, key = randomUUID() } = given as { body?: object; key?: string }
  const headers = { authorization: `Bearer ${as}`, 'idempotency-key': key }
  const answer = await gateway.app.inject({ method, url: path, headers, ...(body && { payload: body }) })
  return { status: answer.statusCode, body: answer.json() }
}
const create = (body: object = {}, key: string = randomUUID(), as = token): Promise<Answer> =>
  ask('POST', '/v1/webhooks', { body: { url: `${origin}/events`, ...body }, key }, as)
const only = async (): Promise<Record<string, unknown>> => (await ask('GET', '/v1/webhooks')).body.webhooks[0] ?? {}
const untilTaken = (many: number) =>
  vi.waitFor(() => expect(taken).toHaveLength(many), { timeout: 10_000, interval: 5 })
const untilHook = (expected: object) =>
  vi.waitFor(async () => expect(await only()).toMatchObject(expected), { timeout: 10_000, interval: 5 })
const ids = () => taken.map(({ headers }) => headers['webhook-id'])
const verify = (secret: string, { headers, body }: (typeof taken)[number]) =>
  new Webhook(secret).verify(body, headers as Record<string, string>)

describe('a webhook', () => {
  it.each([
    ['a person', () => personToken('hall')],
    ['a system without the scope', () => systemToken('hall')],
  ])('is refused to %s, each of its operations', async (_, as) => {
    const id = randomUUID()
    const all = [
      ask('POST', '/v1/webhooks', { body: { url: origin } }, as()),
      ask('GET', '/v1/webhooks', {}, as()),
      ask('DELETE', `/v1/webhooks/${id}`, {}, as()),
      ask('POST', `/v1/webhooks/${id}/secret`, {}, as()),
      ask('POST', `/v1/webhooks/${id}/resume`, {}, as()),
    ]
    for (const { body } of await Promise.all(all)) expect(body.reason).toBe('CALLER_NOT_ALLOWED')
  })

  it.each(['https://elsewhere.test/events', 'ftp://127.0.0.1/', 'events', 'http://127.0.0.1:1/'])(
    'is refused at %s, which the configuration does not name',
    async (url) => {
      expect((await create({ url })).body.reason).toBe('WEBHOOK_URL_NOT_ALLOWED')
      expect(() => requireAllowedAddress(`http://user@${new URL(origin).host}/`, [origin])).toThrow(MeshError)
      expect(() => requireAllowedAddress(`${origin}.elsewhere.test/`, [origin])).toThrow(MeshError)
    },
  )

  it('is refused beyond ten of one client, with an event type that is none, and under a key that made another', async () => {
    expect((await create({ types: ['none-such'] })).body.reason).toBe('REQUEST_INVALID')
    for (let at = 0; at < 10; at++) expect((await create()).status).toBe(201)
    expect((await create()).body.reason).toBe('WEBHOOK_LIMIT_REACHED')
    const other = systemToken('hall', { scope: 'events:read', client_id: 'other' })
    expect((await create({}, 'the-same-key', other)).status).toBe(201)
    expect((await create({ types: ['contest-opened'] }, 'the-same-key', other)).body.reason).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    )
  })

  it('is known to no other client', async () => {
    const { webhook } = (await create()).body
    const other = systemToken('hall', { scope: 'events:read', client_id: 'other' })
    expect((await ask('GET', '/v1/webhooks', {}, other)).body.webhooks).toEqual([])
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/secret'],
      ['POST', '/resume'],
    ] as const)
      expect((await ask(method, `/v1/webhooks/${webhook.id}${path}`, {}, other)).body.reason).toBe('WEBHOOK_UNKNOWN')
    expect((await ask('DELETE', `/v1/webhooks/${webhook.id}`)).status).toBe(200)
    expect((await ask('DELETE', `/v1/webhooks/${webhook.id}`)).body.reason).toBe('WEBHOOK_UNKNOWN')
  })

  it('shows its secret once, to the same request again, and keeps it nowhere in clear', async () => {
    const first = await create({}, 'a-key-of-mine')
    expect((await create({}, 'a-key-of-mine')).body).toEqual(first.body)
    expect(first.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(JSON.stringify(await only())).not.toContain('whsec')
    const { rows } = await gateway.context.postgres.query<{ row: string }>('SELECT webhook::text AS row FROM webhook')
    const bytes = Buffer.from(first.body.secret)
    expect(rows[0]?.row).not.toContain(bytes.toString('hex'))
  })
})

describe('a delivery', () => {
  it('is refused by a verifier with another secret, for another body, or an hour later', async () => {
    const { secret } = (await create()).body
    add()
    courier()
    await untilTaken(1)
    const [delivery] = taken
    if (!delivery) throw new Error('nothing was delivered')
    expect(() => verify(newWebhookSecret(), delivery)).toThrow('No matching signature')
    expect(() => verify(secret, { ...delivery, body: delivery.body.replace('changed', 'ended') })).toThrow(
      'No matching',
    )
    const late = { ...delivery.headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 3600) }
    expect(() => verify(secret, { ...delivery, headers: late })).toThrow('too old')
    expect(verify(secret, delivery)).toBeTruthy()
  })

  it('is a CloudEvent with the ids of what happened and nothing else', async () => {
    const { secret } = (await create()).body
    const event = add()
    courier()
    await untilTaken(1)
    expect(taken[0]?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8')
    expect(verify(secret, taken[0] as (typeof taken)[number])).toEqual({
      specversion: '1.0',
      id: event.eventId,
      source: 'urn:unefois:member:hall',
      type: 'documents.evidence-changed.v1',
      time: new Date(event.occurredAtMs).toISOString(),
      datacontenttype: 'application/json',
      data: { reference: event.reference, position: '1' },
    })
  })

  it('comes in order, of the types asked for, after the position asked for, and each event once', async () => {
    const ended = AgencyEventType.AGENCY_EVENT_TYPE_SUBSCRIPTION_ENDED
    const events = [add(), add(ended), add(), add(ended), add(ended)]
    await create({ types: ['subscription-ended'], after: '2' })
    courier()
    courier()
    await untilTaken(2)
    await untilHook({ position: '5', lastFailure: null })
    expect(ids()).toEqual([events[3]?.eventId, events[4]?.eventId])
  })

  it('is made again until it is taken, and what follows waits; a redirection is followed nowhere', async () => {
    answers = [500, 302, 204]
    const events = [add(), add()]
    await create()
    courier()
    await untilHook({ lastFailure: 'answered 500', nextAttemptAt: new Date(nowMs + 1000).toISOString() })
    nowMs += 1000
    await untilHook({ lastFailure: 'answered 302', nextAttemptAt: new Date(nowMs + 2000).toISOString() })
    nowMs += 2000
    await untilHook({ position: '2', failingSince: null, nextAttemptAt: null })
    const [first, second] = events.map(({ eventId }) => eventId)
    expect(ids()).toEqual([first, first, first, second])
  })

  it('goes on in another process where one has died, with nothing missed', async () => {
    const events = [add(), add(), add()]
    await create()
    const dying = courier()
    await untilTaken(3)
    await dying.stop()
    // It died after its last delivery, before that was kept.
    await gateway.context.postgres.query(`UPDATE webhook SET position = '2'`)
    events.push(add())
    courier()
    await untilTaken(5)
    expect(ids()).toEqual([0, 1, 2, 2, 3].map((at) => events[at]?.eventId))
  })

  it('is signed with both secrets for a day after one was replaced, then with the new one alone', async () => {
    const { webhook, secret: old } = (await create()).body
    const rotate = () => ask('POST', `/v1/webhooks/${webhook.id}/secret`, { key: 'rotated-once' })
    const { secret, oldSecretUntil } = (await rotate()).body
    expect(Math.abs(Date.parse(oldSecretUntil) - Date.now() - secretOverlapMs)).toBeLessThan(60_000)
    expect((await rotate()).body.secret).toBe(secret)
    expect(secret).not.toBe(old)
    add()
    courier()
    await untilTaken(1)
    for (const each of [old, secret]) expect(verify(each, taken[0] as (typeof taken)[number])).toBeTruthy()
    await gateway.context.postgres.query('UPDATE webhook SET old_secret_until_ms = 0')
    add()
    await untilTaken(2)
    expect(() => verify(old, taken[1] as (typeof taken)[number])).toThrow('No matching signature')
    expect(verify(secret, taken[1] as (typeof taken)[number])).toBeTruthy()
  })

  it('is made no more after three days of failures, until its client resumes it', async () => {
    answers = [503, 503]
    add()
    const { webhook } = (await create()).body
    courier()
    await untilHook({ lastFailure: 'answered 503' })
    nowMs += longestFailingMs
    await untilHook({ isEnabled: false, disabledBecause: 'failing', disabledAt: new Date(nowMs).toISOString() })
    nowMs += longestFailingMs
    expect((await ask('POST', `/v1/webhooks/${webhook.id}/resume`)).status).toBe(200)
    await untilHook({ isEnabled: true, position: '1' })
    expect(taken).toHaveLength(3)
  })

  it('is made no more once it is answered 410 (Gone)', async () => {
    answers = [410]
    add()
    await create()
    courier()
    await untilHook({ isEnabled: false, disabledBecause: 'gone' })
    expect(taken).toHaveLength(1)
  })

  it('is not made to an address that the configuration names no more', async () => {
    add()
    await create()
    courier([])
    await untilHook({ isEnabled: false, disabledBecause: 'address-not-allowed' })
    expect(taken).toEqual([])
  })

  it('is made no more where events were missed, and resumes from the oldest that is kept', async () => {
    add()
    const { webhook } = (await create({ after: '1' })).body
    tooOld = true
    courier()
    await untilHook({ isEnabled: false, disabledBecause: 'position-too-old' })
    await ask('POST', `/v1/webhooks/${webhook.id}/resume`)
    await untilTaken(1)
  })
})

describe('the schedule', () => {
  it('waits a second, then twice as long each time, an hour at most', () => {
    expect([1, 2, 3, 4].map(pauseAfterMs)).toEqual([1000, 2000, 4000, 8000])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (attempts) => {
        expect(pauseAfterMs(attempts + 1)).toBeGreaterThanOrEqual(pauseAfterMs(attempts))
        expect(pauseAfterMs(attempts)).toBeLessThanOrEqual(3_600_000)
      }),
    )
    const failed = { kind: 'failed', failure: '', isGone: false } as const
    expect(disabledBy(failed, 0, longestFailingMs - 1)).toBeUndefined()
    expect(disabledBy(failed, 0, longestFailingMs)).toBe('failing')
  })

  it('signs so that the reference library verifies it, whatever the event', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.integer({ min: 1, max: 10 ** 12 }), (eventId, reference, at) => {
        const secret = newWebhookSecret()
        const event = { eventId, reference, type: 'contest-opened', occurredAtMs: 1, position: String(at) }
        const { headers, body } = signedDelivery(event, { member: 'hall', secrets: [secret], nowMs: Date.now() })
        expect(new Webhook(secret).verify(body, { ...headers })).toMatchObject({ id: eventId })
      }),
    )
  })
})

describe('GET /v1/events', () => {
  it('refuses what is no position or type, and hands on a position that is too old', async () => {
    for (const query of ['after=x', 'after=-1', 'type=none-such', 'waitSeconds=31', 'pageSize=0'])
      expect((await ask('GET', `/v1/events?${query}`)).body.reason).toBe('REQUEST_INVALID')
    tooOld = true
    expect(await ask('GET', '/v1/events?after=1')).toMatchObject({ status: 410, body: { reason: 'POSITION_TOO_OLD' } })
  })

  it('goes on from a position', async () => {
    const [, second] = [add(), add(AgencyEventType.AGENCY_EVENT_TYPE_CONTEST_OPENED)]
    const { body } = await ask('GET', '/v1/events?after=1')
    expect(body).toEqual({
      events: [
        {
          id: second?.eventId,
          type: 'contest-opened',
          reference: second?.reference,
          occurredAt: new Date(second?.occurredAtMs ?? 0).toISOString(),
          position: '2',
        },
      ],
      position: '2',
    })
  })
})
