import type { Places } from '@unefois/deploy/sandbox/places'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sharedFederation } from '../journeys/_federation.js'
import { Someone, type Use } from '../journeys/_modes.js'
import { Resident, told, town } from '../journeys/_resident.js'
import { describeInBrowser, expectGoodPage, type Language, openWindow, startBrowser } from './_browser.js'
import { logInAt } from './_walk.js'

const fare: Use = {
  requester: 'mobilites-ardenne',
  provider: 'cpam',
  evidenceType: 'complementaire-sante-solidaire',
  purpose: 'solidarity-fare',
  value: { est_beneficiaire: true, avec_participation: false, date_debut_droit: '2026-06-01' },
}

const mostTimes = 5

describeInBrowser('applying by the pages of an agency', () => {
  let places: Places
  let browser: Browser

  beforeAll(async () => {
    places = await sharedFederation()
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
  })

  const open = async (language: Language): Promise<Page> =>
    (await openWindow(browser, { language, javaScript: true })).newPage()
  const press = (page: Page, selector: string): Promise<void> => page.locator(selector).first().click()
  const textOf = async (page: Page): Promise<string> => (await page.locator('main').textContent()) ?? ''

  const again = 'main form[action$="/examination"] button'
  /** What others are asked for may come later than the page; on a machine that is busy with other things, later than it waits. */
  const askUntilTold = async (page: Page): Promise<void> => {
    for (let times = 0; times < mostTimes && (await page.locator(again).count()) > 0; times += 1)
      await press(page, again)
  }

  it('ends with a fare that is granted at once, and explained', async () => {
    const language = 'en'
    const passenger = (await Someone.settle(places, fare)).hold(1)
    passenger.system.close()
    const page = await open(language)
    const origin = places.origin(fare.requester)
    await page.goto(`${origin}/guide/${fare.purpose}`)
    await press(page, `main a[href="/apply/${fare.purpose}"]`)
    await logInAt(page, origin, passenger.person.login ?? '', `/apply/${fare.purpose}`)
    await expectGoodPage(page, language)
    await press(page, 'main form[action$="/check"] button')
    await expectGoodPage(page, language)
    await press(page, 'main form[action$="/deposit"] button')
    await askUntilTold(page)
    expect(await textOf(page)).toContain('Your application is granted.')
    await expectGoodPage(page, language)
    const download = page.waitForEvent('download')
    await press(page, 'main a[href$="/receipt"]')
    expect((await download).suggestedFilename()).toBe('receipt.jws')
    await press(page, 'main a[href$="/explanation"]')
    await expectGoodPage(page, language)
    expect(await page.locator('main h2').count()).toBeGreaterThanOrEqual(4)
    await press(page, 'main .about a')
    await expectGoodPage(page, language, 'fr')
    await page.goto(`${origin}/applications?lang=en`)
    await expectGoodPage(page, language)
  }, 300_000)

  it('begins with something missing, which is added, and can be withdrawn', async () => {
    const language = 'fr'
    const resident = await Resident.settle(places)
    resident.leave()
    const page = await open(language)
    await logInAt(page, places.origin(town), resident.person.login ?? '', `/apply/${told}`)
    await expectGoodPage(page, language)
    await press(page, 'main fieldset label')
    await press(page, 'main form[action$="/check"] button')
    expect(await textOf(page)).toContain('Il manque encore')
    await press(page, 'main form[action$="/deposit"] button')
    await askUntilTold(page)
    const deposited = await textOf(page)
    expect(deposited).toContain('Il nous manque quelque chose.')
    // What the fund told, of which nothing was asked of the person.
    expect(deposited).toContain('704')
    await expectGoodPage(page, language)
    await press(page, 'main form[action$="/pieces"] button')
    await page.locator('main [role="alert"]').waitFor()
    await expectGoodPage(page, language)
    await page.locator('#value0').fill('Jules-Ferry, CP')
    await press(page, 'main form[action$="/pieces"] button')
    expect(await textOf(page)).toContain('Nous étudions votre demande.')
    await page.locator('#text').fill('Bonjour,\nquand aurai-je une réponse ?')
    await press(page, 'main form[action$="/messages"] button')
    expect(await page.locator('main .cards .said').last().textContent()).toContain('quand aurai-je')
    await press(page, 'main a[href$="/withdrawal"]')
    await expectGoodPage(page, language)
    await press(page, 'main form[action$="/withdrawal"] button')
    expect(await textOf(page)).toContain('Vous avez retiré cette demande.')
  }, 300_000)
})
