import { enrolPeople, fillRegisters } from '../people.js'
import type { Places } from '../places.js'
import { castOf } from './cast.js'
import { PortalVisit, type Use } from './her-list.js'
import { type LeisureCard, leisureCard } from './leisure-card.js'
import { type MeetingBooked, meeting } from './meeting.js'
import { type Neighbour, neighbour } from './neighbour.js'
import { type SchoolMeals, schoolMeals } from './school-meals.js'
import { type Stranger, stranger } from './stranger.js'

/** What happened, for a reader and for the test that holds the story to its word. */
export interface Story {
  readonly schoolMeals: SchoolMeals
  readonly meeting: MeetingBooked
  readonly leisureCard: LeisureCard
  readonly stranger: Stranger
  readonly neighbour: Neighbour
  readonly uses: readonly Use[]
  readonly isEveryUseProved: boolean
}

type Say = (line: string) => void

const useLine = ({ member, requester, provider, purpose, outcome, reason, fields, predicates }: Use): string => {
  const data = [...fields, ...predicates].join(', ')
  return `  · kept by ${member}: ${requester} asked ${provider} for ${purpose}: ${outcome}${reason ? ` (${reason})` : ''}${data ? `: ${data}` : ''}`
}

/** Lives the story through public doors only, telling it line by line. */
export const tellStory = async (places: Places, say: Say): Promise<Story> => {
  const pseudonyms = await enrolPeople(places, places.plan.people)
  fillRegisters(places, pseudonyms)
  const cast = castOf(places, pseudonyms)
  const nameOf = (id: string): string => places.plan.agencies.find((member) => member.id === id)?.name.en ?? id
  const { script, person } = cast
  const who = person.given_name.split(' ')[0]

  say(`${who} asks the ${nameOf(script.requester)} for her daughter’s school-meal rate.`)
  const meals = await schoolMeals(cast)
  say('  She is told which data, from whom, what for; there is no consent button, because the law asks for none.')
  say(`  The town receives ${JSON.stringify(meals.told)}. No address, no names.`)
  say(`  Its rule answers ${meals.answer}. ${meals.gives.join('; ')}. Because:`)
  for (const sentence of meals.because) say(`  · ${sentence}`)
  say(`  Her receipt says that silence would be a ${meals.silence}. It need not speak: granted, “${meals.granted}”.`)
  say(`  ${meals.notice}`)
  say(
    `  Receipt and decision ${meals.isVerifiedOffline ? 'are verified' : 'ARE NOT VERIFIED'} offline with the signed federation list.`,
  )

  say(`\nShe would rather talk about it too: the agent at the counter looks for a free time.`)
  const booked = await meeting(cast, meals.basisId)
  say(`  ${booked.about}: ${booked.when}, ${booked.where}, with ${booked.withWhom}.`)
  const had = booked.had.map(({ title, provider }) => `${title}, from the ${nameOf(provider)}`)
  say(`  The town has had already: ${had.join('; ') || 'nothing'}.`)
  say(`  She brings: ${booked.toBring.join('; ') || 'nothing'}.`)
  say(`  For her own calendar: ${booked.calendarAddress}`)

  say(`\nFor a leisure card, which no law covers, the town needs her consent.`)
  const portal = await PortalVisit.open(cast)
  const card = await leisureCard(cast, portal)
  say(
    `  She looks at the values first, says yes for ${script.consent.durationDays} days; the town receives ${JSON.stringify(card.value)}`,
  )
  say(`  She withdraws: recorded ${card.recordedAt}, in force ${card.inForceAfterMs} ms later.`)
  say(`  The town asks again: refused by the ${nameOf(script.provider)} with ${card.refusedWith}.`)

  say(`\nThe ${nameOf(script.stranger)} has no authorisation. It captured a ticket and a message, and tries both.`)
  const foreign = await stranger(cast, meals.basisId)
  say(`  With the ticket: ${foreign.withCapturedTicket}. With the message: ${foreign.withCapturedMessage}.`)

  say(`\nA neighbour whom the ${nameOf(script.provider)} does not know asks for a school-meal rate.`)
  const other = await neighbour(cast)
  say(`  Not a refusal but ${other.routes.length} other routes, the first: ${other.routes[0]}`)

  const { accesses: uses } = await portal.uses()
  say(`\nAt the portal ${who} sees every use, as each agency recorded it:`)
  for (const use of uses.slice(0, 12)) say(useLine(use))
  const proofs = await Promise.all(uses.slice(0, 12).map((use) => portal.isProved(use)))
  const isEveryUseProved = proofs.every(Boolean)
  say(
    `  ${proofs.filter(Boolean).length} of ${proofs.length} proofs verified offline against the agencies’ signed logs.`,
  )
  say(`\nNobody asked ${who} for what the ${nameOf(script.provider)} held.\n`)
  cast.town.close()
  return {
    schoolMeals: meals,
    meeting: booked,
    leisureCard: card,
    stranger: foreign,
    neighbour: other,
    uses,
    isEveryUseProved,
  }
}
