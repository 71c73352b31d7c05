import type { OfferedPlaceView, OfferedView } from '../rest/calendar-views.js'
import { type CallbackView, callbackView } from '../rest/walk-in-views.js'
import { ownCall } from './application-reading.js'
import { handInWords } from './application-words.js'
import { bookPath } from './booking.js'
import { type Html, html } from './html.js'
import { localFormOf, whenInWords } from './local-times.js'
import type { PageDoor } from './page-door.js'
import { typeset } from './typography.js'
import type { PersonalVisit } from './visit.js'

const mostListed = 100
const dayMs = 86_400_000
/** So long a callback that has ended is shown. */
const shownDays = 7
/** An agency may call long after it was due: what ended lately is looked for among those that were due since. */
const lateDays = 60

/** Where a callback belongs; undefined for a place or service type that is offered no more. */
interface Known {
  readonly place: OfferedPlaceView | undefined
  readonly offered: OfferedView | undefined
}

const when = (visit: PersonalVisit, at: string, { place }: Known): Html => {
  const zone = place?.zone ?? 'Europe/Paris'
  return whenInWords(visit, { localStart: localFormOf(Date.parse(at), zone), zone })
}

const aboutLine = ({ about }: CallbackView): Html | undefined =>
  about === '' ? undefined : html`<p class="said quiet">${about}</p>`

const triesLine = ({ say }: PersonalVisit, { tries }: CallbackView): Html | undefined =>
  tries === 0
    ? undefined
    : html`<p class="quiet">${
        tries === 1
          ? say('Nous avons essayé une fois sans vous joindre.', 'We tried once and did not reach you.')
          : say(
              `Nous avons essayé ${tries}\u00a0fois sans vous joindre.`,
              `We tried ${tries}\u00a0times and did not reach you.`,
            )
      }</p>`

const openCard = (visit: PersonalVisit, one: CallbackView, known: Known): Html => {
  const { say } = visit
  return html`<li class="card"><p>${say('Avant : ', 'By: ')}<strong>${when(visit, one.dueAt, known)}</strong></p><p>${
    one.practitionerShown === null
      ? say('Un agent vous appelle.', 'An agent calls you.')
      : html`${say('Vous appelle : ', 'Calls you: ')}${one.practitionerShown}`
  }</p>${triesLine(visit, one)}${aboutLine(one)}</li>`
}

/** How to go on where nobody was reached, or more is to be said: another call, or another way. */
const nextSteps = ({ say }: PersonalVisit, { place, offered }: Known): Html | undefined => {
  const path = offered && bookPath(offered.serviceType.serviceTypeId)
  const telephone = place?.telephone ?? undefined
  if (path === undefined && telephone === undefined) return undefined
  return html`<ul class="plain">${
    path === undefined
      ? undefined
      : html`<li><a href="${path}/callback">${say('Demander un autre appel', 'Ask for another call')}</a></li><li><a href="${path}">${say('Prendre rendez-vous', 'Make an appointment')}</a></li>`
  }${
    telephone === undefined
      ? undefined
      : html`<li>${say('Nous appeler : ', 'Call us: ')}<a href="tel:${telephone.replace(/[^+0-9]/g, '')}">${typeset(telephone)}</a></li>`
  }</ul>`
}

const endedCard = (visit: PersonalVisit, one: CallbackView, known: Known): Html => {
  const { say, words } = visit
  const title = known.offered && words.print(known.offered.serviceType.title)
  const tag =
    one.state === 'reached'
      ? html`<span class="tag other">${say('Appel fait', 'Call made')}</span>`
      : html`<span class="tag watch">${say('Pas joint', 'Not reached')}</span>`
  return html`<li class="card"><header><h3>${title ?? say('Votre demande d’appel', 'Your request for a call')}</h3>${tag}</header>${
    one.state === 'reached'
      ? html`<p>${say('Nous vous avons parlé', 'We spoke to you')}${one.endedAt === null ? undefined : html`${say(' le ', ' on ')}${when(visit, one.endedAt, known)}`}.</p>`
      : html`<p>${say(`Nous avons essayé ${one.tries}\u00a0fois sans vous joindre, et nous n’appelons plus. Vous ne perdez rien : choisissez comment continuer.`, `We tried ${one.tries}\u00a0times and did not reach you, and we no longer call. You lose nothing: choose how to go on.`)}</p>`
  }${
    one.calledBy === null
      ? undefined
      : html`<p class="quiet">${say('Appelé par : ', 'Called by: ')}${handInWords(visit, one.calledBy)}</p>`
  }${aboutLine(one)}${nextSteps(visit, known)}</li>`
}

/** By when somebody calls, and who; and of the calls of the last days what became of them. */
export const callbacksSection = async (
  door: PageDoor,
  visit: PersonalVisit,
  offered: readonly OfferedView[],
): Promise<Html | undefined> => {
  const { neighbours, clock } = door.context
  const nowMs = Math.floor(clock.nowMs())
  const { callbacks } = await neighbours.callbacks.listCallbacks(
    {
      ...{ subject: visit.person.subject, practitionerId: '', callbackId: '', pageSize: mostListed, pageToken: '' },
      dueFromMs: nowMs - lateDays * dayMs,
    },
    ownCall(visit),
  )
  const all = callbacks.map(callbackView)
  const open = all.filter(({ state }) => state === 'open')
  const endedMs = ({ endedAt, dueAt }: CallbackView): number => Date.parse(endedAt ?? dueAt)
  const ended = all
    .filter(
      (one) => (one.state === 'reached' || one.state === 'not-reached') && endedMs(one) >= nowMs - shownDays * dayMs,
    )
    .sort((one, other) => endedMs(other) - endedMs(one))
  const knownOf = ({ placeId, serviceTypeId }: CallbackView): Known => ({
    place: offered.flatMap(({ places }) => places).find((one) => one.placeId === placeId),
    offered: offered.find(({ serviceType }) => serviceType.serviceTypeId === serviceTypeId),
  })
  if (open.length + ended.length === 0) return undefined
  return html`<div id="callbacks">${
    open.length === 0
      ? undefined
      : html`<h2>${visit.say('On vous rappelle', 'You are called back')}</h2><ul class="cards">${open.map((one) => openCard(visit, one, knownOf(one)))}</ul>`
  }${
    ended.length === 0
      ? undefined
      : html`<h2>${visit.say('Appels des derniers jours', 'Calls of the last days')}</h2><ul class="cards">${ended.map((one) => endedCard(visit, one, knownOf(one)))}</ul>`
  }</div>`
}
