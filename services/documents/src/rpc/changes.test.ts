import { randomUUID } from 'node:crypto'
import {
  EvidenceChanged,
  type Subscription,
  SubscriptionEnded,
  SubscriptionState,
} from '@unefois/proto/gen/unefois/documents/v1/changes'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { keepSubscriptions } from '../change-service.js'
import {
  asMember,
  asSystem,
  type Changing,
  changesTold,
  declare,
  feedOf,
  onRecord,
  openChanging,
  openingFor,
  type Use,
  wishFor,
} from '../changes.fixture.js'
import { longestSubscriptionMs } from '../domain/subscription.js'
import {
  authorisation,
  members,
  person,
  purposes,
  signedList,
  startMs,
  startSeconds,
  types,
} from '../federation.fixture.js'
import { consent } from '../record.fixture.js'
import { type Register, startRegister } from '../register.fixture.js'
import { putConsent } from '../store/consents.js'
import { ProtectedSubjects } from '../store/protected-subjects.js'
import { endSubscriber, tellChanges } from '../tell-changes.js'
import { endSubscription } from './end-subscription.js'
import { getSubscription } from './get-subscription.js'
import { listSubscriptions } from './list-subscriptions.js'
import { openSubscription } from './open-subscription.js'
import { oppose } from './oppose.js'
import { reportChange } from './report-change.js'
import { subscribeToChanges } from './subscribe-to-changes.js'

let changing: Changing
let register: Register
beforeAll(async () => {
  register = await startRegister()
  changing = await openChanging({ sources: { [types.household]: register.source } })
})
afterAll(async () => {
  await changing.close()
  await register.stop()
})

const subscribe = async (name: string, purpose: Use = purposes.rate, given = {}): Promise<Subscription> => {
  const { requester } = changing
  const { subscription } = await asSystem(requester, subscribeToChanges(requester), wishFor(name, purpose, given))
  if (!subscription) throw new Error('no subscription')
  return subscription
}
const agree = (name: string, given = {}) => {
  const { basisId } = wishFor(name, purposes.card)
  return changing.provider.runtime.postgres.transaction((tx) =>
    putConsent(tx, consent({ basisId, subject: person(name), ...given })),
  )
}
const read = async (subscriptionId: string): Promise<Subscription | undefined> =>
  (await asSystem(changing.requester, getSubscription(changing.requester), { subscriptionId })).subscription
/** Lets the time pass after which a change is told, and whatever is told arrive. */
const settle = async (): Promise<void> => {
  changing.provider.clock.advance(60_000)
  await tellChanges(changing.provider)
  await changing.carried()
}
const changesOf = async (subscriptionId: string): Promise<number> =>
  (await feedOf(changing)).filter((event) => event === `evidence-changed ${subscriptionId}`).length
const { SUBSCRIPTION_STATE_ASKED: asked, SUBSCRIPTION_STATE_IN_FORCE: inForce } = SubscriptionState
const { SUBSCRIPTION_STATE_ENDED: ended, SUBSCRIPTION_STATE_UNSPECIFIED: any } = SubscriptionState

