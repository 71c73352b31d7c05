import { randomBytes } from 'node:crypto'
import type { Caller } from '@unefois/chassis/caller'
import { Deadline } from '@unefois/chassis/deadline'
import type { Postgres } from '@unefois/chassis/postgres'
import type { Call, Rpc } from '@unefois/chassis/rpc'
import type { Federation } from '@unefois/proto/federation'
import { personalAccessPurpose } from '@unefois/proto/federation-list'
import { ConsentChanged } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { basisIdFrom, type MemberId } from '@unefois/proto/ids'
import { type ConsentArtefactClaims, consentArtefactType } from '@unefois/proto/statements'
import { checkToken } from '@unefois/proto/token'
import type { ConsentAuthorityContext } from './context.js'
import { ClockFixture, openDatabase, outboxOf, queued, subjectsOf } from './database.fixture.js'
import {
  asker,
  assent,
  federationOf,
  keysOf,
  pseudonym,
  returnUrl,
  sourceOne,
  sourceTwo,
  startSeconds,
  window,
} from './federation.fixture.js'
import { IdentityFixture, ticketFor } from './identity.fixture.js'
import { grantConsent } from './rpc/grant-consent.js'
import { pushConsentRequest } from './rpc/push-consent-request.js'
import { type Consent, readConsentsOf } from './store/consents.js'
import { authorityMigrations } from './store/migrations.js'
import { authoritySubjectTables } from './store/subject-tables.js'
import { Tickets } from './tickets.js'
import { Wakes } from './wakes.js'

/** The consent authority on a real database, with its neighbour and its clock in hand. */
export interface AuthorityFixture extends ConsentAuthorityContext {
  readonly postgres: Postgres
  readonly clock: ClockFixture
  readonly identity: IdentityFixture
  readonly federation: { current: Federation }
}

export const openAuthority = async (schema: string): Promise<AuthorityFixture> => {
  const postgres = await openDatabase(schema, authorityMigrations)
  const clock = new ClockFixture()
  const federation = { current: federationOf() }
  return {
    member: assent,
    clock,
    postgres,
    federation,
    outbox: outboxOf(postgres, clock),
    subjects: subjectsOf(postgres, clock, authoritySubjectTables),
    statementKey: keysOf(assent).statement,
    identity: new IdentityFixture(assent, ['ada', 'bea']),
    tickets: new Tickets({ member: assent, clock, federation, sealKey: keysOf(assent).seal }),
    wakes: new Wakes(),
    publicUrl: 'https://assent.example',
    leaseMs: 10_000,
    requestMinutes: 60,
  }
}

export const callOf = (clock: ClockFixture, caller: Caller, deadlineMs = 50): Call => ({
  caller,
  deadline: Deadline.after(deadlineMs, clock),
  door: 'home',
})

export const personAt = (member: MemberId, person: string): Extract<Caller, { kind: 'person' }> => ({
  kind: 'person',
  clientId: 'gateway',
  subject: pseudonym(person, member),
  acr: 'eidas2',
  authTimeSeconds: startSeconds - 60,
  loginHandle: `login of ${person}`,
})

export const memberCaller = (member: MemberId, service = 'consent'): Caller => ({ kind: 'member', member, service })

/** Calls an RPC that has no effect of its own to remember. */
export const ask = <Req, Res>(rpc: Rpc<Req, Res>, request: Req, call: Call): Promise<Res> =>
  'handle' in rpc ? rpc.handle(request, call) : Promise.reject(new TypeError('an effect'))

/** A push as a requester's consent service makes it. */
export const pushOf = (
  person = 'ada',
  over: { providers?: string[]; evidenceTypes?: string[]; requester?: MemberId } = {},
) => {
  const basisId = basisIdFrom(randomBytes(16))
  return {
    purpose: 'agreed',
    providers: over.providers ?? [sourceOne, sourceTwo],
    evidenceTypes: over.evidenceTypes ?? ['income', 'housing'],
    durationDays: 30,
    returnUrl,
    ticket: ticketFor({
      aud: assent,
      requester: over.requester ?? asker,
      purpose: 'agreed',
      basis: basisId,
      sub: pseudonym(person, assent),
    }),
    clientRequestId: randomBytes(16).toString('base64url'),
    basisId,
  }
}

/** A request that waits for its answer. */
export const pushed = async (authority: AuthorityFixture, push = pushOf()): Promise<string> =>
  (await ask(pushConsentRequest(authority), push, callOf(authority.clock, memberCaller(asker)))).requestId

/** A consent that was given. */
export const granted = async (authority: AuthorityFixture, person = 'ada'): Promise<string> => {
  const requestId = await pushed(authority, pushOf(person))
  const call = callOf(authority.clock, personAt(assent, person))
  return (await ask(grantConsent(authority), { requestId, language: 'fr' }, call)).consentId
}

/** What the portal sends for a logged-in person. */
export const portalAsk = (
  person: string,
  { hasLogin = true, atSeconds = startSeconds, requester = window, purpose = personalAccessPurpose } = {},
): { ticket: string; basisId: string } => ({
  ticket: ticketFor({
    aud: assent,
    requester,
    purpose,
    sub: pseudonym(person, assent),
    iat: atSeconds,
    exp: atSeconds + 3600,
    ...(hasLogin && { acr: 'eidas1', auth_time: atSeconds }),
  }),
  basisId: '',
})

/** The artefacts that wait for a party, verified as the party does. */
export const artefactsFor = async (
  authority: AuthorityFixture,
  party: MemberId,
): Promise<(ConsentArtefactClaims & { readonly feedPosition: number })[]> =>
  (await queued(authority.postgres, `${party}/consent`)).map(({ data }) => {
    const { artefact, feedPosition } = ConsentChanged.decode(data)
    const claims = checkToken(artefact, consentArtefactType, {
      audience: party,
      keyOf: authority.federation.current.keyOf('statement'),
      nowSeconds: Math.floor(authority.clock.nowMs() / 1000),
    })
    return { ...claims, feedPosition }
  })

/** All consents of a person, newest first. */
export const everyConsentOf = (
  { postgres, clock }: Pick<AuthorityFixture, 'postgres' | 'clock'>,
  subject: string,
): Promise<readonly Consent[]> =>
  readConsentsOf(postgres, subject, {
    ...{ after: undefined, state: '', requester: '', purpose: '' },
    limit: 100,
    nowMs: clock.nowMs(),
  })
