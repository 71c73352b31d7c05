import type { AppointmentView, PreparationView } from '../rest/appointment-views.js'
import type { OfferedView } from '../rest/calendar-views.js'
import { handInWords } from './application-words.js'
import { isWhereWithheld } from './appointment-access.js'
import { wayInWords } from './booking-form.js'
import { accessibilityInWords, channelInWords, groupInWords, languageInWords } from './booking-words.js'
import { type Html, html } from './html.js'
import { whenInWords } from './local-times.js'
import { typeset } from './typography.js'
import type { Visit } from './visit.js'

const placeRow = (visit: Visit, { place, placeId, channel }: AppointmentView): Html | undefined => {
  const { say, words } = visit
  if (isWhereWithheld({ placeId }))
    return html`<dt>${say('Où', 'Where')}</dt><dd>${say('Cette page ne le montre pas.', 'This page does not show it.')}</dd>`
  if (!place) return undefined
  const isThere = channel === 'counter' || channel === 'unknown'
  return html`<dt>${say('Où', 'Where')}</dt><dd>${words.print(place.title)}${
    !isThere || place.address === null
      ? undefined
      : html`<br>${place.address}<br>${place.postCode ?? ''} ${place.city ?? ''}`
  }${
    isThere && place.accessibility.length > 0
      ? html`<br><span class="quiet">${place.accessibility.map((one) => accessibilityInWords(visit, one)).join(', ')}</span>`
      : undefined
  }${
    place.telephone === null
      ? undefined
      : html`<br><a href="tel:${place.telephone.replace(/[^+0-9]/g, '')}">${typeset(place.telephone)}</a>`
  }</dd>`
}

/** When, where, how and with whom. */
export const meetingSection = (visit: Visit, appointment: AppointmentView): Html => {
  const { say } = visit
  const { needs, contact, note, units, practitionerShown, channel, seats } = appointment
  const needed = [
    ...needs.accessibility.map((one) => accessibilityInWords(visit, one)),
    ...(needs.language === '' ? [] : [languageInWords(visit, needs.language)]),
  ]
  return html`<dl><dt>${say('Quand', 'When')}</dt><dd><strong>${whenInWords(visit, appointment)}</strong></dd>
${placeRow(visit, appointment)}<dt>${say('Comment', 'How')}</dt><dd>${channelInWords(visit, channel)}${seats !== null && seats > 1 ? `, ${groupInWords(visit)}` : ''}</dd>
${practitionerShown === null ? undefined : html`<dt>${say('Avec', 'With')}</dt><dd>${practitionerShown}</dd>`}${
  units > 1
    ? html`<dt>${say('Pour', 'For')}</dt><dd>${units}\u00a0${say('personnes ou documents', 'people or documents')}</dd>`
    : undefined
}${needed.length === 0 ? undefined : html`<dt>${say('Ce que vous avez demandé', 'What you asked for')}</dt><dd>${needed.join(', ')}</dd>`}${
  contact === null ? undefined : html`<dt>${say('Messages', 'Messages')}</dt><dd>${wayInWords(visit, contact.way)}</dd>`
}${
  contact?.reachedAt
    ? html`<dt>${channel === 'telephone' ? say('Nous vous appelons au', 'We call you at') : say('Nous venons à cette adresse', 'We come to this address')}</dt><dd class="said">${contact.reachedAt}</dd>`
    : undefined
}${note === '' ? undefined : html`<dt>${say('Votre note', 'Your note')}</dt><dd class="said">${note}</dd>`}</dl>`
}

const hadList = ({ say, words }: Visit, { had }: PreparationView): Html | undefined =>
  had.length === 0
    ? undefined
    : html`<h3>${say('Nous l’avons déjà', 'We have it already')}</h3><ul class="plain">${had.map(
        ({ title, provider }) =>
          html`<li>${words.print(title)}, <span class="quiet">${words.member(provider)}</span></li>`,
      )}</ul>`

const toBringList = ({ words, language }: Visit, { toBring }: PreparationView): Html =>
  html`<ul class="plain">${toBring.map(
    ({ title, routes }) =>
      html`<li>${words.print(title)}${routes.map(({ text }) => html`<br><span class="quiet">${typeset(text[language])}</span>`)}</li>`,
  )}</ul>`

/** What is there before the meeting, and what to bring. */
export const bringSection = (
  visit: Visit,
  { preparation }: AppointmentView,
  offered: OfferedView | undefined,
  more: Html | undefined,
): Html | undefined => {
  const { say, words } = visit
  const evidence = offered?.serviceType.evidence ?? []
  const listed = preparation
    ? preparation.toBring.length === 0
      ? html`<p>${say('Rien de plus : venez comme vous êtes.', 'Nothing more: come as you are.')}</p>`
      : toBringList(visit, preparation)
    : [...(offered?.serviceType.toBring ?? []), ...evidence.map(({ title }) => title)].length === 0
      ? undefined
      : html`<ul class="plain">${[...(offered?.serviceType.toBring ?? []), ...evidence.map(({ title }) => title)].map((title) => html`<li>${words.print(title)}</li>`)}</ul>`
  if (!listed && !more) return undefined
  return html`<h2>${say('Ce que vous apportez', 'What to bring')}</h2>${listed}${preparation ? hadList(visit, preparation) : undefined}${more}`
}

/** By whom and why it was cancelled. */
export const cancelledSection = (visit: Visit, { cancelledBy, cancelledBecause }: AppointmentView): Html | undefined =>
  cancelledBy === null
    ? undefined
    : html`<div class="alert"><p>${visit.say('Annulé par : ', 'Cancelled by: ')}${handInWords(visit, cancelledBy)}${visit.say('.', '.')}</p>${
        cancelledBecause === null ? undefined : html`<p class="said">${cancelledBecause}</p>`
      }</div>`