describe('SubscribeToChanges', () => {
  it.each([
    ['EVIDENCE_TYPE_UNKNOWN', { evidenceType: 'none-such' }],
    ['MEMBER_UNKNOWN', { provider: 'nobody' }],
    ['MEMBER_UNKNOWN', { provider: members.closed }],
    ['PURPOSE_NOT_AUTHORISED', { provider: members.stranger }],
    ['CHANGES_NOT_AUTHORISED', { purpose: purposes.grant }],
    ['CHANGES_NOT_AUTHORISED', { purpose: purposes.card, evidenceType: types.household }],
    ['NOTICE_MISMATCH', { basisId: wishFor('refused', purposes.found).basisId }],
  ])('is refused with %s before anything is sent', async (reason, given) => {
    await expect(subscribe('refused', purposes.rate, given)).rejects.toMatchObject({ reason })
    expect(await onRecord(changing.requester, 'refused-there')).toEqual([])
  })

  it('is refused where the person opposes the proactive use, and leaves nothing', async () => {
    const { requester } = changing
    const use = { subject: person('opposed-there'), purpose: purposes.found }
    await requester.runtime.postgres.transaction((tx) => oppose(requester, tx, use))
    await expect(subscribe('opposed', purposes.found)).rejects.toMatchObject({ reason: 'OPPOSITION_STANDS' })
    expect(await onRecord(requester, 'opposed-there')).toEqual([])
  })

  it('is refused by the provider without consent, which is on record at both ends, and may be asked again', async () => {
    await expect(subscribe('later', purposes.card)).rejects.toMatchObject({ reason: 'CONSENT_REQUIRED' })
    expect(await onRecord(changing.requester, 'later-there')).toEqual(['subscribing refused'])
    expect(await onRecord(changing.provider, 'later')).toEqual(['refusal refused'])
    await agree('later')
    expect(await subscribe('later', purposes.card)).toMatchObject({
      state: inForce,
      untilMs: (startSeconds + 30 * 86_400) * 1000,
    })
  })

  it('stands after a reply that was lost, once it is asked again', async () => {
    changing.fail('PROVIDER_UNREACHABLE')
    await expect(subscribe('lost')).rejects.toMatchObject({ reason: 'PROVIDER_UNREACHABLE' })
    const { requester } = changing
    const of = { subject: person('lost-there'), state: asked, pageSize: 0, pageToken: '' }
    const { subscriptions } = await asSystem(requester, listSubscriptions(requester), of)
    expect(subscriptions).toMatchObject([{ state: asked, untilMs: 0 }])
    const { subscriptionId } = await subscribe('lost')
    expect(subscriptionId).toBe(subscriptions[0]?.subscriptionId)
    expect(await subscribe('lost')).toMatchObject({ subscriptionId, state: inForce })
  })

  it('is on record at both ends, under one id', async () => {
    const { subscriptionId, untilMs, state } = await subscribe('recorded')
    expect({ state, untilMs }).toEqual({ state: inForce, untilMs: (startSeconds + 300 * 86_400) * 1000 })
    expect(await onRecord(changing.requester, 'recorded-there')).toEqual(['subscribing subscribed'])
    expect(await onRecord(changing.provider, 'recorded')).toEqual(['subscription subscribed'])
    const [there] = await changing.provider.accesses.list(person('recorded'), undefined, 1)
    expect(there?.opening.record).toMatchObject({ exchange_id: subscriptionId, fields: [], evidence_version: 0 })
  })
})

describe('OpenSubscription', () => {
  const open = (name: string, purpose: Use, given = {}, from = members.requester) =>
    asMember(
      changing.provider,
      openSubscription(changing.provider),
      openingFor(name, purpose, given, changing.provider.clock.nowMs()),
      from,
    )

  it.each([
    ['TICKET_INVALID', { ticket: 'e30.e30.e30' }],
    ['TICKET_MISUSED', { ticket: openingFor('other', purposes.found).ticket }],
    ['NOTICE_REQUIRED', { statement: '' }],
    ['NOTICE_MISMATCH', { statement: openingFor('other', purposes.rate).statement }],
    ['CHANGES_NOT_AUTHORISED', { purpose: purposes.grant }],
    ['PURPOSE_NOT_AUTHORISED', { purpose: 'nothing' }],
  ])('is refused with %s, as a release would be', async (reason, given) => {
    await expect(open('gates', purposes.rate, { subscriptionId: randomUUID(), ...given })).rejects.toMatchObject({
      reason,
    })
  })

  it('is refused to a stranger, and while nobody knows whether the person still agrees', async () => {
    await expect(open('gates', purposes.rate, {}, members.stranger)).rejects.toMatchObject({
      reason: 'PURPOSE_NOT_AUTHORISED',
    })
    const { provider } = changing
    await agree('stale')
    provider.clock.advance(4 * 3_600_000)
    const request = openingFor('stale', purposes.card, {}, provider.clock.nowMs())
    const wish = asMember(provider, openSubscription(provider), request)
    await expect(wish).rejects.toMatchObject({ reason: 'REVOCATION_FEED_STALE' })
    provider.holdLease(3_600_000)
  })

  it('is refused for an id that was used for somebody else, and for one that has ended', async () => {
    const subscriptionId = randomUUID()
    await open('first', purposes.rate, { subscriptionId })
    await expect(open('second', purposes.rate, { subscriptionId })).rejects.toMatchObject({
      reason: 'SUBSCRIPTION_UNKNOWN',
    })
    const { provider } = changing
    const key = { requester: members.requester, subscriptionId }
    await provider.runtime.postgres.transaction((tx) => endSubscriber(provider, tx, key))
    await expect(open('first', purposes.rate, { subscriptionId })).rejects.toMatchObject({
      reason: 'SUBSCRIPTION_UNKNOWN',
    })
  })

  it('takes the place of an older one about the same', async () => {
    await open('twice', purposes.rate, { subscriptionId: randomUUID() })
    await open('twice', purposes.rate, { subscriptionId: randomUUID() })
    expect(await onRecord(changing.provider, 'twice')).toEqual([
      'subscription subscribed',
      'subscription subscription-ended',
      'subscription subscribed',
    ])
  })
})

