import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { describe, expect } from 'vitest'

const names = ['chromium', 'chromium-browser', 'google-chrome']
const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]
const standards = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']
const mostTabs = 300

export type Language = 'fr' | 'en'
const locales: Readonly<Record<Language, string>> = { fr: 'fr-FR', en: 'en-GB' }

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const onPath = (name: string): string[] =>
  (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder === '' ? '.' : folder, name))

/** The Chromium of this machine: what UNEFOIS_CHROMIUM names, else the first of the usual names on the PATH. */
const chromiumPath = (): string | undefined =>
  [process.env.UNEFOIS_CHROMIUM ?? '', ...names.flatMap(onPath)].find((path) => path !== '' && isProgram(path))

const program = chromiumPath()

/** Like describe; without a Chromium the title says that it is skipped, why, and what would change it. */
export const describeInBrowser = (title: string, tests: () => void): void => {
  const why = ` (skipped: no Chromium; name one in UNEFOIS_CHROMIUM, or install one of ${names.join(', ')})`
  describe.skipIf(program === undefined)(program === undefined ? title + why : title, tests)
}

/** Starts the browser that the tests of a file share. */
export const startBrowser = (): Promise<Browser> => {
  if (program === undefined) throw new Error('there is no Chromium on this machine')
  return chromium.launch({ executablePath: program, args: flags })
}

export interface Manner {
  readonly language?: Language
  /** CSS pixels. */
  readonly width?: number
  readonly javaScript?: boolean
}

/** A browser window with no memory of another; without JavaScript unless asked otherwise. */
export const openWindow = (
  browser: Browser,
  { language = 'en', width = 1280, javaScript = false }: Manner = {},
): Promise<BrowserContext> =>
  browser.newContext({ locale: locales[language], javaScriptEnabled: javaScript, viewport: { width, height: 900 } })

/** Fails with each barrier that axe finds on a page, by rule and element. */
export const expectNoBarrier = async (page: Page): Promise<void> => {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .withTags(standards)
    .setLegacyMode()
    .analyze()
  const barriers = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
  expect(barriers, page.url()).toEqual([])
}

/** Fails when a page is wider than its window. */
export const expectNoSidewaysScroll = async (page: Page): Promise<void> => {
  const root = page.locator('html')
  const [content = 0, window = 0] = await root.evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])
  expect(content, `${page.url()} in ${window} pixels`).toBeLessThanOrEqual(window)
}

const height = 900
/** Widths in CSS pixels; axe, the slowest by far, looks at the last, so that each width is looked at in one language. */
const widthsIn: Readonly<Record<Language, readonly number[]>> = { fr: [1280, 320], en: [320, 1280] }

/** Fails unless a page has no barrier, one main heading, its own language, and fits both widths. */
export const expectGoodPage = async (page: Page, language: Language, spoken = language): Promise<void> => {
  for (const width of widthsIn[language]) {
    await page.setViewportSize({ width, height })
    await expectNoSidewaysScroll(page)
  }
  await expectNoBarrier(page)
  expect(await page.locator('html').getAttribute('lang'), page.url()).toBe(spoken)
  expect(await page.locator('h1').count(), page.url()).toBe(1)
}

const focused = async (page: Page): Promise<{ text: string; outline: number }> => {
  const stop = page.locator(':focus')
  if ((await stop.count()) === 0) return { text: '', outline: 0 }
  return stop.evaluate((element) => {
    const { outlineStyle, outlineWidth } = element.ownerDocument.defaultView?.getComputedStyle(element) ?? {}
    return {
      text: `${element.textContent ?? ''} ${element.getAttribute('value') ?? ''}`.trim(),
      outline: outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth ?? '0'),
    }
  })
}

/** Goes by Tab to what bears a text, the focus visible at every stop, and presses a key there. */
export const pressByKeyboard = async (page: Page, text: string | RegExp, key = 'Enter'): Promise<void> => {
  const stops: string[] = []
  for (let tabs = 0; tabs < mostTabs; tabs += 1) {
    await page.keyboard.press('Tab')
    const stop = await focused(page)
    stops.push(stop.text)
    if (stop.text !== '') expect(stop.outline, `focus on “${stop.text}”`).toBeGreaterThanOrEqual(2)
    if (typeof text === 'string' ? stop.text.includes(text) : text.test(stop.text)) {
      await page.keyboard.press(key)
      return
    }
  }
  throw new Error(`Tab never came to ${text} on ${page.url()}: ${stops.join(' > ')}`)
}
