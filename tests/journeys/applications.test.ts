import { randomUUID, sign } from 'node:crypto'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import {
  type ApplicationReceiptClaims,
  applicationReceiptType,
  type DecisionClaims,
  decisionType,
} from '@unefois/proto/decision-statements'
import { generateKeyPair, importPrivateKey } from '@unefois/proto/keys'
import { checkToken, type TokenType } from '@unefois/proto/token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { Someone, type Use } from './_modes.js'
import { fund, idTokenOf, Resident, stranger, told, town } from './_resident.js'
import { type RestAnswer, restOf } from './_rest.js'

/** A fare that is granted without anybody signing, where the health fund knows of the cover. */
const fare: Use = {
  requester: 'mobilites-ardenne',
  provider: 'cpam',
  evidenceType: 'complementaire-sante-solidaire',
  purpose: 'solidarity-fare',
  value: { est_beneficiaire: true, avec_participation: false, date_debut_droit: '2026-06-01' },
}
const inTown = 'école de la commune'
const agent = {
  agentId: 'agent-17',
  firstName: 'Nadia',
  lastName: 'Roux',
  capacity: 'Responsable des affaires scolaires',
}

interface Shown {
  readonly applicationId: string
  readonly state: string
  readonly decisionId: string | null
  readonly corrections: readonly { readonly fields: readonly string[]; readonly resolvedAt: string | null }[]
  readonly used: readonly { readonly name: string; readonly value: unknown; readonly isSelfDeclared: boolean }[]
  readonly receipt: { readonly jws: string; readonly missingFields: readonly string[]; readonly telephone: string }
  readonly clock: { readonly means: string; readonly isWaiting: boolean; readonly dueDay: string }
}
interface Explained {
  readonly contribution: string
  readonly data: readonly { readonly value: string; readonly source: string }[]
  readonly parameters: readonly object[]
  readonly operations: readonly string[]
}

let places: Places
let passenger: Someone
let resident: Resident
let system: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  passenger = (await Someone.settle(places, fare)).hold(1)
  resident = await Resident.settle(places)
  system = new AgencySystem(places, town)
})
afterAll(() => {
  passenger.system.close()
  resident.leave()
  system.close()
})

type Asked = { readonly method?: string; readonly path: string; readonly body?: object }
const applied = ({ body }: RestAnswer): Shown => body.application as Shown
const asPassenger = async (asked: Asked): Promise<RestAnswer> =>
  restOf(places, fare.requester, { ...asked, token: await idTokenOf(places, passenger.person, fare.requester) })
const asResident = async (asked: Asked): Promise<RestAnswer> =>
  restOf(places, town, { ...asked, token: await idTokenOf(places, resident.person, town) })
const scopes = 'applications:read applications:examine applications:decide delegations:register evidence:request'
const asTown = async (asked: Asked): Promise<RestAnswer> =>
  restOf(places, town, { ...asked, token: (await system.call(scopes)).accessToken })

/** Verified with nothing but the federation list, as anybody would who is shown the file. */
const verified = <C>(jws: string, type: TokenType<C>): C =>
  checkToken(jws, type, { keyOf: places.list().keyOf('decision'), nowSeconds: Math.floor(Date.now() / 1000) })

const encoded = (text: string): string => Buffer.from(text).toString('base64url')