describe('a change', () => {
  it('is not told of fields that the subscriber may not know, nor of a declaration that changes nothing', async () => {
    await declare(changing, 'quiet', 1, { amount: 700, year: 2026 })
    const { subscriptionId } = await subscribe('quiet')
    const unseen = { amount: 700, year: 2026, address: { street: 'Main Street' } }
    await declare(changing, 'quiet', 2, unseen)
    await declare(changing, 'quiet', 3, unseen)
    await settle()
    expect(await changesOf(subscriptionId)).toBe(0)
    await declare(changing, 'quiet', 4, { ...unseen, amount: 701 })
    await settle()
    expect(await changesOf(subscriptionId)).toBe(1)
  })

  it('is not told where a bound that is asked about does not turn, but where it does', async () => {
    await changing.provider.publish(
      signedList({
        serial: 3,
        authorisations: [
          authorisation({
            changesTold: true,
            fields: [],
            predicates: [{ id: 'low-income', kind: 'at-most', field: 'amount', constant: 1000 }],
          }),
        ],
      }),
    )
    await declare(changing, 'bound', 1, { amount: 700 })
    const { subscriptionId } = await subscribe('bound')
    await declare(changing, 'bound', 2, { amount: 999 })
    await settle()
    expect(await changesOf(subscriptionId)).toBe(0)
    await declare(changing, 'bound', 3, { amount: 1001 })
    await settle()
    expect(await changesOf(subscriptionId)).toBe(1)
    await changing.provider.publish(signedList({ serial: 4, authorisations: changesTold }))
  })

  it('is told once for a burst, with id, type and time and nothing else, and is on record at both ends', async () => {
    await declare(changing, 'burst', 1, { amount: 1 })
    const { subscriptionId } = await subscribe('burst')
    const { provider, requester } = changing
    const firstMs = provider.clock.nowMs()
    for (const version of [2, 3, 4]) {
      await declare(changing, 'burst', version, { amount: version })
      provider.clock.advance(10_000)
      await tellChanges(provider)
    }
    expect(await changesOf(subscriptionId)).toBe(0)
    // A minute after the first of them, however long they go on.
    provider.clock.advance(30_000)
    await tellChanges(provider)
    await changing.carried()
    expect(await changesOf(subscriptionId)).toBe(1)
    expect(await read(subscriptionId)).toMatchObject({ changedAtMs: firstMs, state: inForce })
    expect(await onRecord(provider, 'burst')).toEqual(['subscription subscribed', 'subscription change-told'])
    expect(await onRecord(requester, 'burst-there')).toEqual(['subscribing subscribed', 'subscribing change-told'])
    expect(Object.keys(EvidenceChanged.decode(new Uint8Array()))).toEqual([
      'subscriptionId',
      'evidenceType',
      'changedAtMs',
    ])
    await declare(changing, 'burst', 5, { amount: 5 })
    await settle()
    expect(await changesOf(subscriptionId)).toBe(2)
  })

  it('in a register is told once its agency says so, and of declared evidence it need not', async () => {
    const { provider } = changing
    const say = (evidenceType: string) =>
      asSystem(provider, reportChange(provider), { subject: person('register'), evidenceType })
    await expect(say(types.income)).rejects.toMatchObject({ reason: 'REQUEST_INVALID' })
    await expect(say('none-such')).rejects.toMatchObject({ reason: 'EVIDENCE_TYPE_UNKNOWN' })
    const { subscriptionId } = await subscribe('register', purposes.rate, { evidenceType: types.household })
    await say(types.household)
    await settle()
    expect(await changesOf(subscriptionId)).toBe(1)
  })

  it('of a place of somebody who is protected is told to nobody, nor that anything changed in a register', async () => {
    const { provider } = changing
    const fields = ['amount', 'address']
    const withPlaces = [authorisation({ changesTold: true, fields })]
    withPlaces.push(authorisation({ changesTold: true, fields, evidenceType: types.household }))
    await provider.publish(signedList({ serial: 10, authorisations: withPlaces }))
    const living = (street: string, amount: number) => ({ amount, address: { street } })
    await declare(changing, 'hidden', 1, living('Main Street', 1))
    const declared = await subscribe('hidden')
    const registered = await subscribe('hidden', purposes.rate, { evidenceType: types.household })
    const subjects = new ProtectedSubjects(provider.runtime.postgres)
    await provider.runtime.postgres.transaction((tx) =>
      subjects.protect(tx, [person('hidden')], ['mark'], startMs + 365 * 86_400_000),
    )
    const report = () =>
      asSystem(provider, reportChange(provider), { subject: person('hidden'), evidenceType: types.household })
    await declare(changing, 'hidden', 2, living('Elsewhere', 1))
    await report()
    await settle()
    expect([await changesOf(declared.subscriptionId), await changesOf(registered.subscriptionId)]).toEqual([0, 0])
    await declare(changing, 'hidden', 3, living('Elsewhere', 2))
    await provider.runtime.postgres.transaction((tx) => subjects.end(tx, [person('hidden')], startMs))
    await declare(changing, 'hidden', 4, living('Further', 2))
    await report()
    await settle()
    expect([await changesOf(declared.subscriptionId), await changesOf(registered.subscriptionId)]).toEqual([1, 1])
    await provider.publish(signedList({ serial: 11, authorisations: changesTold }))
  })

  it('is told by nobody who does not hold the lease, until it does', async () => {
    await agree('leased')
    await declare(changing, 'leased', 1, { amount: 1 })
    const { subscriptionId } = await subscribe('leased', purposes.card)
    await declare(changing, 'leased', 2, { amount: 2 })
    changing.provider.clock.advance(2 * 3_600_000)
    await settle()
    expect(await changesOf(subscriptionId)).toBe(0)
    changing.provider.holdLease(3 * 3_600_000)
    await settle()
    expect(await changesOf(subscriptionId)).toBe(1)
  })
})

