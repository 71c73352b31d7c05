import type {
  BookAppointmentRequest,
  ContactWay,
  StatedNeeds,
} from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { accessibilityOf, type ChannelName } from '../rest/calendar-views.js'
import { accessibilityInWords, accessibilityNames, languageInWords, languageTags } from './booking-words.js'
import { boxField, type Faults, lineField, linesField, radioField, selectField } from './form-fields.js'
import { type Html, html } from './html.js'
import { telephoneIn } from './telephone.js'
import type { Visit } from './visit.js'

// What somebody says when they book: how they want to hear of it, what they need, and a note. Nothing but the way is asked for.

const ways = ['sms', 'email', 'telephone', 'post', 'none'] as const
type Way = (typeof ways)[number]
export const mostNoteCharacters = 1000
const mostAddressCharacters = 300

const box = z.literal('yes').optional()
const text = z
  .string()
  .max(mostNoteCharacters * 2)
  .optional()

/** What each form of a booking sends of it. */
export const saidFields = {
  way: z.string().max(20).optional(),
  address: text,
  reached: text,
  note: text,
  accompanied: box,
  'need-wheelchair': box,
  'need-hearing-loop': box,
  'need-tactile-path': box,
  'need-quiet-room': box,
  interpreter: z.enum(languageTags).or(z.literal('')).optional(),
}
type Sent = z.infer<z.ZodObject<typeof saidFields>>

/** How the meetings are that a form is for. */
export type Channels = readonly (ChannelName | 'unknown')[]

/** As it was typed. */
export interface Said {
  readonly way: Way | ''
  readonly address: string
  /** Where they are called or visited; empty where it is the address. */
  readonly reached: string
  readonly note: string
  readonly isAccompanied: boolean
  readonly accessibility: readonly (typeof accessibilityNames)[number][]
  readonly interpreter: string
}

export const nothingSaid = (of: Partial<Said> = {}): Said => ({
  way: '',
  address: '',
  reached: '',
  note: '',
  isAccompanied: false,
  accessibility: [],
  interpreter: '',
  ...of,
})

/** Browsers send line ends as two characters, and count one. */
const typed = (sent: string | undefined): string => (sent ?? '').replaceAll('\r\n', '\n').trim()

export const saidIn = (sent: Sent): Said => ({
  way: ways.find((one) => one === sent.way) ?? '',
  address: typed(sent.address),
  reached: typed(sent.reached),
  note: typed(sent.note),
  isAccompanied: sent.accompanied === 'yes',
  accessibility: accessibilityNames.filter((one) => sent[`need-${one}`] === 'yes'),
  interpreter: sent.interpreter ?? '',
})

const isMail = (address: string): boolean =>
  address.length <= 254 && /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/.test(address)

/** The address as the contract takes it; undefined for one that does not fit the way. */
const addressOf = ({ way, address }: Said): string | undefined => {
  switch (way) {
    case 'sms':
    case 'telephone':
      return telephoneIn(address)
    case 'email':
      return isMail(address) ? address : undefined
    case 'post':
      return address === '' || address.length > mostAddressCharacters ? undefined : address
    default:
      return ''
  }
}

/** How people are met by these channels: called, visited at home. */
const isCalled = (channels: Channels): boolean => channels.includes('telephone')
const isVisited = (channels: Channels): boolean => channels.includes('home-visit')

/** Where they are reached by these channels, as the contract takes it; undefined for what says it not. */
const reachedIn = (said: Said, channels: Channels): string | undefined => {
  const { way, reached } = said
  if (isCalled(channels))
    return reached === '' && (way === 'sms' || way === 'telephone') ? addressOf(said) : telephoneIn(reached)
  if (!isVisited(channels)) return ''
  if (reached === '') return way === 'post' ? addressOf(said) : undefined
  return reached.length > mostAddressCharacters ? undefined : reached
}

