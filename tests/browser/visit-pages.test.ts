import type { Places } from '@unefois/deploy/sandbox/places'
import type { Slot } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chosen, Desk, sharedPlace } from '../journeys/_appointments.js'
import { sharedFederation } from '../journeys/_federation.js'
import { fund, Resident, town } from '../journeys/_resident.js'
import { describeInBrowser, expectGoodPage, type Language, openWindow, startBrowser } from './_browser.js'
import { logInAt } from './_walk.js'

const dayMs = 86_400_000
const dayAhead = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10)

describeInBrowser('one visit to several agencies by the pages of one of them', () => {
  let places: Places
  let browser: Browser
  let desk: Desk
  let atFund: Desk

  beforeAll(async () => {
    places = await sharedFederation()
    desk = await Desk.open(places)
    atFund = await Desk.open(places, fund)
    browser = await startBrowser()
  })
  afterAll(async () => {
    desk.close()
    atFund.close()
    await browser?.close()
  })

  const press = (page: Page, selector: string): Promise<void> => page.locator(selector).first().click()
  const textOf = async (page: Page): Promise<string> => (await page.locator('main').textContent()) ?? ''

  // Booked at the fund: other tests use up what the fund keeps for undecided visits of the town.
  const at = (): string => places.origin(fund)

  /** Logged in, before the meetings with the town and the fund from a day on. */
  const comeToSearch = async (page: Page, daysAhead: number): Promise<void> => {
    const resident = await Resident.settle(places)
    resident.leave()
    const search = new URLSearchParams({ place: sharedPlace, from: dayAhead(daysAhead) })
    await logInAt(page, at(), resident.person.login ?? '', `/visits?${search}`)
    await page.locator(`main [name="wish"][value="${town}~talk"]`).check()
    await page.locator(`main [name="wish"][value="${fund}~family-file"]`).check()
    await press(page, 'main form[action="/visits"] button')
  }
  const confirm = async (page: Page): Promise<void> => {
    await page.locator('main [name="way"][value="none"]').check()
    await press(page, 'main form[action="/visits/book"] button')
  }

  it.each<[Language, string, string, number]>([
    ['fr', 'Votre visite est réservée', 'Cette visite est annulée', 40],
    ['en', 'Your visit is booked', 'This visit is cancelled', 41],
  ])(
    'finds one, books it, sees it among the appointments, and gives it back, in %s, with pages that axe finds good',
    async (language, made, ended, ahead) => {
      const page = await (await openWindow(browser, { language, javaScript: true })).newPage()
      await comeToSearch(page, ahead)
      await expectGoodPage(page, language)
      await press(page, 'main button[name="visit"]')
      await expectGoodPage(page, language)
      await confirm(page)
      expect(await textOf(page)).toContain(made)
      await expectGoodPage(page, language)
      const address = page.url()
      await page.goto(`${at()}/appointments`)
      await expectGoodPage(page, language)
      await press(page, 'main a[href^="/visits/"]')
      expect(page.url()).toBe(address)
      await press(page, 'main a[href$="/cancel"]')
      await expectGoodPage(page, language)
      await press(page, 'main form[action$="/cancel"] button')
      expect(await textOf(page)).toContain(ended)
      await expectGoodPage(page, language)
    },
  )

  it('books nothing where one agency says no, says so, and offers others, without JavaScript', async () => {
    const page = await (await openWindow(browser, { language: 'fr', javaScript: false })).newPage()
    await comeToSearch(page, 43)
    const visit = (await page.locator('main button[name="visit"]').first().getAttribute('value')) ?? ''
    await press(page, 'main button[name="visit"]')
    const startsAtMs = Number(new RegExp(`${town}~[a-z-]+~talk~([0-9]+)`).exec(visit)?.[1])
    const slot = (await desk.free('talk', 43)).find((one: Slot) => one.startsAtMs === startsAtMs)
    await desk.book(chosen(slot as Slot))
    await confirm(page)
    expect(await textOf(page)).toContain('Rien n’a été réservé, chez aucun organisme')
    expect(await page.locator('main button[name="visit"]').count()).toBeGreaterThan(0)
    await page.goto(`${at()}/appointments`)
    expect(await textOf(page)).toContain('Aucun rendez-vous')
  })

  it.each<[Language, string]>([
    ['fr', 'À 20\u00a0km au plus de Sedan (08)'],
    ['en', 'At most 20\u00a0km from Sedan (08)'],
  ])('finds the commune of a name, and asks which where there are several, in %s', async (language, near) => {
    const page = await (await openWindow(browser, { language, javaScript: true })).newPage()
    await page.goto(`${at()}/book/family-file?commune=re`)
    await expectGoodPage(page, language)
    await page.locator('main [name="commune"]').fill('SEDAN')
    await press(page, 'main form[method="get"] button')
    expect(await textOf(page)).toContain(near)
    await page.goto(`${at()}/book/family-file?commune=St-`)
    await expectGoodPage(page, language)
    await press(page, 'main a[href*="commune=Saint-"]')
    expect(await textOf(page)).toContain('Saint-')
    await expectGoodPage(page, language)
  })
})