describe('a subscription ends', () => {
  const endOf = async (name: string, subscriptionId: string) => {
    await changing.carried()
    expect(await read(subscriptionId)).toMatchObject({ state: ended })
    expect((await onRecord(changing.requester, `${name}-there`)).at(-1)).toBe('subscribing subscription-ended')
    expect((await onRecord(changing.provider, name)).at(-1)).toBe('subscription subscription-ended')
  }
  const isInFeed = async (subscriptionId: string) =>
    (await feedOf(changing)).includes(`subscription-ended ${subscriptionId}`)

  it('as its agency says so, and is not known to others', async () => {
    const { requester } = changing
    const end = (subscriptionId: string) => asSystem(requester, endSubscription(requester), { subscriptionId })
    await expect(end(randomUUID())).rejects.toMatchObject({ reason: 'SUBSCRIPTION_UNKNOWN' })
    await expect(read(randomUUID())).rejects.toMatchObject({ reason: 'SUBSCRIPTION_UNKNOWN' })
    const { subscriptionId } = await subscribe('enough')
    const { endedAtMs } = await end(subscriptionId)
    expect(await end(subscriptionId)).toEqual({ endedAtMs })
    await endOf('enough', subscriptionId)
    expect(await isInFeed(subscriptionId)).toBe(false)
  })

  it('with the consent, and what changed since is never told', async () => {
    await agree('withdrawn')
    await declare(changing, 'withdrawn', 1, { amount: 1 })
    const { subscriptionId } = await subscribe('withdrawn', purposes.card)
    await declare(changing, 'withdrawn', 2, { amount: 2 })
    await agree('withdrawn', { revokedAtSeconds: startSeconds + 1 })
    await settle()
    await endOf('withdrawn', subscriptionId)
    expect(await isInFeed(subscriptionId)).toBe(true)
    expect(await changesOf(subscriptionId)).toBe(0)
  })

  it('with the person’s opposition', async () => {
    const { requester } = changing
    const { subscriptionId } = await subscribe('found', purposes.found)
    const use = { subject: person('found-there'), purpose: purposes.found }
    await requester.runtime.postgres.transaction((tx) => oppose(requester, tx, use))
    await endOf('found', subscriptionId)
    expect(await isInFeed(subscriptionId)).toBe(true)
  })

  it('with its authorisation: what changed before is told no more, and the rest ends within a minute', async () => {
    await declare(changing, 'overtaken', 1, { amount: 1 })
    const overtaken = await subscribe('overtaken')
    const { subscriptionId } = await subscribe('unauthorised')
    await declare(changing, 'overtaken', 2, { amount: 2 })
    await changing.provider.publish(
      signedList({ serial: 15, authorisations: [authorisation(), ...changesTold.slice(1)] }),
    )
    await settle()
    await endOf('overtaken', overtaken.subscriptionId)
    expect(await changesOf(overtaken.subscriptionId)).toBe(0)
    expect(await read(subscriptionId)).toMatchObject({ state: inForce })
    await keepSubscriptions(changing.provider)
    await endOf('unauthorised', subscriptionId)
    await changing.provider.publish(signedList({ serial: 16, authorisations: changesTold }))
  })

  it('after 12 months at most, at both ends, and is forgotten 36 months later', async () => {
    const long = await openChanging()
    try {
      const { provider, requester } = long
      const both = async (serial: number, issuedAtSeconds: number) => {
        const authorisations = [authorisation({ changesTold: true, exp: startSeconds + 500 * 86_400 })]
        for (const each of [provider, requester])
          await each.publish(signedList({ serial, issuedAtSeconds, authorisations }))
      }
      await both(3, startSeconds)
      const { subscription } = await asSystem(requester, subscribeToChanges(requester), wishFor('long'))
      expect(subscription?.untilMs).toBe(startMs + longestSubscriptionMs)
      for (const { clock } of [provider, requester]) clock.advance(longestSubscriptionMs)
      await both(4, startSeconds + longestSubscriptionMs / 1000)
      await Promise.all([keepSubscriptions(provider), keepSubscriptions(requester)])
      await long.carried()
      expect((await requester.subscriptions.read(subscription?.subscriptionId ?? ''))?.endedAtMs).toBeGreaterThan(0)
      expect(await provider.changes.subscribers.deleteEnded(startMs + 3 * longestSubscriptionMs)).toBe(0)
      expect(await provider.changes.subscribers.deleteEnded(startMs + 5 * longestSubscriptionMs)).toBe(1)
      expect(await requester.subscriptions.deleteEnded(startMs + 5 * longestSubscriptionMs)).toBe(1)
    } finally {
      await long.close()
    }
  })
})

