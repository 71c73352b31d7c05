import type { ApplicationView, HandView, RemedyOpenView, SilenceClockView } from '../rest/application-views.js'
import type { MissingView } from '../rest/eligibility-views.js'
import type { FactValue } from '../simulation.js'
import { type Html, html } from './html.js'
import { amountInWords, termInWords } from './procedure-words.js'
import { typeset } from './typography.js'
import type { Visit } from './visit.js'

// Applications and decisions in a person's words.

type State = ApplicationView['state']
type Two = readonly [french: string, english: string]

const states: Readonly<Record<State, { readonly short: Two; readonly long: Two }>> = {
  incomplete: {
    short: ['À compléter', 'To complete'],
    long: [
      'Il nous manque quelque chose. La page de votre demande dit quoi, et jusqu’à quand nous l’attendons.',
      'We miss something. The page of your application says what, and until when we wait for it.',
    ],
  },
  'in-review': {
    short: ['En cours', 'Under way'],
    long: [
      'Nous étudions votre demande. Vous n’avez rien à faire.',
      'We are looking at your application. There is nothing for you to do.',
    ],
  },
  granted: { short: ['Acceptée', 'Granted'], long: ['Votre demande est acceptée.', 'Your application is granted.'] },
  'partly-granted': {
    short: ['Acceptée en partie', 'Partly granted'],
    long: ['Votre demande est acceptée en partie.', 'Your application is granted in part.'],
  },
  refused: {
    short: ['Refusée', 'Refused'],
    long: [
      'Votre demande est refusée. La page de votre demande dit pourquoi, et ce que vous pouvez faire.',
      'Your application is refused. The page of your application says why, and what you can do.',
    ],
  },
  'accepted-by-silence': {
    short: ['Acceptée', 'Granted'],
    long: [
      'Votre demande est acceptée : nous n’avons pas répondu à temps, et la loi dit que cela vaut un oui.',
      'Your application is granted: we did not answer in time, and the law takes that for a yes.',
    ],
  },
  'rejected-by-silence': {
    short: ['Sans réponse à temps', 'Not answered in time'],
    long: [
      'Nous n’avons pas répondu à temps, et la loi dit que cela vaut un refus. Vous pouvez le contester, et nous pouvons encore vous répondre.',
      'We did not answer in time, and the law takes that for a no. You may contest it, and we may still answer you.',
    ],
  },
  withdrawn: {
    short: ['Retirée', 'Withdrawn'],
    long: [
      'Vous avez retiré cette demande. Nous n’y répondrons pas.',
      'You have withdrawn this application. We will not answer it.',
    ],
  },
  unknown: {
    short: ['État inconnu', 'State unknown'],
    long: ['Demandez-nous où en est votre demande.', 'Ask us how your application stands.'],
  },
}

/** Where an application stands, in a word. */
export const stateTag = ({ say }: Visit, state: State): Html => {
  const kind =
    state === 'incomplete' || state === 'refused' || state === 'rejected-by-silence'
      ? ' watch'
      : state === 'in-review' || state === 'withdrawn' || state === 'unknown'
        ? ' other'
        : ''
  return html`<span class="tag${kind}">${say(...states[state].short)}</span>`
}

/** Where an application stands, and what that means. */
export const stateInWords = ({ say }: Visit, state: State): string => say(...states[state].long)

/** Whether nobody has decided yet, nor silence, nor the person. */
export const isOpen = ({ state }: Pick<ApplicationView, 'state'>): boolean =>
  state === 'incomplete' || state === 'in-review'

/** When silence speaks, and of what; nothing where it means nothing. */
export const clockInWords = ({ say, words }: Visit, clock: SilenceClockView | null): Html | undefined => {
  if (!clock || clock.dueDay === null || (clock.means !== 'acceptance' && clock.means !== 'rejection')) return undefined
  const day = words.day(clock.dueDay)
  return html`<p>${
    clock.means === 'acceptance'
      ? html`${say('Sans réponse de notre part le ', 'Without an answer from us by ')}<strong>${day}</strong>${say(', c’est oui : votre demande sera acceptée.', ', it is a yes: your application will be granted.')}`
      : html`${say('Sans réponse de notre part le ', 'Without an answer from us by ')}<strong>${day}</strong>${say(', c’est non : votre demande sera rejetée, et vous pourrez le contester.', ', it is a no: your application will be rejected, and you may contest that.')}`
  } <span class="quiet small">${typeset(clock.legalReference)}</span></p>${
    clock.isWaiting
      ? html`<p class="note">${say('Ce délai ne court pas tant que nous attendons quelque chose de vous ; ce jour peut donc reculer.', 'This period does not run while we wait for something from you, so the day may move.')}</p>`
      : undefined
  }`
}

/** Whose hand it was; of an agent whose name is kept back, the capacity alone. */
export const handInWords = ({ say }: Visit, hand: HandView): string => {
  switch (hand.who) {
    case 'person':
      return say('Vous', 'You')
    case 'agent':
      return typeset(hand.isUnnamed ? hand.capacity : `${hand.firstName} ${hand.lastName}, ${hand.capacity}`.trim())
    case 'helper':
      return typeset(`${hand.firstName} ${hand.lastName}, ${hand.organisation}`)
    case 'service':
      return say('Notre service, automatiquement', 'Our service, automatically')
    case 'unknown':
      return say('Notre service', 'Our service')
  }
}

/** What can be done against a decision, and until when. */
export const remediesList = (visit: Visit, remedies: readonly RemedyOpenView[]): Html => {
  const { say, words } = visit
  return html`<ul class="plain">${remedies.map(
    (one) =>
      html`<li>${words.print(one.title)}${
        one.lastDay !== null
          ? html`${say(', jusqu’au ', ', until ')}<strong>${words.day(one.lastDay)}</strong>`
          : one.count > 0
            ? html` <span class="quiet">(${say('dans un délai de ', 'within ')}${termInWords(visit, one)})</span>`
            : undefined
      }${
        one.isMandatoryFirst
          ? html`. <strong>${say('C’est obligatoire avant d’aller au tribunal.', 'This must be done before going to court.')}</strong>`
          : undefined
      } <span class="quiet small">${typeset(one.legalReference)}</span></li>`,
  )}</ul>`
}

/** A fact's value as its question is answered. */
export const factInWords = (visit: Visit, value: FactValue, question: MissingView | undefined): string => {
  if (typeof value === 'boolean') return value ? visit.say('Oui', 'Yes') : visit.say('Non', 'No')
  if (typeof value === 'number') return amountInWords(visit, value, question?.unit ?? '')
  return typeset(question?.choices.find((one) => one.value === value)?.title ?? value)
}

/** The language of what was written for an application, where the page is in the other one. */
export const writtenIn = ({ language }: Visit, of: { readonly language: string }): Html | undefined =>
  of.language === '' || of.language === language ? undefined : html` lang="${of.language}"`
