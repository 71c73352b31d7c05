import type { Places } from '@unefois/deploy/sandbox/places'
import type { Page } from 'playwright-core'
import { agreed, authority, told, town } from '../journeys/_resident.js'

export const procedureUrl = (places: Places, purpose: string): string => `${places.origin(town)}/procedures/${purpose}`

/** Chooses a person at the stand-in identity provider, unless it remembers them. */
export const chooseAtIdentityProvider = async (page: Page, login: string): Promise<void> => {
  if (new URL(page.url()).pathname.startsWith('/interaction/')) await page.locator(`button[value="${login}"]`).click()
}

/** Logs a person in at a gateway and comes back to a path of it. */
export const logInAt = async (page: Page, origin: string, login: string, path = '/'): Promise<void> => {
  await page.goto(`${origin}/login?${new URLSearchParams({ return: path })}`)
  await chooseAtIdentityProvider(page, login)
}

export const noticeForm = `main form[action$="/${told}/notice"] button`
export const consentRequestForm = `main form[action$="/${agreed}/consent-request"] button`

/** Asks at the town for what needs consent, and stands before the question at the consent authority. */
export const comeToTheQuestion = async (page: Page, places: Places, login: string): Promise<string> => {
  await logInAt(page, places.origin(town), login, `/procedures/${agreed}`)
  await page.locator(consentRequestForm).click()
  const question = page.url()
  await logInAt(page, places.origin(authority), login, new URL(question).pathname)
  await page.locator('button[name="answer"][value="yes"]').waitFor()
  return question
}
