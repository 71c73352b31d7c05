import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as grpc from '@grpc/grpc-js'
import { fromGrpcError } from '@unefois/chassis/errors-on-the-wire'
import { accessRuleOf } from '@unefois/chassis/method'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { homeCalls, meshCalls, type ServiceName, servicesOf } from '@unefois/deploy/sandbox/topology'
import { type AccessRule, CallerKind } from '@unefois/proto/gen/unefois/access/v1/access'
import { basisIdFrom } from '@unefois/proto/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { journeyPlan } from '../journey-plan.js'
import { publishCorruptList } from './_corrupt-list.js'
import { sharedFederation } from './_federation.js'
import { compactOf, encryptedTo, keyAt, kidAt, nowSeconds, originalOf, withClaims } from './_forgeries.js'
import { HostileMember, HostileNeighbour } from './_raw-callers.js'
import { type Rpc, refusalOf, rpcs } from './_refusals.js'
import { sendRelease } from './_release.js'
import {
  authority,
  evidenceType,
  exchangeId,
  fund,
  identityAuthority,
  portal,
  Resident,
  stranger,
  told,
  town,
} from './_resident.js'

/** A purpose of this file only, for which the provider did sign: the control that the rest would have passed. */
const signedPurpose = `library-${randomBytes(4).toString('hex')}`

let places: Places
let untilRead: () => Promise<void>
beforeAll(async () => {
  places = await sharedFederation()
  // First, because members read it within 30 seconds only; nothing below but the last part depends on it.
  untilRead = publishCorruptList(places, signedPurpose)
})
afterAll(() => places.signer.sign())

const ruleOf = ({ method }: Rpc): AccessRule => accessRuleOf(method) as AccessRule
const isOpenTo = (rpc: Rpc, kind: CallerKind): boolean => ruleOf(rpc).callers.includes(kind)
const isForAnyone = (rpc: Rpc): boolean => isOpenTo(rpc, CallerKind.CALLER_KIND_ANYONE)
/** A stream needs no deadline, and is served at the gRPC door alone. */
const isStream = ({ method }: Rpc): boolean => method.responseStream
const notOnTheBus = (rpc: Rpc): string => (isStream(rpc) ? 'METHOD_UNKNOWN' : 'CALLER_NOT_ALLOWED')
const rpcsOf = (service: string): readonly Rpc[] => rpcs.filter((rpc) => rpc.service === service)
const emptyRequest = ({ method }: Rpc): object => method.requestType.decode(new Uint8Array()) as object
const scopes = [...new Set(rpcs.map((rpc) => ruleOf(rpc).scope).filter(Boolean))]
const bytes = (buffer: Buffer): Buffer => buffer

/** Each RPC with what it answered, and with what it should have. */
type Answers = Record<string, string>
const expected = (all: readonly Rpc[], reasonOf: (rpc: Rpc) => string): Answers =>
  Object.fromEntries(all.map((rpc) => [rpc.name, reasonOf(rpc)]))
const answersOf = async (all: readonly Rpc[], ask: (rpc: Rpc) => Promise<unknown>): Promise<Answers> => {
  const answers: Answers = {}
  for (const rpc of all) answers[rpc.name] = await refusalOf(rpc.name, () => ask(rpc))
  return answers
}

/** Where each service that has a gRPC door is asked. */
const doors: readonly [ServiceName, string][] = [
  ['identity', town],
  ['consent', town],
  ['documents', town],
  ['eligibility', town],
  ['identity-authority', identityAuthority],
  ['consent-authority', authority],
]

