/** A page as a person without JavaScript sees it. */
export interface VisitedPage {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

interface Cookie {
  readonly host: string
  readonly path: string
  readonly name: string
  readonly value: string
}

interface Form {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

const mostRedirects = 20
const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

const attributesOf = (tag: string): Record<string, string> =>
  Object.fromEntries(
    [...tag.matchAll(/([a-z_-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)]),
  )

/** The forms of a page, with their hidden and checked fields. */
export const formsOf = ({ text, url }: VisitedPage): Form[] =>
  [...text.matchAll(/<form ([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag = '', inside = '']) => {
    const inputs = [...inside.matchAll(/<input ([^>]*)>/g)].map(([, input = '']) => ({
      ...attributesOf(input),
      isChosen: / checked/.test(input) || /type="hidden"/.test(input),
    })) as { name?: string; value?: string; isChosen: boolean }[]
    const chosen = inputs.filter(({ isChosen }) => isChosen)
    return {
      action: new URL(attributesOf(tag).action ?? url, url).href,
      fields: Object.fromEntries(chosen.map(({ name = '', value = '' }) => [name, value])),
    }
  })

/**
 * A browser without a browser: it follows redirects, keeps cookies by host and path (ports share them, as in browsers),
 * sends forms with their hidden fields and the origin of the page they stand on. It has no way in that a person lacks.
 */
export class Visitor {
  #cookies: Cookie[] = []

  /** Opens an address and follows redirects, up to one that `stopsAt` accepts: its answer is then the redirect itself. */
  open(url: string, stopsAt: (next: string) => boolean = () => false): Promise<VisitedPage> {
    return this.#follow(url, { method: 'GET' }, stopsAt)
  }

  /** Sends the form of a page whose action contains `action`, with further fields such as the button pressed. */
  send(
    page: VisitedPage,
    action: string,
    fields: Readonly<Record<string, string>> = {},
    stopsAt: (next: string) => boolean = () => false,
  ): Promise<VisitedPage> {
    const form = formsOf(page).find((one) => one.action.includes(action))
    if (!form) throw new Error(`${new URL(page.url).pathname} (${page.status}) has no form for ${action}`)
    const { origin } = new URL(page.url)
    const isSameOrigin = new URL(form.action).origin === origin
    return this.#follow(
      form.action,
      {
        method: 'POST',
        body: new URLSearchParams({ ...form.fields, ...fields }).toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin,
          'sec-fetch-site': isSameOrigin ? 'same-origin' : 'cross-site',
        },
      },
      stopsAt,
    )
  }

  async #follow(start: string, first: RequestInit, stopsAt: (next: string) => boolean): Promise<VisitedPage> {
    let url = start
    let init = first
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const cookie = this.#cookiesFor(url)
      const headers = { accept: 'text/html', 'accept-language': 'en', ...init.headers, ...(cookie && { cookie }) }
      const response = await fetch(url, { ...init, headers, redirect: 'manual' })
      this.#keep(url, response.headers.getSetCookie())
      const location = response.headers.get('location')
      const next = location === null ? undefined : new URL(location, url).href
      if (next === undefined || stopsAt(next))
        return { url: next ?? url, status: response.status, headers: response.headers, text: await response.text() }
      await response.body?.cancel()
      url = next
      init = { method: 'GET' }
    }
    throw new Error(`more than ${mostRedirects} redirects from ${new URL(start).origin}`)
  }

  #cookiesFor(url: string): string {
    const { hostname, pathname } = new URL(url)
    const covers = (path: string): boolean =>
      pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
    return this.#cookies
      .filter(({ host, path }) => host === hostname && covers(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }

  #keep(url: string, lines: readonly string[]): void {
    const host = new URL(url).hostname
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(pair.indexOf('=') + 1)
      const attribute = (wanted: string): string | undefined =>
        attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
      const path = attribute('path') ?? '/'
      const expires = attribute('expires')
      const hasEnded =
        Number(attribute('max-age') ?? 1) <= 0 || (expires !== undefined && Date.parse(expires) <= Date.now())
      this.#cookies = this.#cookies.filter((one) => one.name !== name || one.path !== path || one.host !== host)
      if (!hasEnded) this.#cookies.push({ host, path, name, value })
    }
  }
}