/** What is wrong with what was typed for a meeting by these channels. */
export const saidFaults = ({ say }: Visit, said: Said, channels: Channels): Faults => {
  const faults = new Map<string, string>()
  if (reachedIn(said, channels) === undefined)
    faults.set(
      'reached',
      isCalled(channels)
        ? say('Écrivez un numéro comme 06 12 34 56 78', 'Write a number such as 06 12 34 56 78')
        : say('Écrivez l’adresse où nous venons', 'Write the address where we come'),
    )
  if (said.way === 'none' && channels.includes('video'))
    faults.set(
      'way',
      say('Choisissez comment recevoir le lien de la visio', 'Choose how to receive the link of the call'),
    )
  if (said.way === '') faults.set('way', say('Choisissez une des réponses', 'Choose one of the answers'))
  else if (addressOf(said) === undefined)
    faults.set(
      'address',
      said.way === 'email'
        ? say('Écrivez une adresse comme nom@exemple.fr', 'Write an address such as name@example.org')
        : said.way === 'post'
          ? say('Écrivez votre adresse postale', 'Write your postal address')
          : say('Écrivez un numéro comme 06 12 34 56 78', 'Write a number such as 06 12 34 56 78'),
    )
  if (said.note.length > mostNoteCharacters)
    faults.set('note', say(`${mostNoteCharacters} caractères au plus`, `${mostNoteCharacters} characters at most`))
  return faults
}

/** As the contract takes it; only of what has no faults. */
export const contactSaid = (said: Said, channels: Channels): ContactWay => ({
  way: said.way || 'none',
  address: addressOf(said) ?? '',
  reachedAt: reachedIn(said, channels) || undefined,
})

export const needsSaid = ({ isAccompanied, accessibility, interpreter }: Said): StatedNeeds => ({
  isAccompanied,
  accessibility: accessibility.map((one) => accessibilityOf[one]),
  language: interpreter,
})

/** What a form asks to book; what is booked and by which right differs from page to page. */
export const bookingAsked = (
  { language }: Pick<Visit, 'language'>,
  said: Said,
  channels: Channels,
  what: Partial<BookAppointmentRequest>,
): BookAppointmentRequest => ({
  ...{ subject: '', holdIds: [], slots: [], preApplications: [], isSecondConfirmed: false },
  ...{ needs: needsSaid(said), contact: contactSaid(said, channels), note: said.note, language },
  ...{ by: undefined, secret: undefined, mandate: undefined },
  ...what,
})

const wayWords: Readonly<Record<Way, readonly [string, string]>> = {
  sms: ['Par SMS', 'By text message'],
  email: ['Par courriel', 'By e-mail'],
  telephone: ['Par un appel', 'By a call'],
  post: ['Par la poste', 'By post'],
  none: ['Pas de message : je regarderai moi-même', 'No message: I will look myself'],
}

export const wayInWords = ({ say }: Visit, way: string): string => {
  const words = ways.find((one) => one === way)
  return words ? say(...wayWords[words]) : way
}

const reachedLabel = ({ say }: Visit, channels: Channels): string => {
  if (!isVisited(channels)) return say('Le numéro où nous vous appelons', 'The number at which we call you')
  return isCalled(channels)
    ? say('Où nous vous appelons ou venons', 'Where we call or visit you')
    : say('L’adresse où nous venons', 'The address where we come')
}

/** Labels of the fields, for a summary of what is wrong. */
export const saidLabels = (visit: Visit, channels: Channels): Readonly<Record<string, string>> => ({
  way: visit.say('Comment voulez-vous être prévenu ?', 'How do you want to be told?'),
  address: visit.say('Votre numéro ou votre adresse', 'Your number or your address'),
  reached: reachedLabel(visit, channels),
  note: visit.say('Ce que nous devons savoir avant', 'What we should know before'),
})

const fieldSaid = (field: string): string | undefined => {
  if (field.startsWith('contact.way')) return 'way'
  if (field.startsWith('contact.reachedAt')) return 'reached'
  if (field.startsWith('contact')) return 'address'
  return field === 'note' ? 'note' : undefined
}

