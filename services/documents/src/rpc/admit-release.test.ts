import { afterAll, describe, expect, it } from 'vitest'
import {
  authorisation,
  basis,
  members,
  notice,
  person,
  purposes,
  signedList,
  startSeconds,
  ticket,
  types,
} from '../federation.fixture.js'
import { callFrom, openMember } from '../member.fixture.js'
import { consent } from '../record.fixture.js'
import { putConsent } from '../store/consents.js'
import { releaseEvidence } from './release-evidence.js'
import { consented, informed, openProvider } from './releasing.fixture.js'

const { provider, register, agree, release, expectRefused, close } = await openProvider()
afterAll(close)

describe('ReleaseEvidence at the gate of authorisation', () => {
  it('refuses a captured ticket from a member without any authorisation, and the person sees who tried', async () => {
    await expectRefused('captured', informed('captured'), 'PURPOSE_NOT_AUTHORISED', members.stranger)
  })

  it('refuses a purpose that the authorisation does not name', async () => {
    await expectRefused('purpose', informed('purpose', { purpose: 'another-purpose' }), 'PURPOSE_NOT_AUTHORISED')
  })

  it('refuses an evidence type that the authorisation does not name', async () => {
    await expectRefused('type', informed('type', { evidenceType: 'another-type' }), 'PURPOSE_NOT_AUTHORISED')
  })

  it.each(['address.street', 'children', 'address'])('refuses the field %s', async (field) => {
    const name = field.replace('.', '-')
    await expectRefused(name, informed(name, { fields: ['amount', field] }), 'FIELD_NOT_AUTHORISED')
  })

  it('refuses a path that is none', async () => {
    await expectRefused('path', informed('path', { fields: ['amount..year'] }), 'REQUEST_INVALID')
  })

  it('refuses a predicate that is not listed, lacks its argument or has one too many', async () => {
    const second = ticket({ sub: person('bob') })
    const asked = [
      ['p-other', 'high-income', ''],
      ['p-lacks', 'child-of', ''],
      ['p-many', 'low-income', second],
    ] as const
    for (const [name, predicate, argumentTicket] of asked) {
      const request = informed(name, { predicates: [{ predicate, argumentTicket }] })
      await expectRefused(name, request, 'FIELD_NOT_AUTHORISED')
    }
  })

  it.each([
    ['that its provider did not sign', 'unsigned', { signer: members.stranger }, {}],
    ['that is not in force yet', 'future', {}, { nbf: startSeconds + 1 }],
    ['that has ended', 'ended', {}, { iat: startSeconds - 200, nbf: startSeconds - 100, exp: startSeconds }],
  ])('refuses on an authorisation %s', async (_, name, options, given) => {
    const own = await openMember(members.provider)
    await own.publish(signedList({ serial: 2, authorisations: [authorisation(given)], ...options }))
    const call = callFrom(members.requester, own.clock)
    await expect(releaseEvidence(own).handle(informed(name), call)).rejects.toMatchObject({
      reason: 'PURPOSE_NOT_AUTHORISED',
    })
    await own.close()
  })
})

describe('ReleaseEvidence at the gate of the ticket', () => {
  it.each([
    ['that is none', () => 'not.a.ticket', 'TICKET_INVALID'],
    ['that another member signed', () => ticket({ iss: members.stranger }, members.stranger), 'TICKET_INVALID'],
    ['that another signed as the authority', () => ticket({}, members.stranger), 'TICKET_INVALID'],
    ['that was sealed to another provider', () => ticket({ aud: members.stranger }), 'TICKET_INVALID'],
    ['that has expired', () => ticket({ iat: startSeconds - 7200, exp: startSeconds - 61 }), 'TOKEN_EXPIRED'],
  ])('refuses a ticket %s, and has nobody under whom to record it', async (_, captured, reason) => {
    await expect(release(informed('ada', { ticket: captured() }))).rejects.toMatchObject({ reason })
    const { rows } = await provider.runtime.postgres.query('SELECT FROM exchange_record WHERE subject = $1', [
      person('ada'),
    ])
    expect(rows).toEqual([])
  })

  it.each([
    ['requester', 't-requester', { requester: members.stranger }],
    ['purpose', 't-purpose', { purpose: purposes.card }],
    ['basis', 't-basis', { basis: basis('other') }],
  ])('refuses a ticket for another %s, recorded under the person it names', async (_, name, claims) => {
    await expectRefused(name, informed(name, {}, claims), 'TICKET_MISUSED')
  })

  it.each([
    ['requester', 's-requester', { requester: members.stranger }],
    ['purpose', 's-purpose', { purpose: purposes.card }],
    ['basis', 's-basis', { basis: basis('other') }],
  ])('refuses a second ticket for another %s, under the first person', async (_, name, claims) => {
    const argumentTicket = ticket({ sub: person('bob'), ...claims })
    const request = informed(name, { predicates: [{ predicate: 'child-of', argumentTicket }] })
    await expectRefused(name, request, 'TICKET_MISUSED')
  })
})

