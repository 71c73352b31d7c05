import { randomBytes } from 'node:crypto'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { pivotOf } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import {
  IdentityAuthorityServiceDefinition,
  IdentityServiceDefinition,
  type PivotIdentity,
  QuestionState,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { originalOf, withClaims } from './_forgeries.js'
import { HostileMember, HostileNeighbour } from './_raw-callers.js'
import { refusalOf, refused } from './_refusals.js'
import {
  authority,
  fund,
  identityAuthority,
  idTokenOf,
  personTokenOf,
  portal,
  Resident,
  stranger,
  told,
  town,
} from './_resident.js'
import { Staff } from './_staff.js'

let places: Places
let resident: Resident
let another: Resident
let identity: HostileMember
let foreign: HostileMember
let portals: HostileMember
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  another = await Resident.settle(places)
  identity = await HostileMember.connect(places, town, 'identity')
  foreign = await HostileMember.connect(places, stranger, 'identity')
  portals = await HostileMember.connect(places, portal, 'identity')
})
afterAll(async () => {
  resident.leave()
  another.leave()
  await Promise.all([identity.close(), foreign.close(), portals.close()])
})

const basisId = basisIdFrom(randomBytes(16))
const registry = (from: HostileMember) => from.of(identityAuthority, IdentityAuthorityServiceDefinition)
const loginAt = async (from: HostileMember, member: string, of = resident) =>
  registry(from).openLogin({ federatedToken: await idTokenOf(places, of.person, member) })

describe('a ticket', () => {
  const wish = () => ({ subject: resident.subject, provider: fund, purpose: told, basisId, loginHandle: '' })
  const issue = (changes: object, from = identity): Promise<string> =>
    refusalOf('unefois.identity.v1.IdentityAuthorityService/IssueTicket', () =>
      registry(from).issueTicket({ ...wish(), ...changes }),
    )

  it.each<[string, () => object, string]>([
    ['for a purpose that joins nobody', () => ({ purpose: 'curiosity' }), 'PURPOSE_NOT_AUTHORISED'],
    ['for a provider that authorised nothing', () => ({ provider: stranger }), 'PURPOSE_NOT_AUTHORISED'],
    ['for nobody in the federation', () => ({ provider: 'nowhere' }), 'MEMBER_UNKNOWN'],
    ['about another agency’s pseudonym', () => ({ subject: resident.atFund }), 'SUBJECT_UNKNOWN'],
    ['about a pseudonym that nobody has', () => ({ subject: `p1.1.${'A'.repeat(22)}` }), 'SUBJECT_UNKNOWN'],
    ['with a login that nobody opened', () => ({ loginHandle: 'A'.repeat(43) }), 'LOGIN_HANDLE_INVALID'],
    ['about what is no pseudonym', () => ({ subject: 'claire' }), 'REQUEST_INVALID'],
  ])('%s is not issued', async (_, changes, reason) => {
    expect(await issue(changes())).toBe(reason)
  })

  it('is not issued to a member whom nobody authorised, for a person whom it does not know', async () => {
    expect(await issue({}, foreign)).toBe('PURPOSE_NOT_AUTHORISED')
  })

  it('is not issued with another agency’s login, with another person’s, nor to the portal without one', async () => {
    const { loginHandle } = await loginAt(identity, town)
    const { loginHandle: others } = await loginAt(identity, town, another)
    expect(await issue({ loginHandle })).toBe('nothing')
    expect(await issue({ loginHandle: others })).toBe('LOGIN_HANDLE_INVALID')
    const { subject } = await loginAt(portals, portal)
    expect(await issue({ subject, loginHandle }, portals)).toBe('LOGIN_HANDLE_INVALID')
    expect(await issue({ subject }, portals)).toBe('LOGIN_HANDLE_INVALID')
  })

  it('is asked for by its agency’s services only, and refused to them with the authority’s own reason', async () => {
    const documents = await HostileNeighbour.connect(places, town, 'documents')
    const service = documents.of(IdentityServiceDefinition)
    const request = (changes: object) =>
      refusalOf('unefois.identity.v1.IdentityService/RequestTicket', () =>
        service.requestTicket({ ...wish(), ...changes }, documents.call()),
      )
    expect(await request({ provider: stranger })).toBe('PURPOSE_NOT_AUTHORISED')
    expect(await request({ subject: resident.atFund })).toBe('SUBJECT_UNKNOWN')
    expect(
      await refusalOf('unefois.identity.v1.IdentityService/RequestSealedSubject', () =>
        service.requestSealedSubject({ subject: resident.subject, party: fund, basisId }, documents.call()),
      ),
    ).toBe('CALLER_NOT_ALLOWED')
    await documents.close()
  })
})

