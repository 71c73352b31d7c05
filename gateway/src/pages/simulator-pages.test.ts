import { MeshError } from '@unefois/proto/reasons'
import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aProcedure, simulateMeals } from '../eligibility.fixture.js'
import { Browser, type OpenGateway, openGateway } from '../gateway.fixture.js'
import { factValueOf } from './simulator-form.js'

let agency: OpenGateway
let without: OpenGateway
beforeAll(async () => {
  agency = await openGateway('agency', {
    eligibility: { simulate: simulateMeals },
    procedures: {
      listProcedures: async () => ({ procedures: [aProcedure], nextPageToken: '' }),
      getProcedure: async ({ id }) => {
        if (id === 'plain') return { procedure: { ...aProcedure, id, kind: 3, benefit: '' } }
        if (id === 'orientation') return { procedure: { ...aProcedure, id, kind: 2 } }
        if (id !== 'meals') throw new MeshError('PROCEDURE_UNKNOWN')
        return { procedure: aProcedure }
      },
    },
  })
  without = await openGateway('agency')
})
afterAll(() => Promise.all([agency.close(), without.close()]))

const path = '/simulate/meals'
const day = { day: '2025-11-01' }
const resident = { 'yes-no:resident': 'yes' }
const resources = { 'number:home . resources': '900,50' }
const send = (fields: Record<string, string>, headers?: Record<string, string>) =>
  new Browser(agency).post(path, { ...day, ...fields }, headers)
const heading = ({ body }: LightMyRequestResponse): string | undefined => /<h1>([^<]*)<\/h1>/.exec(body)?.[1]