describe('what another member says', () => {
  let position = 0
  let standing: Subscription
  beforeEach(async () => {
    standing = await subscribe(`said${position}`)
  })
  const say = (from: keyof typeof members, type: string, data: Uint8Array) =>
    changing.deliver(changing.requester, members[from], { topic: `test-${from}`, type, position: 1, data })

  it('is not heard of a subscription with somebody else, of another type, or that makes no sense', async () => {
    position++
    const { subscriptionId } = standing
    const changed = { subscriptionId, evidenceType: types.income, changedAtMs: startMs }
    await say('stranger', 'documents.evidence-changed.v1', EvidenceChanged.encode(changed).finish())
    await say(
      'desk',
      'documents.subscription-ended.v1',
      SubscriptionEnded.encode({ subscriptionId, endedAtMs: 1 }).finish(),
    )
    const otherType = EvidenceChanged.encode({ ...changed, evidenceType: types.household }).finish()
    await say('provider', 'documents.evidence-changed.v1', otherType)
    await say(
      'closed',
      'documents.evidence-changed.v1',
      EvidenceChanged.encode({ ...changed, changedAtMs: 0 }).finish(),
    )
    expect(await read(subscriptionId)).toMatchObject({ state: inForce, changedAtMs: 0 })
    expect(await changesOf(subscriptionId)).toBe(0)
  })

  it('is not listened to from anything but another member’s documents', async () => {
    position++
    const { onEvidenceChanged } = await import('../events/on-evidence-changed.js')
    const { onSubscriptionEnded } = await import('../events/on-subscription-ended.js')
    for (const consumer of [onEvidenceChanged(changing.requester), onSubscriptionEnded(changing.requester)]) {
      expect(consumer.isSender({ kind: 'member', member: members.provider, service: 'consent' })).toBe(false)
      expect(consumer.isSender({ kind: 'neighbour', service: 'documents' })).toBe(false)
      expect(consumer.isSender({ kind: 'member', member: members.provider, service: 'documents' })).toBe(true)
    }
  })
})

describe('ListSubscriptions', () => {
  it('goes through all of them, page by page, by person and by state', async () => {
    const { requester } = changing
    const list = (given: object) =>
      asSystem(requester, listSubscriptions(requester), {
        state: any,
        pageSize: 0,
        pageToken: '',
        subject: '',
        ...given,
      })
    const all = (await list({})).subscriptions
    expect(all.length).toBeGreaterThan(5)
    const seen: string[] = []
    let pageToken = ''
    do {
      const page = await list({ pageSize: 2, pageToken })
      seen.push(...page.subscriptions.map(({ subscriptionId }) => subscriptionId))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(seen).toEqual(all.map(({ subscriptionId }) => subscriptionId))
    const states = await Promise.all(
      [asked, inForce, ended].map(async (state) => (await list({ state })).subscriptions.length),
    )
    expect(states.reduce((sum, each) => sum + each, 0)).toBe(all.length)
    expect((await list({ subject: person('recorded-there') })).subscriptions).toHaveLength(1)
  })
})
