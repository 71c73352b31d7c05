import { type Application, ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { PlanAssessmentRequest } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aDecision, anApplication, applicationId, decisionId } from '../application.fixture.js'
import { aProcedure, aRelease, simulateMeals } from '../eligibility.fixture.js'
import { Browser, type OpenGateway, openGateway, personToken, subject } from '../gateway.fixture.js'

const basisId = `b1.${'B'.repeat(22)}`
const source = { evidenceType: 'resources', field: 'resources.value', purpose: 'school-meals' }
const procedure = { ...aProcedure, purposes: ['school-meals', 'leisure-card'] }

/** The rule needs three facts: one that a member may be asked after a notice, one that takes a consent, one that nobody holds. */
const planMeals = async ({ facts, language }: PlanAssessmentRequest) => {
  const given = facts.map(({ name }) => name)
  const resources = facts.find(({ name }) => name === 'home . resources')?.value
  if (resources?.$case === 'number' && resources.value > 10_000)
    throw new MeshError('FACT_INVALID', { facts: { field: 'home . resources' } })
  const { outcome } = await simulateMeals({ benefit: 'meal-aid', day: '2025-11-01', facts: [], language })
  const missing = outcome?.$case === 'finding' ? outcome.value.missing : []
  const holder = { provider: 'fund', source, mode: 'information', legalReference: 'article 1' }
  const holders: Record<string, (typeof holder)[]> = {
    'home . resources': [holder],
    diet: [{ ...holder, mode: 'consent', source: { ...source, field: 'resources.month', purpose: 'leisure-card' } }],
    resident: [],
  }
  const planned: { fact: (typeof missing)[number]; holders: (typeof holder)[] }[] = missing
    .filter(({ name }) => !given.includes(name))
    .map((fact) => ({ fact, holders: holders[fact.name] ?? [] }))
  const [first] = planned
  // Of a child whom a page cannot name.
  const ofChild = { ...holder, source: { ...source, field: 'dependent-child' } }
  if (first) planned.push({ fact: { ...first.fact, name: 'child' }, holders: [ofChild] })
  return { outcome: { $case: 'plan' as const, value: { release: aRelease, facts: planned } } }
}

/** The same rule where no member may tell anything. */
const planWithoutHolders = async (request: PlanAssessmentRequest) => {
  const { outcome } = await planMeals(request)
  const facts = outcome.value.facts.map(({ fact }) => ({ fact, holders: [] }))
  return { outcome: { ...outcome, value: { ...outcome.value, facts } } }
}

let kept: Application = anApplication
let examineApplication: () => Promise<unknown> = async () => ({ application: kept })
let planAssessment: (request: PlanAssessmentRequest) => Promise<unknown> = planMeals
const own = async ({ applicationId: id }: { applicationId: string }, call: { accessToken?: string }) => {
  if (id !== applicationId || call.accessToken !== personToken('hall')) throw new MeshError('APPLICATION_UNKNOWN')
  return { application: kept }
}

let agency: OpenGateway
let browser: Browser
const askedOf = (service: string) => agency.calls.filter(({ rpc }) => rpc.startsWith(`${service}.`))
const rpcs = () => agency.calls.map(({ rpc }) => rpc).filter((rpc) => !rpc.startsWith('identity'))