/** What the service refuses of what this form sent, at its field; undefined for another refusal. */
export const refusedSaid = ({ say }: Visit, { reason, facts }: MeshError): Faults | undefined => {
  const field = reason === 'APPOINTMENT_INVALID' ? fieldSaid((facts.field ?? '').replace(/^waiting\./, '')) : undefined
  return field === undefined
    ? undefined
    : new Map([[field, say('Nous ne pouvons pas lire cela', 'We cannot read this')]])
}

/** How they want to hear of it. */
export const contactForm = (visit: Visit, said: Said, faults: Faults): Html => {
  const { say } = visit
  const labels = saidLabels(visit, [])
  return html`${radioField({
    name: 'way',
    label: labels.way ?? '',
    hint: say(
      'Nous confirmons, nous rappelons, et nous prévenons si cela change.',
      'We confirm, we remind, and we tell you if it changes.',
    ),
    value: said.way,
    fault: faults.get('way'),
    choices: ways.map((value) => ({ value, title: say(...wayWords[value]) })),
  })}
${lineField({
  name: 'address',
  label: labels.address ?? '',
  hint: say(
    'Un numéro, un courriel ou une adresse, selon votre choix.',
    'A number, an e-mail or an address, as you chose.',
  ),
  value: said.address,
  fault: faults.get('address'),
  more: html` maxlength="${mostAddressCharacters}"`,
})}`
}

/** Where they are reached, for meetings to which they do not come. */
const reachForm = (visit: Visit, said: Said, faults: Faults, channels: Channels): Html | undefined => {
  const { say } = visit
  if (!isCalled(channels) && !isVisited(channels)) return undefined
  const both = say(
    'Pour un appel : le numéro. Pour une visite : l’adresse. ',
    'For a call: the number. For a visit: the address. ',
  )
  const above = say('Laissez vide si vous l’avez écrit plus haut.', 'Leave it empty if you wrote it above.')
  return lineField({
    name: 'reached',
    label: reachedLabel(visit, channels),
    hint: `${isCalled(channels) && isVisited(channels) ? both : ''}${above}`,
    value: said.reached,
    fault: faults.get('reached'),
    more: html` maxlength="${mostAddressCharacters}"`,
  })
}

/** What helps them; `more` are further fields. */
export const helpForm = (visit: Visit, said: Said, more?: Html): Html => {
  const { say } = visit
  return html`<fieldset class="group"><legend><h2>${say('Ce qui vous aide', 'What helps you')}</h2></legend>
<p class="quiet">${say('Tout est facultatif, et aucun justificatif n’est demandé.', 'All of it is optional, and no proof is asked.')}</p>${boxField(
    {
      name: 'accompanied',
      value: 'yes',
      title: say('Je suis accompagné, ou c’est difficile pour moi', 'I am accompanied, or this is hard for me'),
      isChecked: said.isAccompanied,
    },
  )}${accessibilityNames.map((one) =>
    boxField({
      name: `need-${one}`,
      value: 'yes',
      title: accessibilityInWords(visit, one),
      isChecked: said.accessibility.includes(one),
    }),
  )}
${selectField({
  name: 'interpreter',
  label: say('Un interprète', 'An interpreter'),
  value: said.interpreter,
  choices: [
    { value: '', title: say('Non', 'No') },
    ...languageTags.map((tag) => ({ value: tag, title: languageInWords(visit, tag) })),
  ],
})}
${more}</fieldset>`
}

export const saidForm = (visit: Visit, said: Said, faults: Faults, channels: Channels): Html =>
  html`${contactForm(visit, said, faults)}${reachForm(visit, said, faults, channels)}
${helpForm(
  visit,
  said,
  linesField({
    name: 'note',
    label: `${saidLabels(visit, channels).note ?? ''} ${visit.say('(facultatif)', '(optional)')}`,
    value: said.note,
    fault: faults.get('note'),
    most: mostNoteCharacters,
  }),
)}`