describe.each(doors)('every RPC at the gRPC door of %s', (service, member) => {
  let client: grpc.Client
  let own: AgencySystem
  let foreign: AgencySystem
  beforeAll(() => {
    const { address, authority: file } = places.grpc(member, service)
    client = new grpc.Client(address, grpc.credentials.createSsl(readFileSync(file)))
    own = new AgencySystem(places, member)
    foreign = new AgencySystem(places, stranger)
  })
  afterAll(() => {
    client.close()
    own.close()
    foreign.close()
  })

  const ask =
    (token?: string, deadlineMs?: number) =>
    ({ name }: Rpc): Promise<unknown> => {
      const metadata = new grpc.Metadata()
      metadata.set('idempotency-key', randomBytes(16).toString('hex'))
      if (token !== undefined) metadata.set('authorization', `Bearer ${token}`)
      const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
      return new Promise((resolve, reject) =>
        client.makeUnaryRequest(`/${name}`, bytes, bytes, Buffer.alloc(0), metadata, options, (error, response) =>
          error ? reject(fromGrpcError(error)) : resolve(response),
        ),
      )
    }
  const all = rpcsOf(service)
  const tokenOf = async (system: AgencySystem, scope = ''): Promise<string> =>
    (await system.call(scope)).accessToken as string

  it('refuses a call without a deadline', async () => {
    const reasonOf = (rpc: Rpc) => (isStream(rpc) ? 'TOKEN_MISSING' : 'DEADLINE_MISSING')
    expect(await answersOf(all, ask())).toEqual(expected(all, reasonOf))
  })

  it('refuses a call without a token, unless the request itself is the proof', async () => {
    const reasonOf = (rpc: Rpc) => (isForAnyone(rpc) ? 'REQUEST_INVALID' : 'TOKEN_MISSING')
    expect(await answersOf(all, ask(undefined, 5000))).toEqual(expected(all, reasonOf))
  })

  it('refuses the token of another agency, with all its scopes', async () => {
    expect(await answersOf(all, ask(await tokenOf(foreign), 5000))).toEqual(expected(all, () => 'TOKEN_KEY_UNKNOWN'))
  })

  it('refuses a system, with every scope but the one that is asked for', async () => {
    const answers: Answers = {}
    for (const rpc of all) {
      const others = scopes.filter((scope) => scope !== ruleOf(rpc).scope).join(' ')
      Object.assign(answers, await answersOf([rpc], ask(await tokenOf(own, others), 5000)))
    }
    const reasonOf = (rpc: Rpc) => (isForAnyone(rpc) ? 'REQUEST_INVALID' : 'CALLER_NOT_ALLOWED')
    expect(answers).toEqual(expected(all, reasonOf))
  })

  it('refuses a person where the contract lets none in', async () => {
    const closed = all.filter((rpc) => !isForAnyone(rpc) && !isOpenTo(rpc, CallerKind.CALLER_KIND_PERSON))
    const system = originalOf(await tokenOf(own), places.keys(member).token.path)
    const login = { acr: 'eidas3', auth_time: nowSeconds(), lgh: 'handle', scope: undefined }
    const person = withClaims(system, { ...login, sub: `p1.1.${'A'.repeat(22)}` })
    expect(await answersOf(closed, ask(person, 5000))).toEqual(expected(closed, () => 'CALLER_NOT_ALLOWED'))
  })

  it('serves no RPC of another service, events among them', async () => {
    const elsewhere = rpcs.filter((rpc) => rpc.service !== service)
    expect(await answersOf(elsewhere, ask(await tokenOf(own), 5000))).toEqual(
      expected(elsewhere, () => 'METHOD_UNKNOWN'),
    )
  })
})

/** A calling and an answering member for each line of the graph between members. */
const links = meshCalls.map(({ from, fromRole, to, toRole }) => {
  const caller = { agency: town, portal, 'consent-authority': authority, 'identity-authority': identityAuthority }[
    fromRole
  ]
  const callee = { agency: fund, portal, 'consent-authority': authority, 'identity-authority': identityAuthority }[
    toRole
  ]
  return [`${caller}/${from}`, `${callee}/${to}`, caller, from, callee, to] as const
})

describe.each(links)('what %s asks %s', (_caller, _callee, caller, from, callee, to) => {
  it('is refused, RPC by RPC, unless the contract names its service and its role', async () => {
    const role = places.list().member(caller, 0).roles
    const isLetIn = (rpc: Rpc): boolean => {
      const { memberServices, memberRole } = ruleOf(rpc)
      return memberServices.includes(from) && (memberRole === '' || role.some((held) => held === memberRole))
    }
    const closed = [...rpcsOf(to), ...rpcsOf('delivery')].filter((rpc) => !isForAnyone(rpc) && !isLetIn(rpc))
    const hostile = await HostileMember.connect(places, caller, from)
    const ask = (rpc: Rpc) => {
      const [key] = Object.entries(rpc.definition.methods).find(([, { name }]) => name === rpc.method.name) ?? ['']
      return hostile.of(callee, rpc.definition, to)[key]?.(emptyRequest(rpc)) as Promise<unknown>
    }
    expect(await answersOf(closed, ask)).toEqual(expected(closed, notOnTheBus))
    await hostile.close()
  })
})

