import { randomUUID } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import { ChangeApplied, ConsentChanged } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { SubscriptionEnded } from '@unefois/proto/gen/unefois/documents/v1/changes'
import type { ConsentArtefactClaims } from '@unefois/proto/statements'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { artefact, basis, members, person, purposes, startSeconds, types } from '../federation.fixture.js'
import { type MemberParts, openMember } from '../member.fixture.js'
import { feedPosition, readConsents } from '../store/consents.js'
import { onConsentChanged } from './on-consent-changed.js'

let provider: MemberParts
beforeAll(async () => {
  provider = await openMember(members.provider)
})
afterAll(() => provider.close())

let position = 0
const next = (given: Partial<ConsentArtefactClaims> = {}, signer?: string) => {
  position += 1
  return { position, signed: artefact({ position, ...given }, signer) }
}
const event = (signed: string, feedPosition: number) => ({
  sender: 'consent',
  type: 'consent.consent-changed.v1',
  data: ConsentChanged.encode({ artefact: signed, subject: person('ada'), feedPosition }).finish(),
  position: feedPosition,
  occurredAtMs: startSeconds * 1000,
})
const apply = (signed: string, at: number) =>
  provider.runtime.postgres.transaction((tx) => onConsentChanged(provider).apply(event(signed, at), tx))

const confirmations = async (): Promise<number[]> => {
  const { rows } = await provider.runtime.postgres.query<{ data: Buffer }>(
    `SELECT data FROM outbox WHERE receiver = 'consent' AND type = 'consent.change-applied.v1' ORDER BY id`,
  )
  return rows.map(({ data }) => ChangeApplied.decode(data).feedPosition)
}
const stateOf = async (basisId: string) =>
  (await readConsents(provider.runtime.postgres, [basisId], 'no lock')).get(basisId)

describe('consent.consent-changed.v1', () => {
  it('is heard from this member’s own consent service only', () => {
    const { isSender } = onConsentChanged(provider)
    const callers: Caller[] = [
      { kind: 'anyone' },
      { kind: 'neighbour', service: 'identity' },
      { kind: 'member', member: members.consents, service: 'consent' },
    ]
    expect(callers.map(isSender)).toEqual([false, false, false])
    expect(isSender({ kind: 'neighbour', service: 'consent' })).toBe(true)
  })

  it.each([
    ['signed by another than the consent authority', () => next({ iss: members.stranger }, members.stranger)],
    ['signed by another as the consent authority', () => next({}, members.stranger)],
    ['for another party', () => next({ aud: members.stranger })],
    ['from the future', () => next({ iat: startSeconds + 61 })],
  ])('is refused with an artefact %s, and changes nothing', async (_, made) => {
    const { signed, position: at } = made()
    const before = await confirmations()
    await expect(apply(signed, at)).rejects.toThrow()
    expect(await stateOf(basis('agreed'))).toBeUndefined()
    expect(await feedPosition(provider.runtime.postgres, members.consents)).toBe(0)
    expect(await confirmations()).toEqual(before)
  })

  it('is refused as malformed when its data cannot be read', async () => {
    const unreadable = { ...event('', 1), data: Buffer.from([0x0a, 0xff]) }
    const taking = provider.runtime.postgres.transaction((tx) => onConsentChanged(provider).apply(unreadable, tx))
    await expect(taking).rejects.toMatchObject({ reason: 'REQUEST_MALFORMED' })
  })

  it('is refused at another position than the one that was signed', async () => {
    const { signed, position: at } = next()
    await expect(apply(signed, at + 5)).rejects.toMatchObject({ reason: 'TOKEN_CLAIMS_INVALID' })
    expect(await feedPosition(provider.runtime.postgres, members.consents)).toBe(0)
  })

  it('stores a consent and its withdrawal, which an older message does not undo', async () => {
    const basisId = basis('given')
    const given = next({ basis: basisId })
    await apply(given.signed, given.position)
    expect(await stateOf(basisId)).toEqual({
      basisId,
      subject: person('ada'),
      aliases: [],
      requester: members.requester,
      purpose: purposes.card,
      evidenceTypes: [types.income, types.household],
      validFromSeconds: startSeconds,
      validUntilSeconds: startSeconds + 30 * 86_400,
      revokedAtSeconds: null,
    })
    const withdrawn = next({ basis: basisId, state: 'withdrawn', iat: startSeconds + 5 })
    await apply(withdrawn.signed, withdrawn.position)
    await apply(given.signed, given.position)
    expect((await stateOf(basisId))?.revokedAtSeconds).toBe(startSeconds + 5)
    expect(await feedPosition(provider.runtime.postgres, members.consents)).toBe(withdrawn.position)
  })

  it('stores no consent on which another provider releases, but follows the feed', async () => {
    const { signed, position: at } = next({ basis: basis('elsewhere'), provider: members.stranger })
    await apply(signed, at)
    expect(await stateOf(basis('elsewhere'))).toBeUndefined()
    expect(await feedPosition(provider.runtime.postgres, members.consents)).toBe(at)
  })

  it('is confirmed in the transaction that applies it, and not when that fails', async () => {
    const applied = next({ basis: basis('confirmed') })
    await apply(applied.signed, applied.position)
    expect((await confirmations()).at(-1)).toBe(applied.position)
    const before = await confirmations()
    const lost = next({ basis: basis('rolled-back') })
    const failing = provider.runtime.postgres.transaction(async (tx) => {
      await onConsentChanged(provider).apply(event(lost.signed, lost.position), tx)
      throw new Error('the commit did not happen')
    })
    await expect(failing).rejects.toThrow('the commit did not happen')
    expect(await stateOf(basis('rolled-back'))).toBeUndefined()
    expect(await confirmations()).toEqual(before)
  })
})

describe('a withdrawal', () => {
  it('ends what was subscribed to on it, in the same transaction, and nothing else', async () => {
    const { postgres } = provider.runtime
    const { subscribers } = provider.changes
    const openOn = async (basisId: string): Promise<string> => {
      const subscriptionId = randomUUID()
      const about = { evidenceType: types.income, purpose: purposes.card, procedure: 'card', mode: 'consent' } as const
      const instants = { openedAtMs: startSeconds * 1000, untilMs: (startSeconds + 1000) * 1000 }
      const subscriber = { requester: members.requester, subscriptionId, subject: person('ada'), basisId }
      await postgres.transaction((tx) => subscribers.open(tx, { ...subscriber, ...about, ...instants }))
      return subscriptionId
    }
    const [withdrawn, other] = [await openOn(basis('ending')), await openOn(basis('lasting'))]
    const { signed, position: at } = next({ basis: basis('ending'), state: 'withdrawn' })
    await apply(signed, at)
    const left = await postgres.transaction((tx) => subscribers.standing(tx, person('ada'), types.income))
    expect(left.map(({ subscriptionId }) => subscriptionId)).toEqual([other])
    const { rows } = await postgres.query<{ data: Buffer }>(
      `SELECT data FROM outbox WHERE type = 'documents.subscription-ended.v1'`,
    )
    expect(rows.map(({ data }) => SubscriptionEnded.decode(data).subscriptionId)).toEqual([withdrawn])
  })
})
