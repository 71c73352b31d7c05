import type { OfferedView } from '../rest/calendar-views.js'
import { type WaitingView, waitingView } from '../rest/waiting-views.js'
import { randomSecret } from '../session/secrets.js'
import { ownCall } from './application-reading.js'
import { type Html, html } from './html.js'
import { dayInWords, localFormOf, timeInWords, whenInWords } from './local-times.js'
import type { PageDoor } from './page-door.js'
import { formToken, type PersonalVisit } from './visit.js'

const mostListed = 20

const offerForms = (visit: PersonalVisit, one: WaitingView): Html | undefined => {
  const { say, session } = visit
  const form = (action: string, more: Html | undefined, text: string): Html =>
    html`<form method="post" action="/waiting/${one.waitingId}/${action}">${formToken(session)}<input type="hidden" name="key" value="${randomSecret()}">${more}<p><button class="second">${text}</button></p></form>`
  const leave = form('leave', undefined, say('Ne plus attendre', 'Wait no longer'))
  if (one.state === 'waiting') return leave
  if (one.state !== 'offered' || !one.slot) return undefined
  const until = one.offeredUntil && localFormOf(Date.parse(one.offeredUntil), one.slot.zone)
  return html`<p>${say('On vous propose : ', 'You are offered: ')}<strong>${whenInWords(visit, one.slot)}</strong></p>${
    until === null
      ? undefined
      : html`<p>${say('Répondez avant le ', 'Answer before ')}${dayInWords(visit, until.slice(0, 10))}${say(' à ', ' at ')}${timeInWords(visit, until)}${say('. Ensuite, la place est proposée à quelqu’un d’autre.', '. After that, the time is offered to somebody else.')}</p>`
  }${form('take', undefined, say('Prendre cette place', 'Take this time'))}${form('decline', undefined, say('Non merci, j’attends encore', 'No thank you, I go on waiting'))}${leave}`
}

/** What a person waits for, and what they are offered. */
export const waitingSection = async (
  door: PageDoor,
  visit: PersonalVisit,
  offered: readonly OfferedView[],
): Promise<Html | undefined> => {
  const { say, words, person } = visit
  const { waiting } = await door.context.neighbours.waitingList.listWaiting(
    { subject: person.subject, serviceTypeId: '', pageSize: mostListed, pageToken: '' },
    ownCall(visit),
  )
  const open = waiting.map(waitingView).filter(({ state }) => state === 'waiting' || state === 'offered')
  if (open.length === 0) return undefined
  const titleOf = (id: string): string =>
    words.print(offered.find(({ serviceType }) => serviceType.serviceTypeId === id)?.serviceType.title, id)
  return html`<h2 id="waiting">${say('Liste d’attente', 'Waiting list')}</h2><ul class="cards">${open.map(
    (one) =>
      html`<li class="card"><h3>${titleOf(one.serviceTypeId)}</h3><p class="quiet">${say('Du ', 'From ')}${dayInWords(visit, one.fromDay)}${say(' au ', ' to ')}${dayInWords(visit, one.toDay)}</p>${offerForms(visit, one)}</li>`,
  )}</ul>`
}