/** A line for each pair of neighbours that the broker joins, at a member that runs both. */
const neighbours = journeyPlan()
  .agencies.filter(({ id }) => id === town || id === authority)
  .flatMap((member) =>
    servicesOf(member).flatMap((from) =>
      homeCalls[from].filter((to) => servicesOf(member).includes(to)).map((to) => [member.id, from, to] as const),
    ),
  )

describe.each(neighbours)('inside %s, what %s asks %s', (member, from, to) => {
  it('is refused, RPC by RPC, unless the contract names it as a neighbour', async () => {
    const closed = [...rpcsOf(to), ...rpcsOf('delivery')].filter(
      (rpc) => !isForAnyone(rpc) && !ruleOf(rpc).neighbours.includes(from),
    )
    const hostile = await HostileNeighbour.connect(places, member, from)
    const ask = (rpc: Rpc) => {
      const [key] = Object.entries(rpc.definition.methods).find(([, { name }]) => name === rpc.method.name) ?? ['']
      return hostile.of(rpc.definition, to)[key]?.(emptyRequest(rpc), hostile.call()) as Promise<unknown>
    }
    expect(await answersOf(closed, ask)).toEqual(expected(closed, notOnTheBus))
    await hostile.close()
  })
})

let resident: Resident
let sender: HostileMember

/** A release request with everything that the town itself, or an identity authority under the same list, could add. */
const askFor = async (purpose: string): Promise<readonly string[]> => {
  const id = exchangeId()
  const basisId = basisIdFrom(randomBytes(16))
  const iat = nowSeconds()
  const about = { purpose, iat, jti: randomBytes(16).toString('base64url') }
  const ticketKey = places.keys(identityAuthority).ticket?.path ?? ''
  const ticket = compactOf(
    { alg: 'EdDSA', kid: kidAt(ticketKey), typ: 'subject-ticket+jwt' },
    {
      ...about,
      iss: identityAuthority,
      aud: fund,
      requester: stranger,
      sub: resident.atFund,
      basis: basisId,
      exp: iat + 60,
    },
    keyAt(ticketKey),
  )
  const statementKey = places.keys(stranger).statement.path
  const statement = compactOf(
    { alg: 'EdDSA', kid: kidAt(statementKey), typ: 'notice+jws' },
    {
      iss: stranger,
      aud: fund,
      basis: basisId,
      purpose,
      evidence_types: [evidenceType],
      text_version: '1',
      language: 'fr',
      channel: 'paper',
      iat,
    },
    keyAt(statementKey),
  )
  const reason = await sendRelease(sender, {
    evidenceType,
    purpose,
    procedure: purpose,
    basisId,
    statement,
    ticket: encryptedTo(places, fund, 'documents', ticket),
    fields: ['quotient_familial.valeur'],
    predicates: [],
    exchangeId: id,
  })
  return [reason, ...(await resident.onRecord(id))]
}

describe('an authorisation without the provider’s own signature', () => {
  beforeAll(async () => {
    resident = await Resident.settle(places)
    sender = await HostileMember.connect(places, stranger, 'documents')
    await untilRead()
  })
  afterAll(async () => {
    resident.leave()
    await sender.close()
  })

  it('is left out by every member, and opens nothing at the provider', async () => {
    expect(await askFor(told)).toEqual([
      'PURPOSE_NOT_AUTHORISED',
      `${fund}: ${stranger} refused PURPOSE_NOT_AUTHORISED`,
    ])
  })

  it('is all that was missing: the same request goes through where the provider did sign', async () => {
    expect(await askFor(signedPurpose)).toEqual(['nothing', `${fund}: ${stranger} released`])
  })

  it('does not keep the rest of the list from being in force', async () => {
    const { outcome } = await resident.ask(await resident.tell())
    expect(outcome?.$case).toBe('evidence')
  })
})
