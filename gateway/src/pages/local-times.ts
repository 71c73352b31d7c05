import type { Language } from '../language.js'
import { type Html, html } from './html.js'
import { typeset } from './typography.js'
import type { Visit } from './visit.js'

// Times on the clock of the place where somebody is seen; the zone is named where it is not that of the texts.

const ownZone = 'Europe/Paris'
const locales: Readonly<Record<Language, string>> = { fr: 'fr-FR', en: 'en-GB' }

/** Day and time of a wall clock, as the contract writes one: YYYY-MM-DDTHH:MM and perhaps an offset. */
export const localDayOf = (localStart: string): string => localStart.slice(0, 10)
const localTimeOf = (localStart: string): string => localStart.slice(11, 16)

/** A local day in words, with the day of the week. */
export const dayInWords = ({ language }: Visit, day: string): string => {
  const at = new Date(`${day}T00:00:00Z`)
  const text = new Intl.DateTimeFormat(locales[language], { dateStyle: 'full', timeZone: 'UTC' }).format(at)
  // Editions of the locale data differ in a comma.
  return (language === 'fr' ? text.replace(/ 1 /, ' 1er ') : text.replace(',', '')).replace(/(\d(?:er)?) /, '$1\u00a0')
}

const clockInWords = ({ language }: Visit, time: string): string => {
  const [hours = '', minutes = ''] = time.split(':')
  return language === 'en' ? time : `${Number(hours)}\u00a0h\u00a0${minutes}`
}

/** The time of a wall clock in words. */
export const timeInWords = (visit: Visit, localStart: string): string => clockInWords(visit, localTimeOf(localStart))

/** The wall clock of a zone at a moment, YYYY-MM-DDTHH:MM. */
export const localFormOf = (ms: number, zone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: zone })
    .format(ms)
    .replace(' ', 'T')

/** The name of a zone that is not Europe/Paris; nothing otherwise. */
export const zoneInWords = ({ language }: Visit, zone: string): string => {
  if (zone === ownZone) return ''
  const parts = new Intl.DateTimeFormat(locales[language], { timeZone: zone, timeZoneName: 'long' }).formatToParts(0)
  return typeset(parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone)
}

/** The zone in brackets, after a time. */
export const zoneNote = (visit: Visit, zone: string): Html | undefined => {
  const name = zoneInWords(visit, zone)
  return name === '' ? undefined : html` <span class="quiet">(${name})</span>`
}

/** Day and time on the clock of the place. */
export const whenInWords = (
  visit: Visit,
  { localStart, zone }: { readonly localStart: string; readonly zone: string },
): Html =>
  html`<time datetime="${localStart}">${dayInWords(visit, localDayOf(localStart))}${visit.say(' à ', ' at ')}${timeInWords(visit, localStart)}</time>${zoneNote(visit, zone)}`

/** Only the time of a moment, on the clock of a zone. */
export const clockOf = (visit: Visit, at: string, zone: string): Html =>
  html`<time datetime="${at}">${timeInWords(visit, localFormOf(Date.parse(at), zone))}</time>`

/** The local day so many days after another. */
export const dayLater = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
