import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GrpcCallOptions } from '@unefois/chassis/grpc-client'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { stopChildren, stopChildrenOnExit } from '@unefois/deploy/sandbox/children'
import { removeElsewhere } from '@unefois/deploy/sandbox/directory'
import { startFederation } from '@unefois/deploy/sandbox/federation'
import { enrolPeople, pivotOf } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { FederationPlan, PlannedPerson } from '@unefois/deploy/sandbox/plan'
import { EventServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { ChangeServiceDefinition, ListSubscriptionsRequest } from '@unefois/proto/gen/unefois/documents/v1/changes'
import {
  CorrectionServiceDefinition,
  ListContestsRequest,
  ListCorrectionsRequest,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import {
  DeclarationServiceDefinition,
  ListDeclarationsRequest,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { ListReAsksRequest, ReAskServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { IdentityAuthorityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { benchPlan } from './bench-plan.js'
import { fillConsents, fillDocuments, fillIdentities, schemaOf } from './fill-lists.js'
import { mintedLogin } from './minted-login.js'

// npm run bench:lists [-- --people N] [-- --json]. Every list and search of one member that knows a million people, end to
// end: by gRPC over TLS, and over REST through a gateway; what a person asks at the portal goes sealed to the member. Beside it
// in the same run, the plain indexed SELECT that any list comes down to.

const bar = 100
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}
const people = Number(option('--people') ?? 1_000_000)
const calls = Number(option('--calls') ?? 60)
const isJson = process.argv.includes('--json')
const say = (line: string): void => {
  if (!isJson) process.stdout.write(`${line}\n`)
}

const parts = { member: 'caf', portal: 'mon-portail', authority: 'identite', consents: 'mes-accords' }

interface Row {
  readonly what: string
  readonly first: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly failures: number
}
const rows: Row[] = []

const round = (ms: number): number => Number(ms.toFixed(1))

/** One call after the other; the first, which finds nothing warm, is shown apart. */
const measure = async (what: string, act: (turn: number) => Promise<unknown>): Promise<void> => {
  const times: number[] = []
  let failures = 0
  let why = ''
  for (let turn = 0; turn <= calls; turn += 1) {
    const at = performance.now()
    try {
      await act(turn)
    } catch (error) {
      failures += 1
      why = String(error)
    }
    times.push(performance.now() - at)
  }
  const [first = Number.NaN, ...others] = times
  const sorted = others.sort((a, b) => a - b)
  const share = (of: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? Number.NaN)
  const row = { what, first: round(first), p50: share(0.5), p95: share(0.95), p99: share(0.99), failures }
  rows.push(row)
  const cells = [row.first, row.p50, row.p95, row.p99].map((ms) => `${ms} ms`.padStart(11))
  say(
    `${what.padEnd(58)}${cells.join('')}${failures > 0 ? `  ${failures} FAILED: ${why}` : row.p95 < bar ? '' : '  OVER'}`,
  )
}

let lastAddress = 1
/** A GET from a loopback address of its own: what is measured is no single client that calls too often. */
const getter = (origin: string, token: () => string): ((path: string) => Promise<Record<string, unknown>>) => {
  lastAddress += 1
  const localAddress = `127.0.0.${lastAddress}`
  return (path) =>
    new Promise((resolve, reject) => {
      const sent = request(
        `${origin}${path}`,
        { localAddress, headers: { authorization: `Bearer ${token()}` } },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            if (answer.statusCode !== 200) reject(new Error(`${answer.statusCode} ${text}`))
            else resolve(JSON.parse(text) as Record<string, unknown>)
          })
        },
      )
      sent.on('error', reject)
      sent.end()
    })
}

type Listed = {
  readonly members?: { readonly nextPageToken?: string; readonly isReached: boolean }[]
  readonly nextPageToken?: string
}

/** What a person asks at the portal: every page of hers is sealed to the member and back. */
const measurePersonal = async (places: Places, persons: readonly PlannedPerson[]): Promise<void> => {
  const origin = places.origin(parts.portal)
  const tokens = persons.map((person) => mintedLogin(places, person, parts.portal))
  const at = `member=${parts.member}`
  const over = async (what: string, pathOf: (turn: number) => string, of = 0): Promise<void> => {
    let turn = of
    const get = getter(origin, () => tokens[turn % tokens.length] ?? '')
    await measure(`REST portal ${what}`, async (each) => {
      turn = of === 0 ? each : 0
      const { members } = (await get(pathOf(each))) as Listed
      if (members?.some(({ isReached }) => !isReached)) throw new Error(JSON.stringify(members))
    })
  }
  /** The token of a page far into the list of the first person. */
  const deep = async (path: string, pages: number): Promise<string> => {
    const get = getter(origin, () => tokens[0] ?? '')
    let token = ''
    for (let page = 0; page < pages; page += 1) {
      const { members, nextPageToken } = (await get(
        `${path}${token && `&pageToken=${encodeURIComponent(token)}`}`,
      )) as Listed
      token = members?.[0]?.nextPageToken ?? nextPageToken ?? token
    }
    return encodeURIComponent(token)
  }
  const accesses = `/v1/me/accesses?${at}`
  await over('accesses, all members', () => '/v1/me/accesses')
  await over('accesses, one member', () => accesses)
  await over('accesses, page of 100 of 2,000', () => `${accesses}&pageSize=100`, 1)
  const far = await deep(`${accesses}&pageSize=100`, 15)
  await over('accesses, page 16 of 20', () => `${accesses}&pageSize=100&pageToken=${far}`, 1)
  await over('accesses, one in 50 (in SQL)', () => `${accesses}&agency=mes-accords`, 1)
  await over('accesses, one in 100 (opened)', () => `${accesses}&purpose=leisure-card`, 1)
  await over('accesses, none of 2,000 (opened)', () => `${accesses}&outcome=refused`, 1)
  await over('holdings, all members', () => '/v1/me/holdings')
  await over('holdings, received', () => `/v1/me/holdings?${at}&pageToken=received.`, 1)
  await over('holdings, one type', () => `/v1/me/holdings?${at}&evidenceType=quotient-familial`, 1)
  await over('contests', () => `/v1/me/contests?${at}`)
  await over('contests, one type', () => `/v1/me/contests?${at}&evidenceType=revenu-fiscal`, 1)
  await over('consents', () => '/v1/me/consents')
  await over('consents, page of 50', () => '/v1/me/consents?pageSize=50', 1)
  const older = await deep('/v1/me/consents?pageSize=50', 3)
  await over('consents, page 4', () => `/v1/me/consents?pageSize=50&pageToken=${older}`, 1)
  await over('consents, withdrawn', () => '/v1/me/consents?state=withdrawn', 1)
  await over('declarations', () => `/v1/me/declarations?${at}`)
  await over('agencies, by words', () => '/v1/agencies?q=caisse')
  await over('evidence types, by provider', () => '/v1/evidence-types?provider=caf')
}

/** What the agency's own software asks, by both doors. */
const measureAgency = async (places: Places, system: AgencySystem): Promise<void> => {
  const declaring = await system.call('evidence:declare')
  const requesting = await system.call('evidence:request')
  const corrections = system.service('documents', CorrectionServiceDefinition)
  const events = system.service('documents', EventServiceDefinition)
  const everyCorrection = ListCorrectionsRequest.decode(new Uint8Array())
  const everyContest = ListContestsRequest.decode(new Uint8Array())
  const db = schemaOf(places, parts.member, 'documents')
  const positionOf = async (table: string, order: string): Promise<string> => {
    const { rows: found } = await db.query<{ position: number }>(
      `SELECT position FROM ${table} ORDER BY position ${order}`,
    )
    return String(found[0]?.position ?? 1)
  }
  const middle = await positionOf('received_correction', `OFFSET ${Math.floor(people / 2)} LIMIT 1`)
  const lastContests = await positionOf('contest', 'DESC OFFSET 125 LIMIT 1')
  const sinceMs = Date.now() - 3600_000
  await db.close()
  const heard = (change: Partial<ListCorrectionsRequest>) => () =>
    corrections.listCorrections({ ...everyCorrection, ...change }, requesting)
  const contested = (change: Partial<ListContestsRequest>) => () =>
    corrections.listContests({ ...everyContest, ...change }, declaring)
  await measure('gRPC ListCorrections', heard({}))
  await measure('gRPC ListCorrections, page of 100 in the middle', heard({ pageSize: 100, pageToken: middle }))
  await measure('gRPC ListCorrections, open (1 in 100)', heard({ listed: 1 }))
  await measure('gRPC ListCorrections, one type (1 in 1,000)', heard({ evidenceType: 'revenu-fiscal' }))
  await measure('gRPC ListCorrections, open of one type', heard({ listed: 1, evidenceType: 'revenu-fiscal' }))
  await measure('gRPC ListCorrections, a type that nobody has', heard({ evidenceType: 'acte-naissance' }))
  await measure('gRPC ListCorrections, of the last hour', heard({ sinceMs }))
  await measure(
    'gRPC ListCorrections, answered, since 30 days',
    heard({ listed: 2, sinceMs: sinceMs - 30 * 86_400_000 }),
  )
  await measure('gRPC ListContests', contested({}))
  await measure('gRPC ListContests, the last', contested({ pageSize: 50, pageToken: lastContests }))
  await measure('gRPC ListContests, open', contested({ state: 1 }))
  await measure('gRPC ListContests, one type (opened)', contested({ evidenceType: 'revenu-fiscal' }))
  await measure('gRPC ListContests, of the last hour', contested({ sinceMs }))
  const hearing = await system.call('events:read')
  const page = { types: [], pageSize: 0, waitMs: 0 }
  await measure('gRPC ListEvents', () => events.listEvents({ ...page, position: '' }, hearing))
  await measure('gRPC ListEvents, in the middle', () => events.listEvents({ ...page, position: middle }, hearing))
  const subscriptions = system.service('documents', ChangeServiceDefinition)
  const everySubscription = ListSubscriptionsRequest.decode(new Uint8Array())
  await measure('gRPC ListSubscriptions', () => subscriptions.listSubscriptions(everySubscription, requesting))
  for (const state of [1, 2, 3] as const)
    await measure(`gRPC ListSubscriptions, in state ${state}`, () =>
      subscriptions.listSubscriptions({ ...everySubscription, state }, requesting),
    )
  const answering = await system.call('declaration:answer')
  const declarations = system.service('documents', DeclarationServiceDefinition)
  const everyDeclaration = ListDeclarationsRequest.decode(new Uint8Array())
  await measure('gRPC ListDeclarations', () => declarations.listDeclarations(everyDeclaration, answering))
  await measure('gRPC ListDeclarations, open', () =>
    declarations.listDeclarations({ ...everyDeclaration, state: 1 }, answering),
  )
  const reAsks = system.service('documents', ReAskServiceDefinition)
  const everyCount = ListReAsksRequest.decode(new Uint8Array())
  await measure('gRPC ListReAsks', () => reAsks.listReAsks(everyCount, requesting))
  const get = getter(places.origin(parts.member), () => requesting.accessToken ?? '')
  await measure('REST agency corrections', () => get('/v1/corrections'))
  await measure('REST agency corrections, filtered', () => get('/v1/corrections?state=open&evidenceType=revenu-fiscal'))
  const declared = getter(places.origin(parts.member), () => declaring.accessToken ?? '')
  await measure('REST agency contests, open', () => declared('/v1/contests?state=open'))
}

const freshly = (call: GrpcCallOptions): GrpcCallOptions => ({ ...call, idempotencyKey: randomUUID() })

/** Questions, events and the search for a person in the register. */
const measureIdentities = async (
  places: Places,
  system: AgencySystem,
  persons: readonly PlannedPerson[],
): Promise<void> => {
  const enrolling = await system.call('identity:enrol')
  const { identity } = system
  const page = { pageSize: 200, pageToken: '' }
  await measure('gRPC ListQuestions', () => identity.listQuestions({ ...page, state: 0 }, enrolling))
  await measure('gRPC ListQuestions, decided (none)', () => identity.listQuestions({ ...page, state: 2 }, enrolling))
  await measure('gRPC ListIdentityEvents', () => identity.listIdentityEvents(page, enrolling))
  const middle = String(Math.floor(people / 2))
  await measure('gRPC ListIdentityEvents, in the middle', () =>
    identity.listIdentityEvents({ ...page, pageToken: middle }, enrolling),
  )
  const found = (turn: number) => pivotOf(persons[turn % persons.length] as PlannedPerson)
  await measure('gRPC EnrolSubject, a search of the register', (turn) =>
    identity.enrolSubject({ pivot: found(turn) }, freshly(enrolling)),
  )
  await measure('gRPC EnrolSubject, nobody', (turn) => {
    const nobody = { ...found(turn), birthdate: '1901-02-03', familyName: `Personne ${'ABCDEFGH'[turn % 8]}` }
    return identity.enrolSubject({ pivot: nobody }, freshly(enrolling))
  })
  const staff = new AgencySystem(places, parts.authority)
  const reviewing = await staff.call('register:review')
  const authority = staff.service('identity-authority', IdentityAuthorityServiceDefinition)
  await measure('gRPC ListOpenQuestions', () => authority.listOpenQuestions(page, reviewing))
  staff.close()
}

/** The same machine, the same rows, nothing but the database. */
const measureYardstick = async (places: Places, subjects: readonly string[]): Promise<void> => {
  const db = schemaOf(places, parts.member, 'documents')
  const newest = `SELECT sequence, record_id, content FROM exchange_record WHERE subject = $1 ORDER BY sequence DESC LIMIT 50`
  await measure('yardstick: SELECT of 50 rows by an index', (turn) =>
    db.query(newest, [subjects[turn % subjects.length]]),
  )
  await db.close()
}

const planned = (): FederationPlan => {
  const plan = benchPlan()
  return { ...plan, people: plan.people.slice(0, 8) }
}

const run = async (directory: string): Promise<void> => {
  const federation = await startFederation({ plan: planned(), directory })
  const { people: persons } = federation.plan
  const pseudonyms = await enrolPeople(federation, persons)
  const subjectsAt = (member: string): string[] => persons.map(({ key }) => pseudonyms.get(member)?.get(key) ?? '')
  const startedAt = performance.now()
  const filled = async (what: string, fill: Promise<void>): Promise<void> => {
    await fill
    say(`filled ${what} after ${Math.round((performance.now() - startedAt) / 1000)} s`)
  }
  const known = subjectsAt(parts.member).map((subject) => ({ subject }))
  const atAuthority = await new ConsentSubjects(federation).of(persons)
  await Promise.all([
    filled('documents', fillDocuments(federation, parts.member, people, known)),
    filled('consents', fillConsents(federation, parts.consents, people, atAuthority)),
    filled('identities', fillIdentities(federation, parts, people)),
  ])
  say(`\n${''.padEnd(58)}${['first', 'p50', 'p95', 'p99'].map((head) => head.padStart(11)).join('')}`)
  const system = new AgencySystem(federation, parts.member)
  await measureYardstick(federation, subjectsAt(parts.member))
  await measureIdentities(federation, system, persons)
  await measureAgency(federation, system)
  await measurePersonal(federation, persons)
  system.close()
  const over = rows.filter(({ p95, failures }) => p95 >= bar || failures > 0)
  say(`\n${people} people: ${rows.length - over.length} of ${rows.length} with p95 below ${bar} ms`)
  if (isJson) process.stdout.write(`${JSON.stringify({ people, rows })}\n`)
  await federation.stop()
}

/** The consent authority's own pseudonyms, as its identity service gives them to somebody who logs in there. */
class ConsentSubjects {
  readonly #places: Places

  constructor(places: Places) {
    this.#places = places
  }

  async of(persons: readonly PlannedPerson[]): Promise<{ subject: string }[]> {
    const authority = new AgencySystem(this.#places, parts.consents)
    const subjects: { subject: string }[] = []
    for (const person of persons) {
      const { subject } = await authority.identity.exchangeToken(
        {
          subjectToken: mintedLogin(this.#places, person, parts.consents),
          subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
        },
        await authority.call('identity:exchange'),
      )
      subjects.push({ subject })
    }
    authority.close()
    return subjects
  }
}

stopChildrenOnExit()
const directory = mkdtempSync(join(tmpdir(), 'unefois-lists-'))
try {
  await run(join(directory, 'lists'))
} finally {
  await stopChildren()
  removeElsewhere(join(directory, 'lists', 'postgres'))
  rmSync(directory, { recursive: true, force: true })
}
process.exit(0)