describe('a fare that evidence alone decides', () => {
  let applicationId: string
  let decisionId: string
  const at = (further = ''): string => `/v1/applications/${applicationId}${further}`

  it('is applied for by nobody in another’s name, and not where no application is taken', async () => {
    const body = { procedure: fare.purpose, language: 'en' }
    const other = { ...body, subject: resident.subject }
    expect((await asPassenger({ path: '/v1/applications', body: other })).reason).toBe('CALLER_NOT_ALLOWED')
    const proxy = { procedure: 'electoral-proxy', language: 'en' }
    expect((await asResident({ path: '/v1/applications', body: proxy })).reason).toBe('APPLICATION_NOT_TAKEN')
    const wrong = { ...body, entries: { colour: 'red' } }
    expect((await asPassenger({ path: '/v1/applications', body: wrong })).reason).toBe('APPLICATION_INVALID')
  })

  it('is received at once, with a receipt that anybody can verify without us', async () => {
    const body = { procedure: fare.purpose, language: 'en', entries: { photograph: 'A photograph' } }
    const answer = await asPassenger({ path: '/v1/applications', body })
    const { receipt, state, ...rest } = applied(answer)
    applicationId = rest.applicationId
    expect([answer.status, state, receipt.missingFields]).toEqual([201, 'in-review', []])
    const claims: ApplicationReceiptClaims = verified(receipt.jws, applicationReceiptType)
    expect(claims).toMatchObject({
      iss: fare.requester,
      application: applicationId,
      silence: { means: 'rejection', due_day: rest.clock.dueDay },
      telephone: receipt.telephone,
    })
    const [head = '', payload = '', signature = ''] = receipt.jws.split('.')
    const other = encoded(Buffer.from(payload, 'base64url').toString().replace(applicationId, randomUUID()))
    expect(() => verified(`${head}.${other}.${signature}`, applicationReceiptType)).toThrow('signature')
  })

  it('is granted by itself once the fund has told, on a notice and with nobody asked twice', async () => {
    const notice = {
      provider: fare.provider,
      purpose: fare.purpose,
      evidenceTypes: [fare.evidenceType],
      textVersion: passenger.textVersion,
      language: 'en',
      channel: 'online',
    }
    const { basisId } = (await asPassenger({ path: '/v1/notices', body: notice })).body
    const bases = [{ provider: fare.provider, purpose: fare.purpose, basisId }]
    const answer = await asPassenger({ path: at('/examinations'), body: { bases } })
    const { state, used, ...rest } = applied(answer)
    expect([answer.status, state]).toEqual([200, 'granted'])
    expect(used.every(({ isSelfDeclared }) => !isSelfDeclared)).toBe(true)
    decisionId = rest.decisionId ?? ''
    const { decision } = (await asPassenger({ method: 'GET', path: `/v1/decisions/${decisionId}` })).body
    expect(decision).toMatchObject({ outcome: 'granted', signedBy: null, remedies: [] })
    const { jws, algorithmNotice } = decision as { readonly jws: string; readonly algorithmNotice: string }
    expect(algorithmNotice).toContain('L311-3-1')
    expect(verified<DecisionClaims>(jws, decisionType).statement).toMatchObject({ outcome: 'granted', finding: 'yes' })
  })

  it('is explained in four parts, and seen by nobody else', async () => {
    const path = `/v1/decisions/${decisionId}/explanation?language=en`
    const explained = (await asPassenger({ method: 'GET', path })).body as unknown as Explained
    expect(explained.contribution.length).toBeGreaterThan(20)
    for (const part of [explained.data, explained.parameters, explained.operations])
      expect(part.length).toBeGreaterThan(0)
    const token = await idTokenOf(places, resident.person, stranger)
    for (const each of [at(), `/v1/decisions/${decisionId}`])
      expect((await restOf(places, stranger, { method: 'GET', path: each, token })).status).toBe(404)
  })
})