describe('a sealed subject', () => {
  it('is issued to nobody but the consent authority, about whom it knows', async () => {
    const rpc = 'unefois.identity.v1.IdentityAuthorityService/IssueSealedSubject'
    const asked = { subject: resident.subject, party: fund, basisId }
    expect(await refusalOf(rpc, () => registry(identity).issueSealedSubject(asked))).toBe('CALLER_NOT_ALLOWED')
    const consents = await HostileMember.connect(places, authority, 'identity')
    expect(await refusalOf(rpc, () => registry(consents).issueSealedSubject(asked))).toBe('SUBJECT_UNKNOWN')
    await consents.close()
    const neighbour = await HostileNeighbour.connect(places, authority, 'consent-authority')
    const ask = () => neighbour.of(IdentityServiceDefinition).requestSealedSubject(asked, neighbour.call())
    expect(await refusalOf('unefois.identity.v1.IdentityService/RequestSealedSubject', ask)).toBe('SUBJECT_UNKNOWN')
    await neighbour.close()
  })
})

describe('the members that know a person', () => {
  it('are told to nobody but the portal, while that person is logged in there', async () => {
    const rpc = 'unefois.identity.v1.IdentityAuthorityService/ListMembersOfPerson'
    const { loginHandle, subject } = await loginAt(identity, town)
    const asked = { subject, loginHandle, ticketPurpose: '' }
    expect(await refusalOf(rpc, () => registry(identity).listMembersOfPerson(asked))).toBe('CALLER_NOT_ALLOWED')
    const login = await loginAt(portals, portal)
    const others = await loginAt(portals, portal, another)
    const list = (changes: object) =>
      refusalOf(rpc, () =>
        registry(portals).listMembersOfPerson({
          subject: login.subject,
          loginHandle: login.loginHandle,
          ticketPurpose: '',
          ...changes,
        }),
      )
    expect(await list({})).toBe('nothing')
    expect(await list({ loginHandle: '' })).toBe('LOGIN_HANDLE_INVALID')
    expect(await list({ loginHandle: others.loginHandle })).toBe('LOGIN_HANDLE_INVALID')
    expect(await list({ subject })).toBe('SUBJECT_UNKNOWN')
  })

  it('are told at an agency to nobody, and at the portal not below the level of the contract', async () => {
    const rpc = 'unefois.identity.v1.IdentityService/ListKnowingMembers'
    const accessToken = await personTokenOf(places, resident.person, town)
    const atTown = () => resident.town.identity.listKnowingMembers({ purpose: '' }, { accessToken, deadlineMs: 5000 })
    expect(await refusalOf(rpc, atTown)).toBe('CALLER_NOT_ALLOWED')
    const system = new AgencySystem(places, portal)
    const own = originalOf(await personTokenOf(places, resident.person, portal), places.keys(portal).token.path)
    const low = withClaims(own, { acr: 'eidas0' })
    const atPortal = () => system.identity.listKnowingMembers({ purpose: '' }, { accessToken: low, deadlineMs: 5000 })
    expect(await refused(rpc, atPortal)).toMatchObject({
      reason: 'ASSURANCE_TOO_LOW',
      facts: { required_acr: 'eidas1' },
    })
    system.close()
  })
})

