import type { Places } from '@unefois/deploy/sandbox/places'
import { formsOf, type VisitedPage, Visitor } from '@unefois/deploy/sandbox/visitor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { birth, pension, Someone } from './_modes.js'
import { portal } from './_resident.js'

let places: Places
let parent: Someone
let retired: Someone
beforeAll(async () => {
  places = await sharedFederation()
  parent = (await Someone.settle(places, birth)).hold(1)
  retired = (await Someone.settle(places, pension)).hold(1)
})
afterAll(() => {
  for (const each of [parent, retired]) each.leave()
})

/** Logs a person in where they are, and answers the page that they come back to. */
const logIn = async (visitor: Visitor, { person }: Someone, origin: string, path: string): Promise<VisitedPage> => {
  const page = await visitor.open(`${origin}/login?${new URLSearchParams({ return: path })}`)
  return formsOf(page).some(({ action }) => action.includes('/interaction/'))
    ? visitor.send(page, '/interaction/', { login: person.login ?? '' })
    : page
}
const linkTo = ({ text }: VisitedPage, start: string): string => {
  const [, link = ''] = new RegExp(`href="(${start}[^"]*)"`).exec(text) ?? []
  return link.replaceAll('&amp;', '&')
}

describe('a parent who asks that a birth be told', () => {
  it('sees what would be sent, says yes, and has nothing to fill in; the next asks for another yes', async () => {
    const visitor = new Visitor()
    const asked = await logIn(visitor, parent, places.origin(birth.requester), `/procedures/${birth.purpose}`)
    const unseen = await visitor.send(asked, `/procedures/${birth.purpose}/request`)
    expect(unseen.text).toContain('Nothing was sent.')
    expect(unseen.text).not.toContain('Lou')
    const preview = linkTo(unseen, `${places.origin(portal)}/preview`)
    const { pathname, search } = new URL(preview)
    const seen = await logIn(visitor, parent, places.origin(portal), `${pathname}${search}`)
    expect(seen.text).toContain('Lou')
    // The authorisation names the child, not the parents.
    expect(seen.text).not.toContain('1980-01-01')
    const obtained = await visitor.send(seen, '/preview', { answer: 'yes' })
    expect(new URL(obtained.url).origin).toBe(places.origin(birth.requester))
    expect(obtained.text).toContain('Lou')
    const uses = (await parent.atPortal('/v1/me/accesses')).body as { accesses: { outcome: string; mode: string }[] }
    expect(uses.accesses.filter(({ outcome }) => outcome === 'released')).toMatchObject([
      { mode: 'explicit-request' },
      { mode: 'explicit-request' },
    ])
  })

  it('says no, and is offered the other ways', async () => {
    const other = (await Someone.settle(places, birth)).hold(1)
    const visitor = new Visitor()
    const asked = await logIn(visitor, other, places.origin(birth.requester), `/procedures/${birth.purpose}`)
    const unseen = await visitor.send(asked, `/procedures/${birth.purpose}/request`)
    const { pathname, search } = new URL(linkTo(unseen, `${places.origin(portal)}/preview`))
    const seen = await logIn(visitor, other, places.origin(portal), `${pathname}${search}`)
    const declined = await visitor.send(seen, '/preview', { answer: 'no' })
    expect(declined.text).toContain('You had seen what would be sent, and said no.')
    expect(declined.text).not.toContain('Lou')
    other.leave()
  })
})

describe('somebody whose right was found', () => {
  it('sees the search among the uses of their data, and opposes it there', async () => {
    const { consent } = retired.system
    const { provider, purpose, evidenceType } = pension
    const found = await consent.recordProactiveUse(
      { subject: retired.subject, provider, purpose, evidenceTypes: [evidenceType], campaign: 'autumn' },
      await retired.system.call('notice:write'),
    )
    expect((await retired.ask(found.basisId)).outcome).toMatchObject({ $case: 'evidence' })
    const visitor = new Visitor()
    const page = await logIn(visitor, retired, places.origin(portal), '/')
    expect(page.text).toContain('Search for rights in your favour; you may oppose it')
    const opposed = await visitor.send(page, '/oppositions')
    expect(opposed.text).toContain('Your opposition is recorded')
    await expect(retired.ask(found.basisId)).rejects.toMatchObject({ reason: 'OPPOSITION_STANDS' })
  })
})
