import type {
  SubmitApplicationRequest,
  SubmitApplicationResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError } from '@unefois/proto/reasons'
import { describe, expect, it } from 'vitest'
import { agent, anApplication, applicationId, depositedAtMs } from '../application.fixture.js'
import { aRelease } from '../eligibility.fixture.js'
import { type Fakes, gatewayForTest, type Noted, personToken, subject, systemToken } from '../gateway.fixture.js'

const system = systemToken('hall', { scope: 'applications:read' })
const person = personToken('hall')
const one = `/v1/applications/${applicationId}`
const by = { who: 'agent', ...agent }

interface Asked {
  readonly method?: 'GET' | 'POST'
  readonly url: string
  readonly token?: string
  readonly body?: object
  readonly key?: string
}
const ask = async (
  { method, url, token = system, body, key = 'a-key-of-its-own' }: Asked,
  applications: object = {},
) => {
  const { app, calls } = await gatewayForTest('agency', {
    applications: applications as Required<Fakes>['applications'],
  })
  const response = await app.inject({
    method: method ?? (body ? 'POST' : 'GET'),
    url,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { 'idempotency-key': key }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { payload: JSON.stringify(body) }),
  })
  const asked = calls.filter(({ rpc }) => rpc.startsWith('applications.'))
  return { status: response.statusCode, headers: response.headers, body: response.json(), asked }
}
const answered = async (): Promise<SubmitApplicationResponse> => ({ application: anApplication })

const submission = { subject, procedure: 'meals', language: 'fr' }
const pieces = { isIncomplete: true, fields: ['school'], what: 'Le nom de l’école.', by }
const effects: readonly (readonly [string, object])[] = [
  ['/v1/applications', submission],
  [`${one}/examinations`, {}],
  [`${one}/corrections`, pieces],
  [`${one}/pieces`, { entries: { school: 'Jules' } }],
  [`${one}/messages`, { text: 'Bonjour' }],
  [`${one}/withdrawal`, {}],
]

