import type { Places } from '@unefois/deploy/sandbox/places'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, it } from 'vitest'
import { sharedFederation } from '../journeys/_federation.js'
import { agreed, authority, fund, portal, Resident, told, town } from '../journeys/_resident.js'
import { describeInBrowser, expectGoodPage, type Language, openWindow, startBrowser } from './_browser.js'
import { chooseAtIdentityProvider, consentRequestForm, noticeForm, procedureUrl } from './_walk.js'

/** An agency with a benefit whose rule is in force on that day only of the two: not today. */
const health = 'cpam'
const benefit = 'complementaire-sante-solidaire'
const ruledDay = '2025-11-01'

describeInBrowser('every page, at 1280 and at 320 pixels', () => {
  let places: Places
  let browser: Browser

  beforeAll(async () => {
    places = await sharedFederation()
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
  })

  it.concurrent.each<[Language]>([['fr'], ['en']])(
    'has no barrier that axe finds and does not scroll sideways, in %s',
    async (language) => {
      const resident = await Resident.settle(places)
      resident.town.close()
      const login = resident.person.login ?? ''
      const page = await (await openWindow(browser, { language, javaScript: true })).newPage()
      const look = async (address?: string): Promise<void> => {
        if (address !== undefined) await page.goto(address)
        await expectGoodPage(page, language)
      }
      const press = (selector: string): Promise<void> => page.locator(selector).first().click()

      for (const member of [town, fund, portal, authority]) await look(places.origin(member))
      // By far the longest page, and the same in both languages but for its headings.
      if (language === 'fr') await look(`${places.origin(town)}/docs`)
      await look(`${places.origin(portal)}/no-such-page`)
      await look(`${places.origin(authority)}/consent/some-request`)
      await look(procedureUrl(places, told))

      await press('main a.button')
      await page.locator('button[name="login"]').first().waitFor()
      await expectGoodPage(page, language, 'fr')
      await chooseAtIdentityProvider(page, login)
      await look()
      await press(noticeForm)
      await page.locator('main table').waitFor()
      await look()

      await look(procedureUrl(places, agreed))
      await press(consentRequestForm)
      await press('main a.button')
      await page.locator('[name="answer"]').first().waitFor()
      await look()
      const question = page.url()
      await press('main .card a')
      await press('main a.button')
      await page.locator('main table').waitFor()
      await look()
      await page.goto(question)
      await press('[name="answer"][value="yes"]')
      await page.locator('main table').waitFor()
      await look()
      await look(question)

      await look(places.origin(portal))
      await press('section[aria-labelledby="uses"] summary')
      await look()
      await press('form[action$="/withdraw"] button')
      await page.locator('main dl time').first().waitFor()
      await look()

      await page.goto(procedureUrl(places, agreed))
      await press(consentRequestForm)
      await press('[name="answer"][value="no"]')
      await page.locator('main ul.routes').waitFor()
      await look()
      await look(places.origin(portal))

      await page.goto(`${places.issuer}/auth?client_id=nobody`)
      await expectGoodPage(page, language, 'fr')
    },
    300_000,
  )

  // Each state in one language: what differs is words, and axe is slow.
  it.concurrent.each<[Language]>([['fr'], ['en']])(
    'is as good for what an agency has published, without a login, in %s',
    async (language) => {
      const page = await (await openWindow(browser, { language, javaScript: true })).newPage()
      const press = (selector: string): Promise<void> => page.locator(selector).first().click()
      const look = async (only: Language): Promise<void> => {
        if (language === only) await expectGoodPage(page, language)
      }
      const type = async (text: string): Promise<void> => {
        await page.locator('#answer').fill(text)
        await press('main .field + p button')
      }

      await page.goto(`${places.origin(health)}/guide/${benefit}`)
      await look('en')
      await press('main a.button')
      await page.locator('#day').waitFor()
      await look('fr')
      await page.locator('#day').fill(ruledDay)
      await press('main .second')
      await press('main [value="yes"]')
      await press('main [value="no"]')
      await type('2,5')
      await page.locator('#fault').waitFor()
      await look('en')
      await type('1')
      await type(language === 'fr' ? '13 000' : '90000')
      await page.locator('main .conditions').waitFor()
      await look('en')
      await press('main .about button')
      // Easy reading is French.
      await page.locator('html[lang="fr"] main .conditions').waitFor()
      await look('fr')
    },
    300_000,
  )
})