describe('a login', () => {
  it('is opened to no member but the one that the person gave the token to', async () => {
    const rpc = 'unefois.identity.v1.IdentityAuthorityService/OpenLogin'
    const federatedToken = await idTokenOf(places, resident.person, town)
    expect(await refusalOf(rpc, () => registry(foreign).openLogin({ federatedToken }))).toBe('TOKEN_AUDIENCE_WRONG')
    expect(await refusalOf(rpc, () => registry(identity).openLogin({ federatedToken: 'x.y.z' }))).toBe(
      'TOKEN_MALFORMED',
    )
  })
})

describe('a pivot identity', () => {
  const pivot = (changes: Partial<PivotIdentity>) => ({ pivot: { ...pivotOf(resident.person), ...changes } })
  const wrong: [string, Partial<PivotIdentity>][] = [
    ['of a month that does not exist', { birthdate: '1980-13-01' }],
    ['without a name', { familyName: '' }],
    ['of a place that is no code', { birthplace: 'Saint-Aubin' }],
    ['of a gender that is none', { gender: 'unspecified' }],
  ]

  it.each(wrong)('%s is refused when it is registered, enrolled and matched', async (_, changes) => {
    const authoritySystem = new AgencySystem(places, identityAuthority)
    const register = authoritySystem.service('identity-authority', IdentityAuthorityServiceDefinition)
    const call = await authoritySystem.call('register:write')
    expect(
      await refusalOf('unefois.identity.v1.IdentityAuthorityService/RegisterPerson', () =>
        register.registerPerson(pivot(changes), call),
      ),
    ).toBe('REQUEST_INVALID')
    authoritySystem.close()
    const enrol = await resident.town.call('identity:enrol')
    expect(
      await refusalOf('unefois.identity.v1.IdentityService/EnrolSubject', () =>
        resident.town.identity.enrolSubject(pivot(changes), enrol),
      ),
    ).toBe('REQUEST_INVALID')
    expect(
      await refusalOf('unefois.identity.v1.IdentityAuthorityService/MatchSubject', () =>
        registry(identity).matchSubject(pivot(changes)),
      ),
    ).toBe('REQUEST_INVALID')
  })

  it.each(wrong)('%s is refused among many', async (_, changes) => {
    const enrol = await resident.town.call('identity:enrol')
    const entries = [
      { reference: '1', ...pivot({}) },
      { reference: '2', ...pivot(changes) },
    ]
    expect(
      await refused('unefois.identity.v1.IdentityService/EnrolSubjects', () =>
        resident.town.identity.enrolSubjects({ entries }, enrol),
      ),
    ).toMatchObject({ reason: 'REQUEST_INVALID', facts: { field: expect.stringMatching(/^entries\.1\./) } })
    const pivots = entries.map((entry) => entry.pivot)
    expect(
      await refusalOf('unefois.identity.v1.IdentityAuthorityService/MatchSubjects', () =>
        registry(identity).matchSubjects({ pivots }),
      ),
    ).toBe('REQUEST_INVALID')
  })

  it('is registered by the authority’s own system only', async () => {
    const call = await resident.town.call('register:write')
    const authoritySystem = new AgencySystem(places, identityAuthority)
    const register = authoritySystem.service('identity-authority', IdentityAuthorityServiceDefinition)
    expect(
      await refusalOf('unefois.identity.v1.IdentityAuthorityService/RegisterPerson', () =>
        register.registerPerson(pivot({}), call),
      ),
    ).toBe('TOKEN_KEY_UNKNOWN')
    authoritySystem.close()
  })
})

