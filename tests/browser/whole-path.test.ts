import { readFileSync } from 'node:fs'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sharedFederation } from '../journeys/_federation.js'
import { authority, portal, Resident, town } from '../journeys/_resident.js'
import { describeInBrowser, openWindow, pressByKeyboard, startBrowser } from './_browser.js'

const value = 'Value of the family quotient'

describeInBrowser('the whole path, by keyboard alone, without JavaScript', () => {
  let places: Places
  let browser: Browser
  let resident: Resident
  let page: Page

  beforeAll(async () => {
    places = await sharedFederation()
    resident = await Resident.settle(places)
    browser = await startBrowser()
    page = await (await openWindow(browser)).newPage()
  })
  afterAll(async () => {
    resident?.town.close()
    await browser?.close()
  })

  const fullName = (): string => `${resident.person.given_name} ${resident.person.family_name}`
  const press = (text: string | RegExp, key?: string): Promise<void> => pressByKeyboard(page, text, key)
  const arrive = (text: string | RegExp): Promise<void> => page.locator('main').getByText(text).first().waitFor()
  const standsAt = (member: string): void => expect(new URL(page.url()).origin).toBe(places.origin(member))
  const main = (): Promise<string> => page.locator('main').innerText()
  let shown = ''

  it('reads the notice, logs in, continues, and sees the evidence', async () => {
    await page.goto(places.origin(town))
    await press('School-meal rate')
    await arrive('What we ask for in your place')
    await press('Log in to continue')
    await page.locator('button[name="login"]').first().waitFor()
    await press(fullName())
    await arrive('You keep your rights')
    expect(await main()).toMatch(/have data corrected/)
    await press('Continue')
    await arrive('Done: you have no paper to provide.')
    shown = await page.getByRole('row', { name: value }).getByRole('cell').innerText()
    expect(shown).toMatch(/^\d+$/)
  })

  it('asks for the leisure card, looks at the values first, says yes, comes back and sees them', async () => {
    await page.goto(places.origin(town))
    await press('Leisure card')
    await arrive('What we may ask for if you agree')
    await press(/^\s*30$/, 'ArrowDown')
    await press('Go and answer')
    await arrive('It concerns only you')
    standsAt(authority)
    await press(/^Log in$/m)
    await arrive('We take your answer')
    expect(await main()).toMatch(/90\sdays from your yes/)
    expect(await main()).not.toContain(shown)

    await press('See the values first')
    await arrive('It concerns only you')
    standsAt(portal)
    await press(/^Log in$/m)
    await arrive('this preview sends nothing')
    expect(await page.getByRole('row', { name: value }).getByRole('cell').innerText()).toBe(shown)

    await press('Go back to the request to answer')
    await arrive('We take your answer')
    await press('Yes, I agree')
    await arrive('Done: you have no paper to provide.')
    standsAt(town)
    expect(await page.getByRole('row', { name: value }).getByRole('cell').innerText()).toBe(shown)
  })

  it('sees each exchange once at the portal, with a proof from each end to keep', async () => {
    await page.goto(places.origin(portal))
    await arrive('Who used my data')
    // A provider that had not heard of the consent yet may have refused first; that is an entry too.
    const uses = page.locator('section[aria-labelledby="uses"] ul.cards > li').filter({ hasText: 'Data sent' })
    expect(await uses.locator('h3').allInnerTexts()).toEqual(['Leisure card', 'School-meal rate'])
    await press('Entries and proofs (2)')
    await uses.first().getByText('Both bodies have it on record.').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), press('Download the proof')])
    const proof = JSON.parse(readFileSync(await download.path(), 'utf8'))
    expect(Object.keys(proof)).toEqual(expect.arrayContaining(['record', 'salt', 'checkpoint', 'inclusionProof']))
  })

  it('withdraws, and sees the withdrawal recorded and in force', async () => {
    await page.goto(places.origin(portal))
    await arrive('My consents')
    await press('Withdraw this consent')
    await arrive('Your withdrawal is recorded')
    expect(await main()).toMatch(/Recorded on\s+\d+\s\w+ \d{4} at \d\d:\d\d:\d\d\s+In force\s+since/)
    await press('Back to my page')
    await arrive('No consent in force.')
    await press('Consents withdrawn, refused or ended (1)')
    await arrive(/in force since/)
  })
})