describe('ReleaseEvidence at the gate of the notice', () => {
  it('refuses without one', async () => {
    await expectRefused('untold', informed('untold', { statement: '' }), 'NOTICE_REQUIRED')
  })

  it.each([
    ['that is none', 'n-none', () => 'not.a.notice'],
    ['that another signed as the requester', 'n-forged', () => notice({}, members.stranger)],
    ['of another requester', 'n-requester', () => notice({ iss: members.stranger }, members.stranger)],
    ['to another provider', 'n-provider', () => notice({ aud: members.stranger })],
    ['for another purpose', 'n-purpose', () => notice({ purpose: purposes.card })],
    ['of other evidence', 'n-type', () => notice({ evidence_types: [types.household] })],
    ['under another basis', 'n-basis', () => notice({ basis: basis('other') })],
    ['from the future', 'n-future', () => notice({ iat: startSeconds + 61 })],
  ])('refuses a notice %s', async (_, name, statement) => {
    await expectRefused(name, informed(name, { statement: statement() }), 'NOTICE_MISMATCH')
  })
})

describe('ReleaseEvidence at the gate of consent', () => {
  it('refuses without one', async () => {
    await expectRefused('no-consent', consented('no-consent'), 'CONSENT_REQUIRED')
  })

  it('refuses a notice in its place', async () => {
    const name = 'told-only'
    const statement = notice({ purpose: purposes.card, basis: basis(name) })
    await expectRefused(name, consented(name, { statement }), 'CONSENT_REQUIRED')
  })

  it.each([
    ['of another person', 'c-person', { subject: person('bob') }, 'CONSENT_MISMATCH'],
    ['for another requester', 'c-requester', { requester: members.stranger }, 'CONSENT_MISMATCH'],
    ['for another purpose', 'c-purpose', { purpose: purposes.rate }, 'CONSENT_MISMATCH'],
    ['of other evidence', 'c-type', { evidenceTypes: [types.household] }, 'CONSENT_MISMATCH'],
    ['that has ended', 'c-ended', { validUntilSeconds: startSeconds }, 'CONSENT_EXPIRED'],
    ['that was withdrawn', 'c-withdrawn', { revokedAtSeconds: startSeconds }, 'CONSENT_REVOKED'],
  ] as const)('refuses on a consent %s', async (_, name, given, reason) => {
    await agree({ basisId: basis(name), subject: person(name), ...given })
    await expectRefused(name, consented(name), reason)
  })

  it('refuses without a lease on the consent state, and informs all the same', async () => {
    const own = await openMember(members.provider)
    await own.runtime.postgres.transaction((tx) =>
      putConsent(tx, consent({ basisId: basis('stale'), subject: person('stale') })),
    )
    const rpc = releaseEvidence(own)
    const call = callFrom(members.requester, own.clock)
    await expect(rpc.handle(consented('stale'), call)).rejects.toMatchObject({ reason: 'REVOCATION_FEED_STALE' })
    expect((await own.accesses.list(person('stale'), undefined, 9))[0]?.opening.record).toMatchObject({
      kind: 'refusal',
      reason: 'REVOCATION_FEED_STALE',
      mode: 'consent',
    })
    expect((await rpc.handle(informed('stale'), call)).outcome?.$case).toBe('otherRoute')
    await own.close()
  })

  it('does not ask a register about somebody who does not agree', async () => {
    const name = 'unasked'
    const before = register.asked.length
    await expectRefused(name, consented(name, { evidenceType: types.household }), 'CONSENT_REQUIRED')
    expect(register.asked).toHaveLength(before)
  })
})
