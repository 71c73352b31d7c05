import type { AppointmentView } from '../rest/appointment-views.js'
import type { AccessibilityName, ChannelView } from '../rest/calendar-views.js'
import { type Html, html } from './html.js'
import { typeset } from './typography.js'
import type { Visit } from './visit.js'

// Appointments in a person's words.

type Two = readonly [french: string, english: string]

const channels: Readonly<Record<ChannelView, Two>> = {
  counter: ['Sur place', 'On site'],
  telephone: ['Par téléphone', 'By telephone'],
  video: ['En vidéo', 'By video'],
  'home-visit': ['Chez vous', 'At your home'],
  unknown: ['Autrement : demandez-nous', 'Another way: ask us'],
}

export const channelInWords = ({ say }: Visit, channel: ChannelView): string => say(...channels[channel])

export const accessibilityNames = ['wheelchair', 'hearing-loop', 'tactile-path', 'quiet-room'] as const

/** Of a meeting to which several people come. */
export const groupInWords = ({ say }: Visit): string => say('en groupe', 'in a group')

export const seatsInWords = ({ say }: Visit, left: number): string =>
  left === 1
    ? say('1\u00a0place libre', '1\u00a0seat left')
    : say(`${left}\u00a0places libres`, `${left}\u00a0seats left`)

const accessibilities: Readonly<Record<AccessibilityName | 'unknown', Two>> = {
  wheelchair: ['Accessible en fauteuil roulant', 'Wheelchair access'],
  'hearing-loop': ['Boucle magnétique', 'Hearing loop'],
  'tactile-path': ['Bandes de guidage au sol', 'Tactile path'],
  'quiet-room': ['Salle calme', 'Quiet room'],
  unknown: ['Autre aménagement : demandez-nous', 'Another arrangement: ask us'],
}

export const accessibilityInWords = ({ say }: Visit, one: AccessibilityName | 'unknown'): string =>
  say(...accessibilities[one])

const signLanguage: Two = ['Langue des signes française', 'French sign language']

/** Languages to choose from, BCP 47; others are asked for in the note. */
export const languageTags = [
  'fsl',
  'en',
  'ar',
  'es',
  'pt',
  'tr',
  'ro',
  'uk',
  'ru',
  'ps',
  'bn',
  'ta',
  'so',
  'zh',
] as const

/** A language by its name. */
export const languageInWords = ({ say, language }: Visit, tag: string): string => {
  if (tag === 'fsl') return say(...signLanguage)
  try {
    return typeset(new Intl.DisplayNames([language], { type: 'language' }).of(tag) ?? tag)
  } catch {
    return tag
  }
}

const states: Readonly<Record<AppointmentView['state'], { readonly kind: string; readonly short: Two }>> = {
  held: { kind: ' other', short: ['Gardé quelques minutes', 'Kept for some minutes'] },
  booked: { kind: '', short: ['Confirmé', 'Confirmed'] },
  arrived: { kind: '', short: ['Vous êtes arrivé', 'You have arrived'] },
  fulfilled: { kind: ' other', short: ['Passé', 'Over'] },
  cancelled: { kind: ' watch', short: ['Annulé', 'Cancelled'] },
  'no-show': { kind: ' other', short: ['Passé', 'Over'] },
  unknown: { kind: ' other', short: ['Demandez-nous', 'Ask us'] },
}

/** Where an appointment stands. Of one that was missed no more is said than that it is over: nothing follows from it. */
export const appointmentTag = ({ say }: Visit, state: AppointmentView['state']): Html =>
  html`<span class="tag${states[state].kind}">${say(...states[state].short)}</span>`

/** Whether it can still be moved or cancelled. */
export const isStanding = ({ state }: Pick<AppointmentView, 'state'>): boolean => state === 'booked'
