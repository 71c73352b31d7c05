import type { Places } from '@unefois/deploy/sandbox/places'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { enrolAt, freshPerson, sharedFederation } from '../journeys/_federation.js'
import { birth, meals, pension, Someone } from '../journeys/_modes.js'
import { portal, Resident } from '../journeys/_resident.js'
import { describeInBrowser, expectGoodPage, openWindow, pressByKeyboard, startBrowser } from './_browser.js'
import { logInAt } from './_walk.js'

describeInBrowser('the pages of the other modes, of what is held, and of a statement on honour', () => {
  let places: Places
  let browser: Browser
  beforeAll(async () => {
    places = await sharedFederation()
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
  })

  const newPage = async (language: 'fr' | 'en'): Promise<Page> =>
    (await openWindow(browser, { language, javaScript: true })).newPage()
  const main = async (page: Page): Promise<string> => (await page.locator('main').textContent()) ?? ''

  it.concurrent('show a parent what would be sent before anything is, in French', async () => {
    const parent = (await Someone.settle(places, birth)).hold(1)
    parent.leave()
    const page = await newPage('fr')
    const path = `/procedures/${birth.purpose}`
    await logInAt(page, places.origin(birth.requester), parent.person.login ?? '', path)
    await expectGoodPage(page, 'fr')
    await page.locator(`main form[action$="${path}/request"] button`).click()
    await expectGoodPage(page, 'fr')
    const preview = await page
      .locator(`main a[href^="${places.origin(portal)}/preview"]`)
      .first()
      .getAttribute('href')
    const { pathname, search } = new URL(preview ?? '')
    await logInAt(page, places.origin(portal), parent.person.login ?? '', `${pathname}${search}`)
    await expectGoodPage(page, 'fr')
    expect(await main(page)).toContain('Lou')
    await page.locator('main form[action="/preview"] button[value="yes"]').click()
    await page.waitForURL(`${places.origin(birth.requester)}/**`)
    await expectGoodPage(page, 'fr')
    expect(await main(page)).toContain('Lou')
  })

  it.concurrent('offer opposition beside each search for a right, in English', async () => {
    const retired = (await Someone.settle(places, pension)).hold(1)
    const { provider, purpose, evidenceType } = pension
    const found = await retired.system.consent.recordProactiveUse(
      { subject: retired.subject, provider, purpose, evidenceTypes: [evidenceType], campaign: 'autumn' },
      await retired.system.call('notice:write'),
    )
    await retired.ask(found.basisId)
    retired.leave()
    const page = await newPage('en')
    await logInAt(page, places.origin(portal), retired.person.login ?? '')
    await expectGoodPage(page, 'en')
    await page.locator('main form[action="/oppositions"] button').first().click()
    await expectGoodPage(page, 'en')
    expect(await main(page)).toContain('Your opposition is recorded')
  })

  it.concurrent('show what each body holds, and take the report of an error, in French and English', async () => {
    const resident = await Resident.settle(places)
    await resident.ask(await resident.tell())
    resident.town.close()
    const page = await newPage('fr')
    await logInAt(page, places.origin(portal), resident.person.login ?? '')
    await page.locator('main a[href="/holdings"]').click()
    await expectGoodPage(page, 'fr')
    expect(await main(page)).toContain('704')
    await page.locator('main details summary').first().click()
    await page.locator('main textarea').first().fill('Mes revenus ont baissé en mai.')
    await page.locator('main form[action="/contests"] button').first().click()
    await expectGoodPage(page, 'fr')
    await page.goto(`${places.origin(portal)}/holdings`)
    expect(await main(page)).toContain('Mes revenus ont baissé en mai.')
    const english = await newPage('en')
    await logInAt(english, places.origin(portal), resident.person.login ?? '', '/holdings')
    await expectGoodPage(english, 'en')
    expect(await main(english)).toContain('Waiting for an answer')
  })

  it.concurrent('let somebody state on their honour what no source confirmed, in French', async () => {
    const unknown = await Someone.settle(places, meals)
    unknown.leave()
    const page = await newPage('fr')
    const path = `/procedures/${meals.purpose}`
    await logInAt(page, places.origin(meals.requester), unknown.person.login ?? '', path)
    await page.locator(`main form[action$="${path}/notice"] button`).click()
    await page.locator(`main a[href^="${path}/honour"]`).first().click()
    await expectGoodPage(page, 'fr')
    await page.locator('main input:not([type="hidden"]):not([type="checkbox"])').first().fill('612')
    await page.locator('main input[name="agreed"]').check()
    await page.locator(`main form[action$="${path}/honour"] button`).click()
    await expectGoodPage(page, 'fr')
    expect(await main(page)).toContain('612')
  })

  it.concurrent('take a move that is told once, by keyboard and without losing what was typed, in French and English', async () => {
    const person = await freshPerson(places)
    for (const member of ['caf', 'cpam']) await enrolAt(places, member, person)
    const page = await newPage('fr')
    await logInAt(page, places.origin(portal), person.login ?? '')
    await page.locator('main a[href="/declarations"]').click()
    await expectGoodPage(page, 'fr')
    await page.locator('main a.button[href="/declarations/change-of-address"]').click()
    await expectGoodPage(page, 'fr')
    const typed = ['4 rue des Tilleuls', '08000', 'Saint-Aubin', '11 quai de la Meuse', '', '08480', 'Belleroche']
    for (const [at, text] of typed.entries()) await page.locator(`#value${at}`).fill(text)
    await page.locator('#value7').fill('2026-12-01')
    await page.locator('input[type="radio"][value="no"]').check()
    expect(await page.locator('main input[type="checkbox"]:checked').count()).toBe(0)
    await pressByKeyboard(page, 'Vérifier avant d’envoyer')
    await page.locator('main [role="alert"]').waitFor()
    await expectGoodPage(page, 'fr')
    expect(await page.locator('#value3').inputValue()).toBe('11 quai de la Meuse')
    for (const box of await page.locator('main input[type="checkbox"]').all()) await box.check()
    await pressByKeyboard(page, 'Vérifier avant d’envoyer')
    await page.locator('main form[action$="/send"]').waitFor()
    await expectGoodPage(page, 'fr')
    await pressByKeyboard(page, 'Envoyer à ces organismes')
    await page.locator('main .tag').first().waitFor()
    await expectGoodPage(page, 'fr')
    expect((await main(page)).match(/Accusé de réception/g)).toHaveLength(2)
    const english = await newPage('en')
    await logInAt(english, places.origin(portal), person.login ?? '', '/declarations')
    await expectGoodPage(english, 'en')
    expect(await main(english)).toContain('Waiting for an answer')
    await english.goto(`${places.origin(portal)}/declarations/change-of-address`)
    await expectGoodPage(english, 'en')
  })
})