describe('the simulator', () => {
  it('is no form for other sites, nor for what is no browser', async () => {
    expect((await send(resident, { origin: 'https://evil.test' })).statusCode).toBe(403)
    expect((await send(resident, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
  })

  it.each([
    ['a field that it does not have', { colour: 'red' }],
    ['a kind of answer that there is not', { 'text:resident': 'yes' }],
    ['an answer to no question', { 'number:': '1' }],
    ['a day that is none', { day: 'yesterday' }],
    ['a way of reading that there is not', { reading: 'backwards' }],
    ['one fact under two kinds', { 'yes-no:resident': 'yes', 'choice:resident': 'yes' }],
  ])('refuses %s', async (_, fields) => {
    const refused = await send(fields)
    expect(refused.statusCode).toBe(400)
    expect(refused.body).toContain('REQUEST_INVALID')
  })

  it('is not there for what has no rule, for no procedure, and where no eligibility service runs', async () => {
    const at = async (gateway: OpenGateway, url: string) => (await new Browser(gateway).get(url)).statusCode
    expect(await at(agency, '/simulate/plain')).toBe(404)
    expect(await at(agency, '/simulate/none')).toBe(404)
    expect(await at(agency, '/guide/No%20Name')).toBe(404)
    expect(await at(without, path)).toBe(503)
  })

  it('asks one question at a time, and sets no cookie', async () => {
    const first = await send({})
    expect(heading(first)).toBe('Do you live here?')
    expect(first.headers['set-cookie']).toBeUndefined()
    expect(first.body).not.toContain('Your answers so far')
    expect(first.headers['cache-control']).toBe('no-store')
    const second = await new Browser(agency).send(first, path, { ...resident })
    expect(heading(second)).toBe('What are your resources?')
    expect(second.body).toContain('name="number:home . resources"')
    expect(second.body).toContain('<input type="hidden" name="yes-no:resident" value="yes">')
    expect(second.body).toMatch(/Do you live here\? <strong>Yes<\/strong>/)
  })

  it('keeps answers out of the address', async () => {
    const { body } = await send({ ...resident })
    expect(body).not.toMatch(/(href|action)="[^"]*resident/)
    expect(body).not.toContain('method="get"')
  })

  it('asks again, saying what is expected, for what is no number or too much', async () => {
    for (const text of ['', 'lots', '12,000', '-1e3', '20000']) {
      const again = await send({ ...resident, 'number:home . resources': text })
      expect(again.body, text).toContain('Write a number from 0 to 10,000')
      expect(again.body, text).toContain(`value="${text}"`)
      expect(again.body, text).toContain('aria-invalid="true"')
    }
  })

  it('asks for what it cannot use before it goes on', async () => {
    const first = await send({ 'number:home . resources': 'lots' })
    expect(heading(first)).toBe('What are your resources?')
    expect(heading(await send({ 'number:home . resources': '20000', change: 'resident' }))).toBe(
      'What are your resources?',
    )
  })

  it('lets an answer be changed, and taken back', async () => {
    const changing = await send({ ...resident, ...resources, change: 'home . resources' })
    expect(changing.body).toContain('value="900,50"')
    const form = changing.body.split('<form').find((one) => one.includes('id="answer"')) ?? ''
    expect(form).not.toContain('type="hidden" name="number:home . resources"')
    const taken = await send({ ...resident, ...resources, 'unknown:home . resources': '1' })
    expect(heading(taken)).toBe('Which meal?')
    expect(taken.body).toMatch(/<strong>I do not know<\/strong>/)
  })

  it('never makes a no of what is unknown', async () => {
    const end = await send({ 'yes-no:resident': 'yes', 'unknown:home . resources': '1', 'unknown:diet': '1' })
    expect(heading(end)).toBe('It cannot be told yet')
    expect(end.body).toContain('This is not a no')
    expect(end.body).toContain('These answers would tell')
    expect(end.body).toContain('a person decides')
  })

  it('says yes, why, what it rests on, and asks on only when wanted', async () => {
    const yes = await send({ ...resident, ...resources })
    expect(heading(yes)).toBe('Yes, by your answers')
    for (const told of [
      'Summary in en.',
      'Yes up to 1\u00a0000',
      'Article 8',
      'Evening meals',
      'Camille Autrice',
      'Nour Relectrice',
    ])
      expect(yes.body).toContain(told)
    expect(yes.body).toContain('Computed for <time datetime="2025-11-01">')
    expect(yes.body).toContain(`/v1/eligibility/releases/${'a'.repeat(64)}`)
    const more = await send({ ...resident, ...resources, amounts: 'wanted' })
    expect(heading(more)).toBe('Which meal?')
    const all = await send({ ...resident, ...resources, amounts: 'wanted', 'choice:diet': 'plain' })
    expect(all.body).toContain('12,50\u00a0€')
  })

  it('says no with what decided first, what would change it, and that one may apply all the same', async () => {
    const no = await send({ ...resident, 'number:home . resources': '5 000' })
    expect(heading(no)).toBe('No, by your answers')
    expect(no.body.indexOf('Below the ceiling')).toBeLessThan(no.body.indexOf('Resident: true'))
    expect(no.body).toContain('The answer might become yes')
    expect(no.body).toContain('You may apply in any case')
    expect(no.body).toContain('At the counter')
    expect(no.body).toContain('href="/procedures/leisure-card"')
  })

  it('orients without promising', async () => {
    const { body } = await new Browser(agency).post('/simulate/orientation', { ...day, ...resident, ...resources })
    expect(body).toContain('It is worth asking')
    expect(body).not.toContain('Yes, by your answers')
  })

  it('decides nothing on a day without a rule', async () => {
    const none = await send({ ...resident, ...resources, day: '2026-05-01' })
    expect(heading(none)).toBe('No rule is in force')
    expect(none.body).toContain('neither yes nor no')
    expect(none.body).toContain('value="2026-03-31"')
    expect(none.body).toContain('At the counter')
  })

  it('goes to the other language and to easy reading with the answers', async () => {
    const english = await send({ ...resident })
    const [, header] = english.body.split(`action="${path}?lang=fr"`)
    expect(header?.slice(0, header.indexOf('</form>'))).toContain('name="yes-no:resident" value="yes"')
    const easy = await new Browser(agency).post(`${path}?lang=fr`, {
      ...day,
      ...resident,
      ...resources,
      reading: 'easy',
    })
    expect(agency.calls.at(-1)?.request).toMatchObject({ language: 'fr-x-falc' })
    expect(heading(easy)).toBe('Oui, selon vos réponses')
    expect(easy.body).toContain('Une personne vous répond.')
    expect(easy.body).toContain('Texte complet')
  })
})

describe('the guide', () => {
  it('says how, what is not asked again, what silence means and what one can do', async () => {
    const { body } = await new Browser(agency).get('/guide/meals')
    for (const told of [
      'By telephone',
      'You need not say it again',
      'If we have not answered after 2\u00a0months, it is a no',
      'Write to the mayor',
      'before going to court',
      'Schools office',
    ])
      expect(body).toContain(told)
    expect(body).toContain('href="/simulate/meals"')
    expect((await new Browser(agency).get('/guide/plain')).body).not.toContain('href="/simulate/')
  })

  it('is listed on the home page, beside what stands there anyhow', async () => {
    const home = await new Browser(agency).get('/')
    expect(home.body).toContain('href="/guide/meals"')
    expect(home.body).toContain('href="/procedures/leisure-card"')
    const bare = await new Browser(without).get('/')
    expect(bare.statusCode).toBe(200)
    expect(bare.body).toContain('href="/procedures/leisure-card"')
    expect(bare.body).not.toContain('/guide/')
  })
})

describe('an answer as it is typed', () => {
  it.each([
    ['12 000,50', 12_000.5],
    ['12\u202f000', 12_000],
    ['12000.5', 12_000.5],
    ['30 €', 30],
    ['12,000', undefined],
    ['12.000', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['', undefined],
  ])('%s is %s', (text, value) => {
    expect(factValueOf({ name: 'n', kind: 'number', text })).toBe(value)
  })
})
