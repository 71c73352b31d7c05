import { logInAt } from '../log-in.js'
import type { VisitedPage, Visitor } from '../visitor.js'

/** What a person saw on the way to a yes. */
export interface ConsentOnline {
  readonly requestId: string
  /** The portal’s page with the values, before the yes. */
  readonly preview: string
  /** The requester’s page that the yes leads back to. */
  readonly back: VisitedPage
}

/** The person reads the question at the consent authority, looks at the values first at the portal, says yes, and comes back. */
export const sayYes = async (
  visitor: Visitor,
  authorityUrl: string,
  { login, portalOrigin }: { readonly login: string; readonly portalOrigin: string },
): Promise<ConsentOnline> => {
  const { origin, pathname } = new URL(authorityUrl)
  const question = await logInAt(visitor, origin, login, pathname)
  const requestId = pathname.split('/').at(-1) ?? ''
  const { searchParams } = new URL(
    /href="([^"]*\/preview\?[^"]*)"/.exec(question.text)?.[1]?.replaceAll('&amp;', '&') ?? '',
  )
  const preview = await logInAt(visitor, portalOrigin, login, `/preview?${searchParams}`)
  const back = await visitor.send(question, `/consent/${requestId}`, { answer: 'yes' })
  return { requestId, preview: preview.text, back }
}
