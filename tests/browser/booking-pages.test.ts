import type { Places } from '@unefois/deploy/sandbox/places'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { agent, Desk } from '../journeys/_appointments.js'
import { sharedFederation } from '../journeys/_federation.js'
import { Resident, town } from '../journeys/_resident.js'
import { describeInBrowser, expectGoodPage, type Language, openWindow, startBrowser } from './_browser.js'
import { logInAt } from './_walk.js'

describeInBrowser('making an appointment by the pages of an agency', () => {
  let places: Places
  let browser: Browser
  let desk: Desk

  beforeAll(async () => {
    places = await sharedFederation()
    desk = await Desk.open(places)
    browser = await startBrowser()
  })
  afterAll(async () => {
    desk.close()
    await browser?.close()
  })

  /** Without JavaScript: the pages need none. */
  const open = async (language: Language): Promise<Page> =>
    (await openWindow(browser, { language, javaScript: false })).newPage()
  const openLooked = async (language: Language): Promise<Page> =>
    (await openWindow(browser, { language, javaScript: true })).newPage()
  const press = (page: Page, selector: string): Promise<void> => page.locator(selector).first().click()
  const textOf = async (page: Page): Promise<string> => (await page.locator('main').textContent()) ?? ''
  const takeSlot = (page: Page) => press(page, 'main button[name="slot"]')
  const confirm = async (page: Page): Promise<void> => {
    await page.locator('main [name="way"][value="none"]').check()
    await press(page, 'main form[action$="/confirm"] button')
  }

  it.each<[Language, string, string]>([
    ['fr', 'Votre rendez-vous est pris', 'annulé'],
    ['en', 'Your appointment is made', 'cancelled'],
  ])(
    'holds a slot, books it, and gives it back, in %s, with pages that axe finds good',
    async (language, made, ended) => {
      const resident = await Resident.settle(places)
      resident.leave()
      const page = await openLooked(language)
      const origin = places.origin(town)
      await page.goto(`${origin}/book`)
      await expectGoodPage(page, language)
      await logInAt(page, origin, resident.person.login ?? '', '/book/talk')
      await expectGoodPage(page, language)
      await takeSlot(page)
      await expectGoodPage(page, language)
      await confirm(page)
      expect(await textOf(page)).toContain(made)
      await expectGoodPage(page, language)
      await page.goto(`${origin}/appointments`)
      await expectGoodPage(page, language)
      await press(page, 'main a[href^="/appointments/"]')
      await press(page, 'main a[href$="/cancel"]')
      await expectGoodPage(page, language)
      await press(page, 'main form[action$="/cancel"] button')
      expect(await textOf(page)).toContain(ended)
      await expectGoodPage(page, language)
      await page.goto(`${origin}/book/no-housing`)
      await expectGoodPage(page, language)
    },
  )

  it('is done by a link without an account and without JavaScript, and the address is never told on', async () => {
    const { secret } = await desk.appointments.inviteToBook(
      {
        ...{ serviceTypeId: 'talk', placeIds: ['house'], subject: '', isAccompanied: false, by: agent },
        expiresAtMs: Date.now() + 86_400_000 * 3,
      },
      await desk.system.call('appointments:book'),
    )
    const page = await open('fr')
    const answer = await page.goto(`${places.origin(town)}/book/link/${secret}`)
    expect(answer?.headers()).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    await takeSlot(page)
    await confirm(page)
    expect(page.url()).toContain('/appointments/by-secret/')
    expect(await textOf(page)).toContain('Votre rendez-vous est pris')
    await press(page, 'main a[href$="/cancel"]')
    await press(page, 'main form[action$="/cancel"] button')
    expect(await textOf(page)).toContain('annulé')
    await page.goto(`${places.origin(town)}/book/link/${secret}`)
    expect(await textOf(page)).toContain('Ce lien ne mène nulle part')
  })
})
