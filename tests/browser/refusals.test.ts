import type { Places } from '@unefois/deploy/sandbox/places'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshPerson, sharedFederation } from '../journeys/_federation.js'
import { agreed, authority, evidenceType, fund, portal, Resident, stranger, told, town } from '../journeys/_resident.js'
import { describeInBrowser, openWindow, startBrowser } from './_browser.js'
import { comeToTheQuestion, logInAt, procedureUrl } from './_walk.js'

const textOf = (page: Page): Promise<string> => page.locator('body').innerText()
const titleOf = (page: Page): Promise<string> => page.locator('h1').innerText()

describeInBrowser('a person with a browser and no JavaScript', () => {
  let places: Places
  let browser: Browser
  let resident: Resident
  const login = (): string => resident.person.login ?? ''

  beforeAll(async () => {
    places = await sharedFederation()
    resident = await Resident.settle(places)
    browser = await startBrowser()
  })
  afterAll(async () => {
    resident?.town.close()
    await browser?.close()
  })

  const newPage = async (): Promise<Page> => (await openWindow(browser)).newPage()

  it('sees, without a login, the other routes of each procedure and nothing to press but the login', async () => {
    const page = await newPage()
    for (const purpose of [told, agreed]) {
      await page.goto(procedureUrl(places, purpose))
      const text = await textOf(page)
      for (const route of ['Your own document', 'At a counter', 'By telephone', 'Telephone:'])
        expect(text).toContain(route)
      expect(await page.locator('main form').count()).toBe(0)
      expect(await page.locator('main a.button').innerText()).toBe('Log in to continue')
    }
  })

  it('is asked for a login before anything personal, and told of the counter and the telephone', async () => {
    const page = await newPage()
    const preview = new URLSearchParams({ requester: town, provider: fund, type: evidenceType, purpose: agreed })
    for (const url of [
      `${places.origin(portal)}/preview?${preview}`,
      `${places.origin(portal)}/accesses/${fund}/some-record/proof`,
      `${places.origin(authority)}/consent/some-request`,
    ]) {
      const answer = await page.goto(url)
      expect(answer?.status()).toBe(401)
      expect(await titleOf(page)).toBe('Log in to see this page')
      expect(await textOf(page)).toMatch(/counter or by telephone, with somebody, and without logging in/)
      expect(await page.locator('main a.button').getAttribute('href')).toMatch(/^\/login\?return=/)
    }
  })

  it('learns nothing from somebody else’s consent link, not even who asks', async () => {
    const question = await comeToTheQuestion(await newPage(), places, login())
    const somebodyElse = await freshPerson(places)
    const page = await newPage()
    await logInAt(page, places.origin(authority), somebodyElse.login ?? '')
    const answer = await page.goto(question)
    expect(answer?.status()).toBe(404)
    expect(await titleOf(page)).toBe('This request is not in your name')
    const { name } = places.list().claims.members.find(({ id }) => id === town) ?? {}
    expect(await textOf(page)).not.toContain(name?.en ?? town)
    expect(await page.locator('[name="answer"]').count()).toBe(0)
  })

  it.each([
    ['another site', () => 'http://trap.invalid'],
    ['another town’s site, to which the browser’s cookies travel', () => places.origin(stranger)],
  ])('is not made to say yes by a form of %s', async (_site, origin) => {
    const page = await newPage()
    const question = await comeToTheQuestion(page, places, login())
    await page.route(`${origin()}/trap`, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${question}"><button name="answer" value="yes">Win</button></form>`,
      }),
    )
    await page.goto(`${origin()}/trap`)
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.locator('button').click(),
    ])
    expect(answer.status()).toBe(403)
    await page.locator('h1').waitFor()
    expect(await titleOf(page)).toBe('To be safe, nothing was recorded')
    await page.goto(question)
    expect(await page.locator('[name="answer"]').count()).toBe(2)
  })

  it('says no, comes back to the town, and is offered the other routes without any consequence', async () => {
    const page = await newPage()
    const question = await comeToTheQuestion(page, places, login())
    await page.locator('button[value="no"]').click()
    await page.getByText('You said no.').waitFor()
    expect(new URL(page.url()).origin).toBe(places.origin(town))
    const text = await textOf(page)
    expect(text).toContain('Nothing was asked for or sent, and that has no consequence.')
    for (const route of ['Your own document', 'At a counter']) expect(text).toContain(route)
    await page.goto(question)
    expect(await page.locator('[name="answer"]').count()).toBe(0)
  })
})