describe('a list', () => {
  const page = { pageSize: 0, pageToken: 'elsewhere' }
  const questions = { state: QuestionState.QUESTION_STATE_UNSPECIFIED, ...page }

  it('of events or questions goes on from no position but one that it gave, and in no state but those there are', async () => {
    const { identity: own } = resident.town
    const call = () => resident.town.call('identity:enrol')
    expect(
      await refusalOf('unefois.identity.v1.IdentityService/ListIdentityEvents', async () =>
        own.listIdentityEvents(page, await call()),
      ),
    ).toBe('REQUEST_INVALID')
    expect(
      await refusalOf('unefois.identity.v1.IdentityService/ListQuestions', async () =>
        own.listQuestions(questions, await call()),
      ),
    ).toBe('REQUEST_INVALID')
    const inNoState = { ...questions, pageToken: '', state: 7 as never }
    expect(
      await refusalOf('unefois.identity.v1.IdentityService/ListQuestions', async () =>
        own.listQuestions(inNoState, await call()),
      ),
    ).toBe('REQUEST_INVALID')
    expect(
      await refusalOf('unefois.identity.v1.IdentityAuthorityService/ListMemberQuestions', () =>
        registry(identity).listMemberQuestions(questions),
      ),
    ).toBe('REQUEST_INVALID')
    const staff = await Staff.open(places)
    expect(
      await refusalOf('unefois.identity.v1.IdentityAuthorityService/ListOpenQuestions', () =>
        staff.register.listOpenQuestions(page, staff.call()),
      ),
    ).toBe('REQUEST_INVALID')
    staff.close()
  })
})

describe('pseudonyms', () => {
  const tooMany = Array.from({ length: 501 }, () => `p1.1.${'A'.repeat(22)}`)
  const wrong = [[], ['claire'], tooMany]

  it('that are none, or too many, are not resolved', async () => {
    for (const subjects of wrong) {
      const ask = async () =>
        resident.town.identity.resolveSubjects({ subjects }, await resident.town.call('identity:enrol'))
      expect(await refusalOf('unefois.identity.v1.IdentityService/ResolveSubjects', ask)).toBe('REQUEST_INVALID')
      expect(
        await refusalOf('unefois.identity.v1.IdentityAuthorityService/ResolveMemberSubjects', () =>
          registry(identity).resolveMemberSubjects({ subjects }),
        ),
      ).toBe('REQUEST_INVALID')
    }
  })
})

const changesOfEntries = [
  ['unefois.identity.v1.IdentityAuthorityService/MergePersons', 'mergePersons'],
  ['unefois.identity.v1.IdentityAuthorityService/SplitPerson', 'splitPerson'],
  ['unefois.identity.v1.IdentityAuthorityService/RecordDeath', 'recordDeath'],
  ['unefois.identity.v1.IdentityAuthorityService/CorrectPerson', 'correctPerson'],
] as const

describe('the authority’s staff', () => {
  const because = { decidedBy: 'agent-12', why: 'Act of the civil register.' }
  const noQuestion = '0b0e7a1c-6a8e-4d0e-8f7e-0c3c3c3c3c3c'
  let staff: Staff
  beforeAll(async () => {
    staff = await Staff.open(places)
  })
  afterAll(() => staff.close())

  it('see and decide no question that nobody asked', async () => {
    const { register } = staff
    expect(
      await refusalOf('unefois.identity.v1.IdentityAuthorityService/GetQuestion', () =>
        register.getQuestion({ questionId: noQuestion }, staff.call()),
      ),
    ).toBe('QUESTION_UNKNOWN')
    const decision = { $case: 'nobody' as const, value: {} }
    expect(
      await refusalOf('unefois.identity.v1.IdentityAuthorityService/DecideQuestion', () =>
        register.decideQuestion({ questionId: noQuestion, decision, ...because }, staff.call()),
      ),
    ).toBe('QUESTION_UNKNOWN')
  })

  it.each(changesOfEntries)('name people by no pseudonym of an agency: %s', async (rpc, act) => {
    const { register } = staff
    const { subject } = resident
    const pivots = [pivotOf(resident.person), pivotOf(another.person)]
    const acts = {
      mergePersons: () => register.mergePersons({ from: subject, into: another.subject, ...because }, staff.call()),
      splitPerson: () => register.splitPerson({ subject, pivots, ...because }, staff.call()),
      recordDeath: () => register.recordDeath({ subject, deceasedOn: '2026-11-02', ...because }, staff.call()),
      correctPerson: () =>
        register.correctPerson({ subject, pivot: pivotOf(resident.person), ...because }, staff.call()),
    }
    expect(await refusalOf(rpc, acts[act])).toBe('SUBJECT_UNKNOWN')
  })
})