beforeAll(async () => {
  agency = await openGateway('agency', {
    // A deadline that some tests let pass.
    config: { requestDeadlineMs: 2000 },
    consent: { recordNotice: async () => ({ basisId, toldAtMs: 1 }) },
    eligibility: { simulate: simulateMeals, planAssessment: (request) => planAssessment(request) as never },
    procedures: {
      listProcedures: async () => ({ procedures: [procedure], nextPageToken: '' }),
      getProcedure: async ({ id }) => {
        if (id === 'told') return { procedure: { ...procedure, id, takesApplications: false } }
        if (id !== 'meals') throw new MeshError('PROCEDURE_UNKNOWN')
        return { procedure }
      },
    },
    applications: {
      submitApplication: async () => ({ application: kept }),
      getApplication: own as never,
      listApplications: async () => ({ applications: [kept], nextPageToken: '' }),
      examineApplication: () => examineApplication() as never,
      addPieces: own as never,
      sendMessage: (async (request: never, call: never) => {
        await own(request, call)
        return {}
      }) as never,
      withdrawApplication: own as never,
      attestAcceptance: async () => ({
        acceptedDay: '2027-01-20',
        depositedAtMs: 1,
        service: undefined,
        jws: 'the.at.t',
      }),
    },
    decisions: {
      getDecision: async () => ({ decision: aDecision }),
      explainDecision: async ({ language }) => ({
        language,
        contribution: `Contribution in ${language}.`,
        data: [{ title: 'Resources', value: '512 €', source: 'fund', asOfMs: 1_700_000_000_000 }],
        parameters: [{ title: 'Ceiling', value: '1 000 €', weight: 'It decides.', legalReference: 'Article 8' }],
        operations: ['512 is below 1 000.'],
        explanation: {
          language,
          summary: 'You may still apply.',
          conditions: [],
          scope: ['What it leaves out.'],
        },
      }),
    },
  })
})
afterAll(() => agency.close())
beforeEach(async () => {
  kept = anApplication
  examineApplication = async () => ({ application: kept })
  planAssessment = planMeals
  browser = new Browser(agency)
  await browser.logIn()
  agency.calls.length = 0
})

const one = `/applications/${applicationId}`
const others = '/applications/00000000-0000-4000-8000-000000000000'
const entry = { value0: 'École Jules-Ferry' }
const resident = { fact0: 'yes' }

describe('an application page', () => {
  it.each([
    '/apply/meals',
    '/applications',
    ...['', '/receipt', '/attestation', '/decision', '/explanation', '/withdrawal'].map((path) => `${one}${path}`),
  ])('asks for a login before anything else: %s', async (path) => {
    browser.cookies.clear()
    const page = await browser.get(path)
    expect(page.statusCode).toBe(401)
    expect(page.body).toContain(`href="/login?return=${encodeURIComponent(path)}"`)
    expect(rpcs()).toEqual([])
  })

  it.each([
    ['/apply/meals/check', '/apply/meals', '/apply/meals/check'],
    [`${one}/pieces`, one, `${one}/pieces`],
    [`${one}/messages`, one, `${one}/messages`],
    [`${one}/examination`, one, `${one}/examination`],
    [`${one}/withdrawal`, `${one}/withdrawal`, `${one}/withdrawal`],
  ])('takes no form of another site, of no session, or of nobody: %s', async (action, at) => {
    const page = await browser.get(at)
    const [, form = ''] = page.body.split(`action="${action}"`)
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(form) ?? []
    agency.calls.length = 0
    const key = 'k'.repeat(43)
    const foreign = { form_token: token, key, version: '', text: 'x' }
    expect((await browser.post(action, foreign, { origin: 'https://evil.test' })).statusCode).toBe(403)
    expect((await browser.post(action, { key })).statusCode).toBe(403)
    expect((await browser.send(page, action, { key: 'short', text: 'x' })).statusCode).toBe(400)
    expect((await browser.send(page, action, { colour: 'red', text: 'x' })).statusCode).toBe(400)
    browser.cookies.clear()
    expect((await browser.send(page, action, { text: 'x' })).statusCode).toBe(401)
    expect(rpcs()).toEqual([])
  })

  it.each(['', '/receipt', '/decision', '/explanation', '/withdrawal'])(
    'is not there for an application of somebody else, nor for none: %s',
    async (path) => {
      for (const at of [`${others}${path}`, `/applications/seven${path}`]) {
        const page = await browser.get(at)
        expect(page.statusCode).toBe(404)
        expect(page.body).toContain('We find no such application in your name')
      }
      expect(askedOf('decisions')).toEqual([])
    },
  )

  it('is not there for a procedure that is none, or that takes no applications', async () => {
    expect((await browser.get('/apply/nothing')).statusCode).toBe(404)
    expect((await browser.get('/apply/No%20Name')).statusCode).toBe(404)
    const told = await browser.get('/apply/told')
    expect([told.statusCode, told.body.includes('cannot be applied for online')]).toEqual([409, true])
    expect((await browser.get('/guide/told')).body).not.toContain('href="/apply/')
    expect((await browser.get('/guide/meals')).body).toContain('href="/apply/meals"')
    const home = await browser.get('/')
    expect(home.body).toContain('href="/apply/meals"')
    expect(home.body).toContain('href="/applications"')
  })
})

