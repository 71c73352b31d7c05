import { toMeshError } from '@unefois/proto/reasons'
import { localDay } from '../rest/calendar-schemas.js'
import { accessibilityOf, type OfferedPlaceView, offeredPlaceView } from '../rest/calendar-views.js'
import { type SlotView, slotView } from '../rest/slot-views.js'
import { type VisitOfferView, visitOfferView } from '../rest/visit-views.js'
import { ownCall } from './application-reading.js'
import type { Faults } from './form-fields.js'
import { dayLater, localFormOf } from './local-times.js'
import { type NeedsSearched, needsIn, needsPairs } from './needs-searched.js'
import type { PageDoor } from './page-door.js'
import type { PersonalVisit, Visit } from './visit.js'

const mostVisits = 10
const mostWishes = 4
/** The first day and this many later: as long as a search may be. */
const laterDays = 30

/** What somebody looks for; it stands in the address of the page. */
export interface JointVisitSearch extends NeedsSearched {
  /** Public id of the house; empty: not chosen. */
  readonly place: string
  /** Each as the value of its box. */
  readonly wishes: readonly string[]
  /** As it was typed; empty: today. */
  readonly fromDay: string
}

export const wishValue = ({ member, serviceTypeId }: Pick<VisitOfferView, 'member' | 'serviceTypeId'>): string =>
  `${member}~${serviceTypeId}`

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim().slice(0, 200) : '')

export const jointSearchIn = (query: Readonly<Record<string, unknown>>): JointVisitSearch => {
  const { place, wish, from } = query
  return {
    place: textOf(place),
    wishes: [...new Set((Array.isArray(wish) ? wish : [wish]).map(textOf).filter((one) => one !== ''))],
    fromDay: textOf(from),
    ...needsIn(query),
  }
}

/** The same as a query; what was left open is left out. */
export const jointSearchQuery = (search: JointVisitSearch): URLSearchParams =>
  new URLSearchParams(
    [
      ['place', search.place],
      ...search.wishes.map((wish) => ['wish', wish]),
      ['from', search.fromDay],
      ...needsPairs(search),
    ].filter((pair): pair is [string, string] => pair[1] !== ''),
  )

/** A search that a form carried in a hidden field. */
export const jointSearchInText = (text: string): JointVisitSearch => {
  const query = new URLSearchParams(text)
  return jointSearchIn({ ...Object.fromEntries(query), wish: query.getAll('wish'), access: query.getAll('access') })
}

/** What can be done in one visit, and where. */
export interface JointOffers {
  readonly places: readonly OfferedPlaceView[]
  readonly offers: readonly VisitOfferView[]
  /** Members that did not answer. */
  readonly without: readonly string[]
}

export const jointOffers = async ({ context }: PageDoor, visit: PersonalVisit): Promise<JointOffers> => {
  const found = await context.neighbours.visits.listVisitOffers({ sharedPlace: '' }, ownCall(visit))
  const offers = found.offers.map(visitOfferView)
  // A house in which nobody else sees anybody is none for a visit.
  const houses = new Set(offers.filter(({ member }) => member !== context.config.member).map((one) => one.sharedPlace))
  return {
    places: found.places.map(offeredPlaceView).filter(({ sharedPlace }) => houses.has(sharedPlace ?? '')),
    offers,
    without: found.withoutMembers,
  }
}

/** The house that is meant: the chosen one, or the only one. */
export const houseOf = ({ places }: JointOffers, { place }: JointVisitSearch): OfferedPlaceView | undefined =>
  places.length === 1 ? places[0] : places.find(({ sharedPlace }) => sharedPlace === place)

/** What is offered in a house. */
export const offersIn = ({ offers }: JointOffers, house: OfferedPlaceView): VisitOfferView[] =>
  offers.filter(({ sharedPlace }) => sharedPlace === house.sharedPlace)

export interface JointVisitsFound {
  /** In each the meetings in the order of time; undefined where nothing was looked for. */
  readonly visits: readonly (readonly { readonly member: string; readonly slot: SlotView }[])[] | undefined
  readonly without: readonly string[]
  /** The days that were looked through. */
  readonly days: { readonly from: string; readonly to: string }
  readonly faults: Faults
}

const refusedDay: Readonly<Record<string, readonly [french: string, english: string]>> = {
  TIME_PASSED: ['Ce jour est passé', 'This day has passed'],
  RANGE_INVERTED: ['On ne peut pas encore réserver ce jour-là', 'That day cannot be booked yet'],
  RANGE_TOO_LONG: ['On ne peut pas encore réserver ce jour-là', 'That day cannot be booked yet'],
}

/** What is wrong with what was wished; nothing is wrong with an empty form. */
const faultsOf = (
  { say, words }: Visit,
  wished: readonly VisitOfferView[],
  fromDay: string,
  coordinator: string,
): Faults => {
  const faults = new Map<string, string>()
  if (wished.length < 2) faults.set('wish', say('Cochez au moins deux rendez-vous', 'Tick at least two appointments'))
  else if (wished.length > mostWishes)
    faults.set('wish', say('Cochez quatre rendez-vous au plus', 'Tick four appointments at most'))
  else if (!wished.some(({ member }) => member === coordinator))
    faults.set(
      'wish',
      say(
        `Cochez au moins un rendez-vous avec : ${words.member(coordinator)}`,
        `Tick at least one appointment with: ${words.member(coordinator)}`,
      ),
    )
  if (fromDay !== '' && !localDay.safeParse(fromDay).success)
    faults.set('from', say('Écrivez un jour comme 2026-11-24', 'Write a day such as 2026-11-24'))
  return faults
}

/** Visits in a house from some day on, the earliest first; `faults` where the search cannot be made as it is. */
export const findJointVisits = async (
  { context }: PageDoor,
  visit: PersonalVisit,
  {
    search,
    house,
    offers,
  }: {
    readonly search: JointVisitSearch
    readonly house: OfferedPlaceView
    readonly offers: readonly VisitOfferView[]
  },
): Promise<JointVisitsFound> => {
  const today = localFormOf(context.clock.nowMs(), house.zone).slice(0, 10)
  const from = search.fromDay || today
  const nothing = { visits: undefined, without: [], days: { from, to: from } }
  if (search.wishes.length === 0 && search.fromDay === '') return { ...nothing, faults: new Map() }
  const wished = offers.filter((one) => search.wishes.includes(wishValue(one)))
  const faults = faultsOf(visit, wished, search.fromDay, context.config.member)
  if (faults.size > 0) return { ...nothing, faults }
  const days = { from, to: dayLater(from, laterDays) }
  try {
    const found = await context.neighbours.visits.searchVisits(
      {
        sharedPlace: house.sharedPlace ?? '',
        wishes: wished.map(({ member, serviceTypeId }) => ({ member, serviceTypeId })),
        fromDay: days.from,
        toDay: days.to,
        longestWaitMinutes: 0,
        isAccompanied: search.isAccompanied,
        accessibility: search.accessibility.map((one) => accessibilityOf[one]),
        language: search.language,
        most: mostVisits,
      },
      ownCall(visit),
    )
    const visits = found.visits.map(({ slots }) =>
      slots.flatMap(({ member, slot }) => (slot ? [{ member, slot: slotView(slot) }] : [])),
    )
    return { visits, without: found.withoutMembers, days, faults }
  } catch (thrown) {
    const words = refusedDay[toMeshError(thrown).reason]
    if (!words) throw thrown
    return { ...nothing, faults: new Map([['from', visit.say(...words)]]) }
  }
}