describe('an application over REST', () => {
  it.each(effects)('needs a token and a key of its own at %s, and asks nobody without', async (url, body) => {
    const stranger = await ask({ url, body, token: '' })
    expect([stranger.status, stranger.body.reason, stranger.asked]).toEqual([401, 'TOKEN_MISSING', []])
    const keyless = await ask({ url, body, key: '' })
    expect([keyless.body.reason, keyless.asked]).toEqual(['IDEMPOTENCY_KEY_MISSING', []])
  })

  it.each<[string, string, object, string]>([
    ['a person who is no pseudonym', '/v1/applications', { ...submission, subject: 'ada' }, 'subject'],
    ['a system that names nobody', '/v1/applications', { procedure: 'meals', language: 'fr' }, 'subject'],
    ['no procedure', '/v1/applications', { subject, language: 'fr' }, 'procedure'],
    ['a language that there is not', '/v1/applications', { ...submission, language: 'de' }, 'language'],
    ['a channel that there is not', '/v1/applications', { ...submission, channel: 'pigeon' }, 'channel'],
    ['a moment that is none', '/v1/applications', { ...submission, depositedAt: 'yesterday' }, 'depositedAt'],
    ['an entry that is no text', '/v1/applications', { ...submission, entries: { school: 1 } }, 'entries.school'],
    [
      'an entry of 2,001 characters',
      '/v1/applications',
      { ...submission, entries: { school: 'x'.repeat(2001) } },
      'entries.school',
    ],
    ['a fact that is an object', '/v1/applications', { ...submission, facts: { a: {} } }, 'facts.a'],
    ['a hand that is none', '/v1/applications', { ...submission, by: { who: 'friend' } }, 'by.who'],
    ['a member of JSON that it does not have', '/v1/applications', { ...submission, state: 'granted' }, 'state'],
    ['an id that is none', '/v1/applications/seven/messages', { text: 'Bonjour' }, 'id'],
    ['a basis that is none', `${one}/examinations`, { bases: [{ provider: 'fund' }] }, 'bases.0.purpose'],
    ['no field', `${one}/corrections`, { ...pieces, fields: [] }, 'fields'],
    ['words that are too few', `${one}/corrections`, { ...pieces, what: 'École' }, 'what'],
    ['a day that is none', `${one}/corrections`, { ...pieces, untilDay: '2026-02-30' }, 'untilDay'],
    ['nobody who asks', `${one}/corrections`, { ...pieces, by: undefined }, 'by'],
    ['nothing that is added', `${one}/pieces`, {}, 'entries'],
    ['an empty message', `${one}/messages`, { text: '  ' }, 'text'],
    ['a withdrawal with a reason', `${one}/withdrawal`, { reason: 'x' }, 'reason'],
  ])('refuses %s, naming the field', async (_, url, body, field) => {
    const refused = await ask({ url, body })
    expect(refused.body).toMatchObject({ status: 400, reason: 'REQUEST_INVALID', facts: { field } })
    expect(refused.asked).toEqual([])
  })

  it.each([
    ['a state', 'state=done', 'state'],
    ['a day', 'dueBy=soon', 'dueBy'],
    ['a procedure', 'procedure=No%20Name', 'procedure'],
    ['a person', 'subject=ada', 'subject'],
  ])('is listed by no %s that is none', async (_, query, field) => {
    const refused = await ask({ url: `/v1/applications?${query}` })
    expect(refused.body).toMatchObject({ reason: 'REQUEST_INVALID', facts: { field } })
  })

  it('is nobody’s but its person’s: the service’s refusal is passed on, and no cache keeps anything', async () => {
    const unknown = () => {
      throw new MeshError('APPLICATION_UNKNOWN')
    }
    const others = personToken('hall', { sub: `p1.1.${'T'.repeat(22)}` })
    for (const url of [one, `${one}/attestation`]) {
      const refused = await ask({ url, token: others }, { getApplication: unknown, attestAcceptance: unknown })
      expect([refused.status, refused.body.reason]).toEqual([404, 'APPLICATION_UNKNOWN'])
      expect(refused.asked).toMatchObject([{ request: { applicationId }, call: { accessToken: others } }])
      expect(refused.headers['cache-control']).toBe('no-store')
    }
    const mine = await ask({ url: one }, { getApplication: answered })
    expect(mine.headers).not.toHaveProperty('etag')
  })

  it('is deposited for the person of the token, or for whom a system names, and who did it is said', async () => {
    const forms: SubmitApplicationRequest[] = []
    const submitApplication = async (given: SubmitApplicationRequest) => {
      forms.push(given)
      return answered()
    }
    const body = { procedure: 'meals', language: 'en', entries: { school: 'Jules' }, facts: { resident: true } }
    const own = await ask({ url: '/v1/applications', body, token: person }, { submitApplication })
    expect([own.status, own.body.application.applicationId]).toEqual([201, applicationId])
    expect(own.asked).toMatchObject([{ call: { idempotencyKey: 'a-key-of-its-own' } }])
    const helper = { who: 'helper', firstName: 'Ida', lastName: 'Bon', organisation: 'Maison France services' }
    const more = { channel: 'post', depositedAt: '2026-11-20T10:30:00+01:00', by: helper }
    await ask({ url: '/v1/applications', body: { ...submission, ...more } }, { submitApplication })
    expect(forms).toEqual([
      {
        subject,
        procedure: 'meals',
        channel: 1,
        depositedAtMs: 0,
        entries: [{ field: 'school', text: 'Jules' }],
        facts: [{ name: 'resident', value: { $case: 'yes', value: true } }],
        language: 'en',
        appealedDecisionId: '',
        by: undefined,
      },
      {
        subject,
        procedure: 'meals',
        channel: 4,
        depositedAtMs,
        entries: [],
        facts: [],
        language: 'fr',
        appealedDecisionId: '',
        by: {
          who: {
            $case: 'helper',
            value: { firstName: 'Ida', lastName: 'Bon', organisation: 'Maison France services' },
          },
        },
      },
    ])
  })

  it('is shown whole, with null for what is absent', async () => {
    const { body } = await ask({ url: one }, { getApplication: answered })
    expect(body.application).toMatchObject({
      state: 'incomplete',
      channel: 'online',
      depositedAt: '2026-11-20T09:30:00.000Z',
      depositedBy: { who: 'person' },
      appealedDecisionId: null,
      decisionId: null,
      entries: { 'diet-wish': 'Sans <porc>' },
      facts: { resident: true },
      used: [{ name: 'home . resources', value: 512, evidence: { provider: 'fund' } }],
      notObtained: [{ why: 'refused', reason: 'NOTICE_MISMATCH' }],
      corrections: [{ fields: ['school'], untilDay: '2026-12-20', resolvedAt: null, by: { who: 'service' } }],
      messages: [{ from: by, text: 'Bonjour,\nquelle école ?' }],
      clock: { means: 'rejection', dueDay: '2027-01-20', isWaiting: true },
      receipt: { jws: 'receipt.of.it', missingFields: ['school'], remedies: [{ unit: 'months', lastDay: null }] },
    })
    const strange = { ...anApplication, state: 99, channel: 99, depositedBy: undefined, clock: undefined }
    const { body: odd } = await ask({ url: one }, { getApplication: async () => ({ application: strange }) })
    expect(odd.application).toMatchObject({
      state: 'unknown',
      channel: 'unknown',
      depositedBy: { who: 'unknown' },
      clock: null,
    })
  })

  it('is listed for a person as theirs alone, and by what a system filters by', async () => {
    const listApplications = async () => ({ applications: [anApplication], nextPageToken: '' })
    const own = await ask({ url: '/v1/applications', token: person }, { listApplications })
    expect(own.body).toMatchObject({ applications: [{ applicationId }], nextPageToken: null })
    const filters = 'state=in-review&procedure=meals&dueBy=2027-01-31&pageSize=5&pageToken=n'
    const all = await ask({ url: `/v1/applications?${filters}` }, { listApplications })
    const requestsOf = ({ asked }: { asked: Noted[] }) => asked.map(({ request }) => request)
    expect(requestsOf(own)).toMatchObject([{ subject, state: 0, procedure: '', dueByDay: '', pageSize: 0 }])
    expect(requestsOf(all)).toEqual([
      { subject: '', state: 2, procedure: 'meals', dueByDay: '2027-01-31', pageSize: 5, pageToken: 'n' },
    ])
  })

  it.each([
    ['a finding', { $case: 'finding', value: { answer: 1, release: aRelease, gives: [], missing: [] } }, 'finding'],
    ['that no rule is in force', { $case: 'noRelease', value: { day: '2027-01-01' } }, 'noRelease'],
    ['that there is no rule', { $case: 'withoutRule', value: true }, 'withoutRule'],
  ])('is examined on the bases given, and answers %s', async (_, outcome, shown) => {
    const bases = [{ provider: 'fund', purpose: 'leisure-card', basisId: `b1.${'B'.repeat(22)}` }]
    const { body, asked } = await ask(
      { url: `${one}/examinations`, body: { bases } },
      { examineApplication: async () => ({ application: anApplication, outcome }) },
    )
    expect(asked).toMatchObject([{ request: { applicationId, bases, relatedSubject: '' } }])
    expect([Object.keys(body), Object.keys(body.found)]).toEqual([['application', 'found'], [shown]])
  })

  it('is said to be broken inside where an answer carries nothing', async () => {
    for (const [url, body] of effects) {
      const empty = async () => ({})
      const rpcs = Object.fromEntries(
        ['submitApplication', 'examineApplication', 'askForPieces', 'addPieces', 'sendMessage'].map((rpc) => [
          rpc,
          empty,
        ]),
      )
      const refused = await ask({ url, body }, { ...rpcs, withdrawApplication: empty })
      expect([refused.status, refused.body.reason], url).toEqual([500, 'INTERNAL'])
    }
  })

  it('hands pieces, messages and a withdrawal on with whose hand it was', async () => {
    const rpcs = { askForPieces: answered, addPieces: answered, withdrawApplication: answered }
    const asking = await ask({ url: `${one}/corrections`, body: { ...pieces, untilDay: '2026-12-20' } }, rpcs)
    expect(asking.asked).toMatchObject([
      {
        request: {
          applicationId,
          isIncomplete: true,
          fields: ['school'],
          untilDay: '2026-12-20',
          by: { who: { $case: 'agent', value: agent } },
        },
      },
    ])
    const adding = await ask({ url: `${one}/pieces`, body: { entries: { school: 'Jules' } }, token: person }, rpcs)
    expect(adding.asked).toMatchObject([{ request: { entries: [{ field: 'school', text: 'Jules' }], facts: [] } }])
    const leaving = await ask({ url: `${one}/withdrawal`, body: {}, token: person }, rpcs)
    expect([leaving.status, leaving.asked.length]).toEqual([200, 1])
    const message = {
      messageId: 'm2',
      atMs: depositedAtMs,
      from: { who: { $case: 'person', value: true } },
      text: 'Oui',
    }
    const writing = await ask(
      { url: `${one}/messages`, body: { text: ' Oui ' }, token: person },
      { sendMessage: async () => ({ message }) },
    )
    expect([writing.status, writing.body]).toEqual([
      201,
      { message: { messageId: 'm2', at: '2026-11-20T09:30:00.000Z', from: { who: 'person' }, text: 'Oui' } },
    ])
    expect(writing.asked).toMatchObject([{ request: { text: 'Oui' } }])
  })

  it('is attested where silence accepted', async () => {
    const attestAcceptance = async () => ({
      acceptedDay: '2027-01-20',
      depositedAtMs,
      service: { fr: 'Service', en: 'Office' },
      jws: 'a.b.c',
    })
    const { body, headers } = await ask({ url: `${one}/attestation`, token: person }, { attestAcceptance })
    expect(body).toEqual({
      acceptedDay: '2027-01-20',
      depositedAt: '2026-11-20T09:30:00.000Z',
      service: { fr: 'Service', en: 'Office' },
      jws: 'a.b.c',
    })
    expect(headers.etag).toMatch(/^"/)
  })
})
