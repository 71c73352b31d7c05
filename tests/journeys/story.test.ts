import type { Places } from '@unefois/deploy/sandbox/places'
import { type Story, tellStory } from '@unefois/deploy/sandbox/story/tell'
import { beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'

describe('the story', () => {
  let places: Places
  let story: Story
  const lines: string[] = []

  beforeAll(async () => {
    places = await sharedFederation()
    story = await tellStory(places, (line) => lines.push(line))
  }, 60_000)

  it('tells the person of the exchange and offers no consent where none is asked', () => {
    expect(story.schoolMeals.noticeOffersConsent).toBe(false)
    expect(story.schoolMeals.shownOnPage).toBe(true)
  })

  it('works out the rate of the family with what the fund told, asked for nothing else, and says why', () => {
    expect(story.schoolMeals.told).toEqual({ 'quotient familial': 612, 'enfant à charge': true })
    expect(story.schoolMeals).toMatchObject({ answer: 'yes', gives: ['Price of a meal: 3.06 € a meal'] })
    expect(story.schoolMeals.because).toContain('The child is among your dependants with your fund.')
  })

  it('grants it without anybody asking her for more, with the notice, and a receipt to verify offline', () => {
    expect(story.schoolMeals.granted).toContain('3.06 €')
    expect(story.schoolMeals.notice).toContain('L311-3-1')
    expect(story.schoolMeals.silence).toMatch(/^rejection on \d{4}-\d{2}-\d{2}$/)
    expect(story.schoolMeals.isVerifiedOffline).toBe(true)
  })

  it('books a meeting for which the town has had what the fund holds, and nobody brings that', () => {
    const { meeting } = story
    expect(meeting.when).toMatch(/^\d{4}-\d{2}-\d{2} at \d{2}:\d{2}$/)
    expect(meeting.had.map(({ provider }) => provider)).toContain('caf')
    const names = meeting.had.map(({ title }) => title)
    expect(meeting.toBring.filter((each) => names.includes(each))).toEqual([])
    expect(meeting.isCalendarFile).toBe(true)
    expect(lines.join('\n')).toContain(meeting.calendarAddress)
  })

  it('previews, asks, and releases on consent only what was consented', () => {
    expect(story.leisureCard.previewShowsValue).toBe(true)
    expect(story.leisureCard.pageShowsEvidence).toBe(true)
    expect(story.leisureCard.value).toEqual({ quotient_familial: { valeur: 612 } })
  })

  it('refuses the request after the withdrawal, in force within a second', () => {
    expect(story.leisureCard.inForceAt).not.toBeNull()
    expect(story.leisureCard.inForceAfterMs).toBeLessThan(1000)
    expect(story.leisureCard.refusedWith).toBe('CONSENT_REVOKED')
  })

  it('gives the stranger nothing for a captured ticket or message', () => {
    expect(story.stranger).toEqual({
      withCapturedTicket: 'PURPOSE_NOT_AUTHORISED',
      withCapturedMessage: 'SENDER_MISMATCH',
    })
  })

  it('shows the person who tried, and what became of it', () => {
    const tries = story.uses.filter(({ requester }) => requester === 'belleroche')
    expect(tries.map(({ outcome }) => outcome)).toEqual(tries.map(() => 'refused'))
    expect(new Set(tries.map(({ reason }) => reason))).toEqual(new Set(['SENDER_MISMATCH', 'PURPOSE_NOT_AUTHORISED']))
  })

  it('gives somebody whom the provider does not know another route', () => {
    expect(story.neighbour.outcome).toBe('otherRoute')
    expect(story.neighbour.routes.length).toBeGreaterThan(0)
  })

  it('records each exchange at both ends, each provable offline', () => {
    const released = story.uses.filter(({ outcome }) => outcome === 'released')
    expect(new Set(released.map(({ member }) => member))).toEqual(new Set(['caf', 'saint-aubin']))
    expect(story.isEveryUseProved).toBe(true)
  })

  it('never says a pseudonym of one agency to another, nor any name of hers to the provider’s log', () => {
    const [mine] = places.plan.people.filter(({ key }) => key === 'mother')
    expect(lines.join('\n')).not.toMatch(/p1\.[0-9]+\./)
    expect(JSON.stringify(story.uses)).not.toContain(mine?.family_name)
  })
})