describe('a rate that a person refuses', () => {
  let applicationId: string
  const at = (further = ''): string => `/v1/applications/${applicationId}${further}`
  const reasons = 'L’enfant ne va pas dans une école de la commune (délibération du conseil municipal).'
  const made = { outcome: 'refused', reasons }
  const key = generateKeyPair('sign', 'agent-17')
  const { kty, crv, x } = key.publicJwk as { readonly kty: string; readonly crv: string; readonly x: string }
  const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  let delegationId: string

  it('is deposited with something missing, which is listed and awaited, and then complete', async () => {
    const body = { procedure: told, language: 'fr', facts: { [inTown]: false } }
    const { state, receipt, ...rest } = applied(await asResident({ path: '/v1/applications', body }))
    applicationId = rest.applicationId
    expect([state, receipt.missingFields]).toEqual(['incomplete', ['school']])
    expect(rest.corrections).toMatchObject([{ fields: ['school'], resolvedAt: null }])
    expect(rest.clock.isWaiting).toBe(true)
    const wrong = await asResident({ path: at('/pieces'), body: { entries: { quotient: '704' } } })
    expect(wrong.reason).toBe('APPLICATION_INVALID')
    const added = applied(await asResident({ path: at('/pieces'), body: { entries: { school: 'Jules-Ferry, CP' } } }))
    expect([added.state, added.clock.isWaiting]).toEqual(['in-review', false])
  })

  it('is refused by nobody without a delegation that covers it', async () => {
    const delegation = {
      agent,
      jwk: { kty, crv, x },
      procedures: [told],
      outcomes: ['granted'],
      fromDay: day(-30),
      toDay: day(300),
      legalReference: 'Arrêté 2026-12 du maire, affiché le 3 janvier 2026',
    }
    const narrow = (await asTown({ path: '/v1/delegations', body: delegation })).body.delegation
    const { delegationId: narrowId } = narrow as { readonly delegationId: string }
    const draft = { ...made, delegationId: narrowId }
    expect((await asTown({ path: at('/decision-drafts'), body: draft })).reason).toBe('DELEGATION_NOT_COVERING')
    const wide = { ...delegation, outcomes: ['granted', 'refused'] }
    const registered = (await asTown({ path: '/v1/delegations', body: wide })).body.delegation
    delegationId = (registered as { readonly delegationId: string }).delegationId
  })

  it('is refused by an agent who signs the very statement, and by no other hand', async () => {
    const draft = await asTown({ path: at('/decision-drafts'), body: { ...made, delegationId } })
    const statement = String(draft.body.statementJson)
    const head = encoded(JSON.stringify({ typ: 'decision-signature+jws', alg: 'EdDSA', kid: 'agent-17' }))
    const signedBy = (jwk: object, text: string): string => {
      const content = `${head}.${encoded(text)}`
      return `${content}.${sign(null, Buffer.from(content), importPrivateKey(jwk as never).key).toString('base64url')}`
    }
    const issue = (signatureJws: string) => asTown({ path: at('/decisions'), body: { ...made, signatureJws } })
    const strangersKey = generateKeyPair('sign', 'agent-17').privateJwk
    expect((await issue(signedBy(strangersKey, statement))).reason).toBe('DECISION_SIGNATURE_INVALID')
    const changed = statement.replace('refused', 'granted')
    expect((await issue(signedBy(key.privateJwk, changed))).reason).toBe('DECISION_SIGNATURE_INVALID')
    const issued = await issue(signedBy(key.privateJwk, statement))
    expect([issued.status, issued.body.decision]).toMatchObject([
      201,
      { outcome: 'refused', reasons, signedBy: { lastName: 'Roux' }, remedies: [{}, {}] },
    ])
    expect((await issue(signedBy(key.privateJwk, statement))).reason).toBe('APPLICATION_ENDED')
  })

  it('tells the person why, until when it can be contested, and how it was computed, in easy words too', async () => {
    const { state, decisionId } = applied(await asResident({ method: 'GET', path: at() }))
    expect(state).toBe('refused')
    const own = (await asResident({ method: 'GET', path: `/v1/decisions/${decisionId}` })).body.decision
    const { remedies, jws } = own as {
      readonly remedies: readonly { readonly lastDay: string }[]
      readonly jws: string
    }
    for (const { lastDay } of remedies) expect(lastDay > day(50)).toBe(true)
    expect(verified<DecisionClaims>(jws, decisionType).statement).toMatchObject({ outcome: 'refused', finding: 'no' })
    for (const language of ['fr', 'en', 'fr-x-falc']) {
      const path = `/v1/decisions/${decisionId}/explanation?language=${language}`
      const { body } = await asResident({ method: 'GET', path })
      expect(body).toMatchObject({ language, data: [{}], parameters: expect.any(Array) })
    }
    const again = await asTown({ path: `/v1/decisions/${decisionId}/recomputations` })
    expect(again.body).toMatchObject({ isSame: true, finding: { answer: 'no' } })
  })

  it('has the fund tell the quotient, and leaves to an agent what no evidence can tell', async () => {
    const body = { procedure: told, language: 'fr', facts: { [inTown]: true }, entries: { school: 'Jules-Ferry, CP' } }
    const { applicationId: second } = applied(await asResident({ path: '/v1/applications', body }))
    const bases = [{ provider: fund, purpose: told, basisId: await resident.tell() }]
    const examined = await asTown({ path: `/v1/applications/${second}/examinations`, body: { bases } })
    expect(applied(examined)).toMatchObject({ state: 'in-review', decisionId: null })
    expect(applied(examined).used.map(({ value }) => value)).toContain(704)
    expect((await asResident({ path: `/v1/applications/${second}/withdrawal`, body: {} })).status).toBe(200)
    expect((await asResident({ path: `/v1/applications/${second}/messages`, body: { text: 'Non' } })).reason).toBe(
      'APPLICATION_ENDED',
    )
  })
})
