import { Deadline } from '@unefois/chassis/deadline'
import { Channel, ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { subjectConsumers } from '@unefois/subjects/consumers'
import type { SubjectTable } from '@unefois/subjects/tables'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AgencyFixture, effect, openAgency } from './agency.fixture.js'
import {
  type AuthorityFixture,
  ask,
  callOf,
  granted,
  memberCaller,
  openAuthority,
  personAt,
  portalAsk,
  pushed,
  pushOf,
} from './authority.fixture.js'
import { asker, assent, pseudonym, sourceOne, window } from './federation.fixture.js'
import { getBasis } from './rpc/get-basis.js'
import { getConsentRequest } from './rpc/get-consent-request.js'
import { listConsents } from './rpc/list-consents.js'
import { pushConsentRequest } from './rpc/push-consent-request.js'
import { recordNotice } from './rpc/record-notice.js'
import { recordProactiveUse } from './rpc/record-proactive-use.js'
import { revokeConsent } from './rpc/revoke-consent.js'
import { putOpposition } from './store/oppositions.js'
import { agencySubjectTables, authoritySubjectTables } from './store/subject-tables.js'

let agency: AgencyFixture
let authority: AuthorityFixture
beforeAll(async () => {
  agency = await openAgency('consent_changed_agency', asker)
  authority = await openAuthority('consent_changed_authority')
})
afterAll(() => Promise.all([agency.postgres.close(), authority.postgres.close()]))

type Either = AgencyFixture | AuthorityFixture
const merge = ({ subjects, postgres, clock, member }: Either, alias: string, into: string) =>
  postgres.transaction((tx) =>
    subjects.merge(tx, [pseudonym(alias, member)], pseudonym(into, member), Deadline.after(5000, clock)),
  )
const system = { kind: 'system', clientId: 'desk', scopes: [] } as const

describe('the tables that keep people', () => {
  it.each([
    ['a member’s own consent', () => agency, 'consent_changed_agency', agencySubjectTables],
    ['the consent authority', () => authority, 'consent_changed_authority', authoritySubjectTables],
  ] as const)('of %s are all in the list, and each is written through a trigger', async (_, at, schema, tables) => {
    const { rows } = await at().postgres.query<{ table: string; is_held: boolean }>(
      `SELECT table_name AS table, EXISTS (SELECT FROM pg_trigger WHERE tgname = 'hold_subject'
                                           AND tgrelid = (table_schema || '.' || table_name)::regclass) AS is_held
       FROM information_schema.columns WHERE table_schema = $1 AND column_name = 'subject'
         AND table_name NOT LIKE 'subject\\_%'`,
      [schema],
    )
    const listed = tables.map(({ name }: SubjectTable) => name)
    expect(rows.map(({ table }) => table).sort()).toEqual(listed.sort())
    expect(rows.filter(({ is_held }) => !is_held)).toEqual([])
  })
})

describe('an event about a pseudonym', () => {
  it('is heard from the member’s own identity service only, and refused when it says another thing than its type', async () => {
    const consumers = subjectConsumers(agency.subjects, agency.clock)
    const merged = consumers['identity.subject-merged.v1']
    expect(merged?.isSender({ kind: 'neighbour', service: 'documents' })).toBe(false)
    expect(merged?.isSender({ kind: 'member', member: sourceOne, service: 'identity' })).toBe(false)
    expect(merged?.isSender({ kind: 'neighbour', service: 'identity' })).toBe(true)
    const data = IdentityChange.encode({ change: { $case: 'epochOpened', value: { epoch: 2 } } }).finish()
    const event = { sender: 'identity', type: 'identity.subject-merged.v1', data, position: 1, occurredAtMs: 1 }
    await expect(agency.postgres.transaction(async (tx) => merged?.apply(event, tx))).rejects.toMatchObject({
      reason: 'REQUEST_MALFORMED',
    })
  })
})

describe('two people who turn out to be one', () => {
  it('have opposed what one of them opposed, for as long as the longer one says', async () => {
    const use = (name: string) => ({ subject: pseudonym(name, asker), purpose: 'found' })
    const sign = (name: string) =>
      effect(
        agency.postgres,
        recordProactiveUse(agency),
        { ...use(name), provider: sourceOne, evidenceTypes: ['income'], campaign: 'autumn' },
        callOf(agency.clock, system),
      )
    const nowMs = agency.clock.nowMs()
    await agency.postgres.transaction((tx) => putOpposition(tx, use('ida'), nowMs - 1))
    await agency.postgres.transaction((tx) => putOpposition(tx, use('ida-too'), nowMs + 1000))
    expect((await sign('ida')).basisId).not.toBe('')
    await merge(agency, 'ida-too', 'ida')
    for (const name of ['ida', 'ida-too'])
      await expect(sign(name)).rejects.toMatchObject({ reason: 'OPPOSITION_STANDS' })
  })

  it('have the bases that either was told, under the pseudonym that stands', async () => {
    const notice = (name: string) => ({
      subject: pseudonym(name, asker),
      provider: sourceOne,
      purpose: 'told',
      evidenceTypes: ['income'],
      textVersion: 'v1',
      language: 'fr',
      channel: Channel.CHANNEL_COUNTER,
    })
    const record = (name: string) =>
      effect(agency.postgres, recordNotice(agency), notice(name), callOf(agency.clock, system))
    const before = await record('eva-too')
    await merge(agency, 'eva-too', 'eva')
    for (const { basisId } of [before, await record('eva-too'), await record('eva')])
      expect(await ask(getBasis(agency), { basisId }, callOf(agency.clock, system))).toMatchObject({
        subject: pseudonym('eva', asker),
      })
  })

  it('see at the consent authority what either was asked and gave, and withdraw it; nobody else does', async () => {
    const portal = memberCaller(window, 'gateway')
    const consentId = await granted(authority, 'ada')
    const push = pushOf('ada')
    const requestId = await pushed(authority, push)
    const everything = { pageSize: 0, pageToken: '', state: ConsentState.CONSENT_STATE_UNSPECIFIED }
    const listed = async (person: string) => {
      const request = { ...everything, requester: '', purpose: '', ...portalAsk(person) }
      return (await ask(listConsents(authority), request, callOf(authority.clock, portal))).consents.length
    }
    const shown = (person: string) =>
      ask(getConsentRequest(authority), { requestId }, callOf(authority.clock, personAt(assent, person)))
    const unseen = { reason: 'CONSENT_REQUEST_UNKNOWN' }
    await expect(shown('bea')).rejects.toMatchObject(unseen)
    expect(await listed('bea')).toBe(0)
    await merge(authority, 'ada', 'bea')
    for (const person of ['ada', 'bea']) {
      expect(await listed(person)).toBe(1)
      expect((await shown(person)).request?.requestId).toBe(requestId)
    }
    await expect(shown('cleo')).rejects.toMatchObject(unseen)
    expect(await listed('cleo')).toBe(0)
    // The same push again, with a ticket that names the person as they are known now.
    const again = { ...push, ...pushOf('bea'), clientRequestId: push.clientRequestId }
    const { requestId: same } = await ask(
      pushConsentRequest(authority),
      again,
      callOf(authority.clock, memberCaller(asker)),
    )
    expect(same).toBe(requestId)
    const revoke = (person: string) =>
      ask(revokeConsent(authority), { ...portalAsk(person), consentId }, callOf(authority.clock, portal))
    await expect(revoke('cleo')).rejects.toMatchObject({ reason: 'CONSENT_UNKNOWN' })
    expect((await revoke('bea')).recordedAtMs).toBeGreaterThan(0)
  })
})
