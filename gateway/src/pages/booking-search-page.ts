import { type Reason, reasons, toMeshError } from '@unefois/proto/reasons'
import { randomSecret } from '../session/secrets.js'
import { type Booking, bookPath, slotIsGone } from './booking.js'
import { communeInWords } from './commune-search.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { plainWordsOf } from './plain-words.js'
import { addingDate } from './series-adding.js'
import { datesIn, mostDates } from './series-choice.js'
import { type Choosing, slotsSection, walkInSection } from './slot-list.js'
import { findSlots, type SlotSearch, type SlotsFound, searchQuery } from './slot-search.js'
import { slotSearchForm } from './slot-search-form.js'
import { typeset } from './typography.js'
import { loginLink, type Page, type Visit } from './visit.js'

/** Why one is here again. */
export const alertOf = ({ language, say }: Visit, refused: Reason | undefined): Html | undefined => {
  if (refused === undefined) return undefined
  const { title, next } = plainWordsOf(refused, language)
  return html`<div class="alert" role="alert"><p><strong>${typeset(title)}.</strong> ${typeset(next)}</p>${
    refused === 'APPOINTMENT_LIMIT_REACHED'
      ? html`<p><a href="/appointments">${say('Voir mes rendez-vous', 'See my appointments')}</a></p>`
      : undefined
  }</div>`
}

/** What else a person can do when nothing is free, or no slot is early enough. */
const otherWaysSection = ({ say }: Visit, { offered }: Booking): Html => {
  const path = bookPath(offered.serviceType.serviceTypeId)
  return html`<h2>${say('Rien ne convient ?', 'Nothing suits you?')}</h2>
<ul class="plain"><li><a href="${path}/wait">${say('Être prévenu quand une place se libère', 'Be told when a time becomes free')}</a></li>
<li><a href="${path}/callback">${say('Demander à être rappelé', 'Ask to be called')}</a></li></ul>`
}

/** How the slots of a page are taken. */
export interface TakingSlots {
  /** Where a button of a slot leads. */
  readonly action: string
  /** Holds or moves at once, or adds a date to those that were chosen before. */
  readonly by: 'act' | 'adding'
  readonly title: string
  readonly lead: Html | undefined
  /** Why slots are only shown; undefined: they can be taken. */
  readonly notTaken: Html | undefined
  readonly otherWays: Html | undefined
}

const nearNote = ({ say }: Visit, { kilometres }: SlotSearch, { near, faults }: SlotsFound): Html | undefined =>
  near && faults.size === 0
    ? html`<p class="quiet">${say(`À ${kilometres}\u00a0km au plus de `, `At most ${kilometres}\u00a0km from `)}${communeInWords(near)}.</p>`
    : undefined

const choosingOf = ({ action, by }: TakingSlots, query: URLSearchParams, token: Html | undefined): Choosing =>
  by === 'adding'
    ? {
        ...{ method: 'get', name: 'date', action },
        hidden: html`${[...query].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`,
      }
    : {
        ...{ method: 'post', name: 'slot', action },
        hidden: html`${token}<input type="hidden" name="key" value="${randomSecret()}"><input type="hidden" name="search" value="${query.toString()}">`,
      }

/** The search, and what it found, or where to come today. */
export const slotsPage = async (
  door: PageDoor,
  visit: Visit,
  booking: Booking,
  search: SlotSearch,
  taking: TakingSlots,
  refused?: Reason,
): Promise<Page> => {
  const { say } = visit
  const { offered, path, placeIds, token } = booking
  const { serviceType } = offered
  const found = await findSlots(door, visit, { serviceTypeId: serviceType.serviceTypeId, placeIds }, search)
  if (serviceType.isUrgent)
    return { title: taking.title, body: html`${taking.lead}${walkInSection(visit, offered, found.walkInPlaces)}` }
  const query = searchQuery(search)
  const choosing = taking.notTaken ? undefined : choosingOf(taking, query, token)
  const searchForm = slotSearchForm(visit, path, offered, search, found)
  const isFaulty = found.faults.size > 0
  return {
    title: isFaulty ? `${say('À corriger : ', 'To correct: ')}${taking.title}` : taking.title,
    ...(isFaulty && { status: 422 }),
    ...(refused && { status: reasons[refused].http }),
    body: html`${alertOf(visit, refused)}${taking.lead}
${
  taking.by === 'act'
    ? searchForm
    : html`<details${isFaulty ? html` open` : undefined}><summary>${say('Changer la recherche', 'Change the search')}</summary>${searchForm}</details>`
}${nearNote(visit, search, found)}
${taking.notTaken}
${
  found.slots.length > 0
    ? slotsSection(visit, offered, found.slots, search, choosing)
    : isFaulty
      ? undefined
      : html`<p class="card">${say('Rien n’est libre avec ces choix. Essayez avec moins de choix, ou autrement :', 'Nothing is free with these choices. Try with fewer, or another way:')}</p>`
}${
  found.nextPageToken === ''
    ? undefined
    : html`<p><a href="${path}?${new URLSearchParams([...query, ['after', found.nextPageToken]]).toString()}">${say('Voir les horaires suivants', 'See later times')}</a></p>`
}${taking.otherWays}`,
  }
}

/** Where one books: the search of a service type. */
export const bookingSearchPage = (
  door: PageDoor,
  visit: Visit,
  booking: Booking,
  search: SlotSearch,
  refused?: Reason,
): Promise<Page> => {
  const { say, words, session, returnTo } = visit
  const { serviceType } = booking.offered
  const most = mostDates(booking)
  const chosen = most > 1 ? datesIn(search.dates) : []
  const summary = words.print(serviceType.summary)
  const isForAgents = serviceType.booker === 'agent'
  const isAnonymous = booking.secret === undefined && session === undefined
  const notTaken = isForAgents
    ? html`<p class="note">${say('Ce rendez-vous se prend avec un agent : venez, ou appelez-nous.', 'This appointment is made with an agent: come, or call us.')}</p>`
    : isAnonymous
      ? html`<p class="note">${say('Pour prendre un de ces horaires, connectez-vous, ou appelez-nous.', 'To take one of these times, log in, or call us.')} <a href="${loginLink(returnTo)}">${say('Se connecter', 'Log in')}</a></p>`
      : undefined
  if (chosen.length > 0)
    return slotsPage(door, visit, booking, search, addingDate(visit, booking, search, chosen, notTaken), refused)
  return slotsPage(
    door,
    visit,
    booking,
    { ...search, dates: [] },
    {
      by: 'act',
      action: `${booking.path}/hold`,
      title: words.print(serviceType.title),
      lead: html`${summary === '' ? undefined : html`<p class="lead">${summary}</p>`}${
        most > 1 && !notTaken
          ? html`<p>${say(`Vous pouvez prendre jusqu’à ${most}\u00a0dates à la fois : choisissez la première.`, `You can take up to ${most}\u00a0dates at once: choose the first.`)}</p>`
          : undefined
      }`,
      notTaken,
      otherWays: booking.secret ? undefined : otherWaysSection(visit, booking),
    },
    refused,
  )
}

/** The reason of a refusal after which the search is shown again. Throws what is none. */
export const refusalShown = (thrown: unknown): Reason => {
  const { reason } = toMeshError(thrown)
  if (slotIsGone.has(reason) || reason === 'APPOINTMENT_LIMIT_REACHED') return reason
  throw thrown
}
