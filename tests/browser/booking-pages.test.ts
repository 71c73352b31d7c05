import type { Places } from '@unefois/deploy/sandbox/places'
import { CallbackServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/walk_ins'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { agent, booking, chosen, Desk } from '../journeys/_appointments.js'
import { sharedFederation } from '../journeys/_federation.js'
import { Resident, town } from '../journeys/_resident.js'
import {
  describeInBrowser,
  expectGoodPage,
  expectNoSidewaysScroll,
  type Language,
  openWindow,
  pressByKeyboard,
  startBrowser,
} from './_browser.js'
import { logInAt } from './_walk.js'

const dayAhead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

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

  const takeDate = (page: Page) => press(page, 'main button[name="date"]')
  const confirmDates = async (page: Page): Promise<void> => {
    await page.locator('main [name="way"][value="none"]').check()
    await press(page, 'main form[method="post"][action$="/dates"] button')
  }
  /** Logged in before the times of what can be booked several times at once, from a day on. */
  const comeToSeries = async (page: Page, daysAhead: number): Promise<void> => {
    const resident = await Resident.settle(places)
    resident.leave()
    await logInAt(page, places.origin(town), resident.person.login ?? '', `/book/workshop?from=${dayAhead(daysAhead)}`)
  }

  it.each<[Language, string, string, number]>([
    ['fr', 'Vos dates sont prises', 'Les dates à venir de la série sont annulées', 30],
    ['en', 'Your dates are taken', 'The dates to come of the series are cancelled', 31],
  ])(
    'takes two dates at once, and gives both back, in %s, with pages that axe finds good',
    async (language, made, ended, ahead) => {
      const page = await openLooked(language)
      await comeToSeries(page, ahead)
      await expectGoodPage(page, language)
      await takeSlot(page)
      await expectGoodPage(page, language)
      await press(page, 'main a[href*="date="]')
      await expectGoodPage(page, language)
      await takeDate(page)
      await expectGoodPage(page, language)
      await press(page, 'main form[method="post"][action$="/dates"] button')
      await expectGoodPage(page, language)
      await confirmDates(page)
      expect(await textOf(page)).toContain(made)
      await expectGoodPage(page, language)
      await press(page, 'main a[href$="/cancel"]')
      await expectGoodPage(page, language)
      await press(page, 'main button[name="series"]')
      expect(await textOf(page)).toContain(ended)
      await expectGoodPage(page, language)
    },
  )

  it('takes two dates by keyboard and without JavaScript, and keeps one where the other went to somebody else', async () => {
    const page = await open('fr')
    await comeToSeries(page, 33)
    await pressByKeyboard(page, /^\d+\u00a0h\u00a0\d+/)
    await page.locator('main [name="hold"]').waitFor({ state: 'attached' })
    await pressByKeyboard(page, 'Ajouter une autre date')
    await page.waitForURL(/book\/workshop\?.*date=/)
    await pressByKeyboard(page, /^\d+\u00a0h\u00a0\d+/)
    await page.waitForURL(/workshop\/dates\?/)
    const [, second = ''] = new URL(page.url()).searchParams.getAll('date')
    const taken = (await desk.free('workshop', 33)).find(({ startsAtMs }) => second.includes(`${startsAtMs}`))
    if (!taken) throw new Error(`nobody finds ${second} free`)
    await desk.book(chosen(taken))
    await confirmDates(page)
    expect(await textOf(page)).toContain('Cette date n’est plus libre')
    expect(await page.locator('main [name="way"][value="none"]').isChecked()).toBe(true)
    await expectNoSidewaysScroll(page)
    await press(page, 'main form[method="post"][action$="/dates"] button')
    expect(await textOf(page)).toContain('Votre rendez-vous est pris')
    expect(await textOf(page)).not.toContain('Une série de dates')
  })

  it.each<[Language, string, string, number]>([
    ['fr', 'Les autres dates à venir', 'Annuler toutes les dates à venir', 35],
    ['en', 'The other dates to come', 'Cancel all dates to come', 36],
  ])('shows and gives back a series by its secret alone, in %s', async (language, others, all, ahead) => {
    const slots = (await desk.free('workshop', ahead)).map(chosen).slice(0, 3)
    const { secret } = await desk.appointments.bookAppointment(
      booking({ slots }),
      await desk.system.call('appointments:book'),
    )
    const page = await openLooked(language)
    const address = `${places.origin(town)}/appointments/by-secret/${secret}`
    await page.goto(address)
    expect(await textOf(page)).toContain(others)
    await expectGoodPage(page, language)
    const otherDates = `main ul.plain a[href^="${new URL(address).pathname}/"]`
    expect(await page.locator(otherDates).count()).toBe(2)
    await press(page, otherDates)
    await expectGoodPage(page, language)
    await press(page, 'main a[href$="/cancel"]')
    await expectGoodPage(page, language)
    await page.getByRole('button', { name: all }).click()
    await page.goto(address)
    expect(await textOf(page)).not.toContain(others)
    expect(await page.locator('main a[href$="/cancel"]').count()).toBe(0)
  })

  it.each<[Language, string, string]>([
    ['fr', 'nous n’appelons plus', 'Appelé par : Ada Agent'],
    ['en', 'we no longer call', 'Called by: Ada Agent'],
  ])('says that nobody was reached, who called, and how to go on, in %s', async (language, ended, by) => {
    const resident = await Resident.settle(places)
    resident.leave()
    const page = await openLooked(language)
    await logInAt(page, places.origin(town), resident.person.login ?? '', '/book/talk/callback')
    await page.locator('main [name="telephone"]').fill('06 12 34 56 78')
    await press(page, 'main form[action$="/callback"] button')
    const callbacks = desk.system.service('appointments', CallbackServiceDefinition)
    const page0 = { practitionerId: '', callbackId: '', pageSize: 0, pageToken: '' }
    const { callbacks: open } = await callbacks.listCallbacks(
      { ...page0, subject: resident.subject },
      await desk.system.call('appointments:read'),
    )
    const callbackId = open[0]?.callbackId ?? ''
    for (let tries = 0; tries < 3; tries += 1)
      await callbacks.recordCall(
        { callbackId, isReached: false, by: agent },
        await desk.system.call('appointments:attend'),
      )
    await page.goto(`${places.origin(town)}/appointments`)
    const text = (await textOf(page)).replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ')
    expect(text).toContain(ended)
    expect(text).toContain(by)
    await expectGoodPage(page, language)
    await press(page, 'main #callbacks a[href$="/callback"]')
    await expectGoodPage(page, language)
  })

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