describe('applying', () => {
  const check = async (fields: Record<string, string> = {}) =>
    browser.send(await browser.get('/apply/meals'), '/apply/meals/check', fields)
  const deposit = async (fields: Record<string, string> = {}) =>
    browser.send(await check(fields), '/apply/meals/deposit')

  it('says what is asked of whom, what needs a consent, and asks only what nobody else can say', async () => {
    const { body } = await browser.get('/apply/meals')
    for (const told of [
      'What we ask for in your place',
      '<h3>Resources</h3>',
      'Body fund',
      '<li>Value</li>',
      'article 1',
    ])
      expect(body).toContain(told)
    expect(body.split('<li>Value</li>')).toHaveLength(2)
    const [before = '', after = ''] = body.split('What we ask for only if you agree')
    expect(before).not.toContain('<li>Month</li>')
    const [consents = '', agents = ''] = after.split('What an agent will ask for elsewhere')
    expect(consents).toContain('<li>Month</li>')
    expect(agents).toContain('<li>Dependent child</li>')
    expect(before + consents).not.toContain('Dependent child')
    expect(body).toContain('<label for="value0">School</label>')
    expect(body).toContain('<legend>Do you live here?</legend>')
    expect(body).not.toContain('What are your resources?')
    // A deposit is never refused for what it lacks, so a browser must not refuse it either.
    expect(body.slice(body.indexOf('action="/apply/meals/check"'))).not.toContain(' required')
    expect(rpcs()).toEqual(['procedures.getProcedure', 'eligibility.planAssessment'])
  })

  it('is offered without a plan, where the rule does not answer', async () => {
    planAssessment = () => Promise.reject(new MeshError('UNAVAILABLE'))
    const { body } = await browser.get('/apply/meals')
    expect(body).toContain('<label for="value0">School</label>')
    // Nobody is said to be asked who will not be.
    expect(body).not.toContain('What we ask for in your place')
    expect(body).toContain('What an agent will ask for elsewhere')
    const sent = await deposit(entry)
    expect(sent.headers.location).toBe(`${one}?deposited=later`)
    expect(rpcs()).not.toContain('consent.recordNotice')
  })

  it('shows what will be sent before it is, with what is still missing, and sends nothing', async () => {
    const empty = await check()
    expect(empty.body).toContain('Still missing')
    expect(empty.body).toContain('You may hand in all the same, and complete it within 1\u00a0month')
    const page = await check({ ...entry, ...resident })
    expect(page.body).toContain('<dd class="said">École Jules-Ferry</dd>')
    expect(page.body).toContain('<dt>Do you live here?</dt><dd>Yes</dd>')
    expect(page.body).not.toContain('Still missing')
    expect(askedOf('applications')).toEqual([])
    expect(askedOf('consent')).toEqual([])
    const again = await browser.send(page, '/apply/meals/deposit', {})
    expect(again.statusCode).toBe(303)
  })

  it('lets what was typed be changed', async () => {
    const page = await check({ ...entry, ...resident })
    const [, form = ''] = page.body.split('action="/apply/meals/deposit"')
    const hidden = Object.fromEntries(
      [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    )
    const again = await browser.post('/apply/meals/edit', hidden as Record<string, string>)
    expect(again.body).toContain('>École Jules-Ferry</textarea>')
    expect(again.body).toMatch(/name="fact0" value="yes" checked/)
  })

  it('names what it cannot send, by a link to it, and keeps what was typed', async () => {
    const long = await check({ value0: 'x'.repeat(2001), ...resident })
    expect(long.statusCode).toBe(422)
    expect(long.body).toContain('<a href="#value0">School</a>')
    expect(long.body).toContain('aria-describedby="value0-fault" aria-invalid="true"')
    planAssessment = planWithoutHolders
    for (const text of ['lots', '20000', '12,000']) {
      const unread = await check({ ...entry, fact1: text })
      expect([text, unread.statusCode]).toEqual([text, 422])
      expect(unread.body).toContain('<a href="#fact1">What are your resources?</a> Write a number from 0 to 10,000')
      expect(unread.body).toContain(`value="${text}"`)
      expect(unread.body).toContain('>École Jules-Ferry</textarea>')
    }
    const strange = await check({ ...resident, fact0: 'perhaps' })
    expect(strange.body).toContain('<a href="#fact0">Do you live here?</a>')
    expect(askedOf('applications')).toEqual([])
  })

  it('begins again with a form of another version of the procedure', async () => {
    const again = await check({ ...entry, version: 'c'.repeat(64) })
    expect(again.body).toContain('action="/apply/meals/check"')
    expect(again.body).not.toContain('Jules-Ferry')
  })

  it('deposits first, then records the notice and has the rest asked on its basis', async () => {
    const sent = await deposit({ value0: 'École\r\nJules-Ferry', ...resident })
    expect([sent.statusCode, sent.headers.location]).toEqual([303, `${one}?deposited=asked`])
    const acts = agency.calls.filter(({ rpc }) => /submit|examine|Notice/.test(rpc))
    expect(acts).toMatchObject([
      {
        rpc: 'applications.submitApplication',
        request: {
          subject,
          procedure: 'meals',
          channel: 1,
          depositedAtMs: 0,
          entries: [{ field: 'school', text: 'École\nJules-Ferry' }],
          facts: [{ name: 'resident', value: { $case: 'yes', value: true } }],
          language: 'en',
        },
        call: { accessToken: personToken('hall') },
      },
      {
        rpc: 'consent.recordNotice',
        request: { subject, provider: 'fund', purpose: 'school-meals', evidenceTypes: ['resources'], textVersion: '1' },
      },
      {
        rpc: 'applications.examineApplication',
        request: { applicationId, bases: [{ provider: 'fund', purpose: 'school-meals', basisId }] },
        call: { accessToken: personToken('hall') },
      },
    ])
    const page = await browser.get(String(sent.headers.location))
    expect(page.body).toContain('Your application has been handed in.')
  })

  it('has one effect when its form is sent twice', async () => {
    const page = await check(entry)
    await browser.send(page, '/apply/meals/deposit')
    await browser.send(page, '/apply/meals/deposit')
    for (const rpc of ['applications.submitApplication', 'consent.recordNotice', 'applications.examineApplication']) {
      const keys = agency.calls.filter((each) => each.rpc === rpc).map(({ call }) => call.idempotencyKey)
      expect([keys.length, new Set(keys).size], rpc).toEqual([2, 1])
      expect(keys[0]).toMatch(/^[\x21-\x7e]{8,128}$/)
    }
  })

  it.each([
    ['refused', () => Promise.reject(new MeshError('PROVIDER_UNREACHABLE'))],
    ['never answered', () => new Promise<never>(() => undefined)],
  ])('stands when the examination is %s, and the page says so', async (_, examining) => {
    examineApplication = examining
    const sent = await deposit(entry)
    expect(sent.headers.location).toBe(`${one}?deposited=later`)
    const page = await browser.get(String(sent.headers.location))
    expect(page.body).toContain('Your deposit counts all the same')
    expect(page.body).toContain('Ask the other bodies again')
    // What the service went on with may have ended it meanwhile.
    kept = { ...anApplication, state: ApplicationState.APPLICATION_STATE_GRANTED }
    const after = await browser.get(String(sent.headers.location))
    expect(after.body).toContain('Your application has been handed in.')
    expect(after.body).not.toContain('Your deposit counts all the same')
  })

  it('is refused in the person’s words where the service takes no more', async () => {
    const refusing = await openGateway('agency', {
      procedures: { getProcedure: async () => ({ procedure }) },
      applications: { submitApplication: () => Promise.reject(new MeshError('APPLICATION_LIMIT_REACHED')) },
    })
    const visitor = new Browser(refusing)
    await visitor.logIn()
    const form = await visitor.send(await visitor.get('/apply/meals'), '/apply/meals/check', entry)
    const refused = await visitor.send(form, '/apply/meals/deposit')
    expect([refused.statusCode, refused.body.includes('come to the counter: there it will be taken')]).toEqual([
      429,
      true,
    ])
    await refusing.close()
  })
})

describe('one’s own application', () => {
  it('is listed among one’s own, and none but one’s own is asked for', async () => {
    const { body } = await browser.get('/applications')
    expect(body).toContain(`href="${one}">Meal aid</a>`)
    expect(body).toContain('To complete')
    expect(askedOf('applications')).toMatchObject([{ request: { subject, procedure: '', pageToken: '' } }])
  })

  it('says where it stands, what is awaited and until when, and what silence means', async () => {
    const { body } = await browser.get(one)
    for (const told of [
      'We miss something.',
      'Il manque le nom de l’école.',
      'Our service, automatically',
      '20\u00a0December 2026',
      '20\u00a0January 2027',
      'it is a no',
      'the day may move',
      'Schools office',
      '01\u00a000\u00a000\u00a000\u00a000',
      'Write to the mayor',
      `<code>${applicationId}</code>`,
      'Nadia Roux, Instructrice',
      'Sans &lt;porc&gt;',
      'Body fund',
      'This is no refusal',
    ])
      expect(body, told).toContain(told)
    expect(body).toContain('<p class="said" lang="fr">')
    expect(body).toContain('<label for="value0">School</label>')
  })

  it('says of an agent whose name is kept back the capacity alone', async () => {
    const [message] = anApplication.messages
    const who = message?.from?.who
    if (!message || who?.$case !== 'agent') throw new Error('the fixture has a message of an agent')
    const unnamed = { ...message, from: { who: { ...who, value: { ...who.value, isUnnamed: true } } } }
    kept = { ...anApplication, messages: [unnamed] }
    const { body } = await browser.get(one)
    expect(body).toContain('Instructrice, <time')
    expect(body).not.toContain('Roux')
  })

  it('gives the signed receipt as a file', async () => {
    const file = await browser.get(`${one}/receipt`)
    expect([file.body, file.headers['content-type'], file.headers['content-disposition']]).toEqual([
      'receipt.of.it',
      'application/jose',
      'attachment; filename="receipt.jws"',
    ])
    expect(file.headers['cache-control']).toBe('no-store')
  })

  it('is completed by what is awaited, and not by nothing', async () => {
    const page = await browser.get(one)
    const nothing = await browser.send(page, `${one}/pieces`, { value0: '  ' })
    expect([nothing.statusCode, nothing.body.includes('<a href="#value0">')]).toEqual([422, true])
    const sent = await browser.send(page, `${one}/pieces`, { value0: 'Jules-Ferry' })
    expect([sent.statusCode, sent.headers.location]).toEqual([303, one])
    expect(agency.calls.at(-1)).toMatchObject({
      rpc: 'applications.addPieces',
      request: { applicationId, entries: [{ field: 'school', text: 'Jules-Ferry' }], facts: [] },
    })
  })

  it('is written about in one thread', async () => {
    const page = await browser.get(one)
    expect((await browser.send(page, `${one}/messages`, { text: '   ' })).statusCode).toBe(400)
    expect((await browser.send(page, `${one}/messages`, { text: 'x'.repeat(4001) })).statusCode).toBe(400)
    const long = 'é'.repeat(4000)
    const sent = await browser.send(page, `${one}/messages`, { text: long })
    expect([sent.statusCode, sent.headers.location]).toEqual([303, `${one}#messages`])
    expect(agency.calls.at(-1)).toMatchObject({ rpc: 'applications.sendMessage', request: { text: long } })
  })

  it('has others asked again, for what the person stated is not asked', async () => {
    const page = await browser.get(one)
    const sent = await browser.send(page, `${one}/examination`)
    expect(sent.headers.location).toBe(`${one}?examined=asked`)
    expect(askedOf('eligibility').at(-1)?.request).toMatchObject({ facts: [{ name: 'resident' }] })
    const after = await browser.get(`${one}?examined=asked`)
    expect(after.body).not.toContain('has been handed in')
    expect((await browser.get(`${one}?deposited=%3Cb%3E`)).body).not.toContain('role="status"')
  })

  it('is withdrawn after a question, and only while nobody has decided', async () => {
    const page = await browser.get(`${one}/withdrawal`)
    expect(page.body).toContain('No, keep it')
    const sent = await browser.send(page, `${one}/withdrawal`)
    expect([sent.statusCode, sent.headers.location]).toEqual([303, one])
    kept = { ...anApplication, state: ApplicationState.APPLICATION_STATE_GRANTED }
    expect((await browser.get(`${one}/withdrawal`)).statusCode).toBe(409)
    expect((await browser.get(one)).body).not.toContain('/withdrawal')
  })

  it('is attested where silence accepted, and leaves the remedies where it rejected', async () => {
    kept = { ...anApplication, state: ApplicationState.APPLICATION_STATE_ACCEPTED_BY_SILENCE }
    expect((await browser.get(one)).body).toContain(`href="${one}/attestation"`)
    const file = await browser.get(`${one}/attestation`)
    expect([file.body, file.headers['content-disposition']]).toEqual([
      'the.at.t',
      'attachment; filename="attestation.jws"',
    ])
    const ended = { state: ApplicationState.APPLICATION_STATE_REJECTED_BY_SILENCE, takesMessages: false }
    kept = { ...anApplication, ...ended }
    const rejected = await browser.get(one)
    expect(rejected.body).toContain('the law takes that for a no')
    expect(rejected.body).toContain('These periods begin on ')
    for (const form of ['pieces', 'messages', 'examination'])
      expect(rejected.body).not.toContain(`action="${one}/${form}"`)
  })

  it('lets the person answer while they are heard in a review of what was decided', async () => {
    kept = { ...anApplication, state: ApplicationState.APPLICATION_STATE_GRANTED, takesMessages: true }
    const { body } = await browser.get(one)
    expect(body).toContain(`action="${one}/messages"`)
    for (const form of ['pieces', 'examination']) expect(body).not.toContain(`action="${one}/${form}"`)
  })

  it('is shown without its procedure where that is published no more', async () => {
    kept = { ...anApplication, procedure: 'gone' }
    const page = await browser.get(one)
    expect([page.statusCode, page.body.includes('<h1>gone</h1>')]).toEqual([200, true])
  })
})

describe('the list of one’s applications', () => {
  it('sends to the page of each, and to nothing below', async () => {
    for (const state of [ApplicationState.APPLICATION_STATE_INCOMPLETE, ApplicationState.APPLICATION_STATE_REFUSED]) {
      kept = { ...anApplication, state }
      const { body } = await browser.get('/applications')
      expect(body).toContain(`<a href="${one}">`)
      expect(body).toContain('The page of your application says')
      expect(body).not.toMatch(/\bbelow\b/)
    }
  })
})

describe('a decision', () => {
  const decided = {
    ...anApplication,
    state: ApplicationState.APPLICATION_STATE_REFUSED,
    corrections: [],
    decisionId,
    takesMessages: false,
  }

  it('is not there, nor its explanation, before there is one', async () => {
    for (const path of ['/decision', '/explanation']) {
      const page = await browser.get(`${one}${path}`)
      expect([page.statusCode, page.body.includes('There is no decision yet')]).toEqual([404, true])
    }
  })

  it('says what and why, who signed, until when one can contest it, and that an algorithm had part', async () => {
    kept = decided
    const { body } = await browser.get(one)
    for (const told of [
      'Your application is refused.',
      'Vos ressources dépassent le plafond',
      'Nadia Roux, Instructrice',
      '22\u00a0February 2027',
      'before going to court',
      'Cette décision a été prise avec l’aide d’un algorithme.',
      `href="${one}/explanation"`,
    ])
      expect(body, told).toContain(told)
    const file = await browser.get(`${one}/decision`)
    expect([file.body, file.headers['content-type']]).toEqual(['decision.of.it', 'application/jose'])
  })

  it('is explained in four parts, in English, in French and in easy-to-read French', async () => {
    kept = decided
    const english = await browser.get(`${one}/explanation`)
    for (const part of ['1. The part', '2. The data', '3. The parameters', '4. The operations']) {
      expect(english.body).toContain(`<h2>${part}`)
    }
    expect(english.body).toContain('Contribution in en.')
    expect(english.body).toContain('Body fund')
    // The rule's own summary speaks to somebody who has not applied yet.
    expect([english.body.includes('What it leaves out.'), english.body.includes('You may still apply.')]).toEqual([
      true,
      false,
    ])
    const easy = await browser.get(`${one}/explanation?reading=easy&lang=fr`)
    expect(easy.body).toContain('Contribution in fr-x-falc.')
    expect(easy.body).toContain('<html lang="fr">')
    const full = await browser.get(`${one}/explanation?lang=fr`)
    expect(full.body).toContain('Contribution in fr.')
    // Easy reading is French; in English the page is the usual one.
    const other = await browser.get(`${one}/explanation?reading=easy&lang=en`)
    expect(other.body).toContain('Contribution in en.')
  })
})
