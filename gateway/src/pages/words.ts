import type { Federation } from '@unefois/proto/federation'
import type { EvidenceType, Member, Purpose } from '@unefois/proto/federation-list'
import type { Bilingual, Language } from '../language.js'
import { type Html, html } from './html.js'
import { whyRefused } from './plain-words.js'
import { typeset } from './typography.js'

const timeZone = 'Europe/Paris'

const modes: Readonly<Record<string, readonly [string, string]>> = {
  information: ['La loi le prévoit pour cette démarche', 'The law provides for it in this procedure'],
  consent: ['Votre accord', 'Your consent'],
  'explicit-request': ['Vous l’avez demandé', 'You asked for it'],
  proactive: [
    'Recherche de droits à votre profit ; vous pouvez vous y opposer',
    'Search for rights in your favour; you may oppose it',
  ],
}

const states: Readonly<Record<string, readonly [string, string]>> = {
  requested: ['En attente de votre réponse', 'Awaiting your answer'],
  given: ['Donné', 'Given'],
  refused: ['Refusé', 'Refused'],
  withdrawn: ['Retiré', 'Withdrawn'],
  expired: ['Terminé', 'Ended'],
}

/** The federation's names and texts in the visitor's language; an id that the list no longer has stands for itself. */
export class Words {
  readonly #federation: Federation
  readonly #language: Language

  constructor(federation: Federation, language: Language) {
    this.#federation = federation
    this.#language = language
  }

  member(id: string): string {
    return this.print(this.memberEntry(id)?.name, id)
  }

  purpose(id: string): string {
    return this.print(this.#purpose(id)?.title, id)
  }

  purposeText(id: string): string {
    return this.print(this.#purpose(id)?.text, '')
  }

  evidenceType(id: string): string {
    return this.print(this.#type(id)?.title, id)
  }

  /** A field's title, or that of the nearest field around it. */
  field(type: string, path: string): string {
    const titles = this.#type(type)?.fieldTitles ?? {}
    for (let at = path; at !== ''; at = at.includes('.') ? at.slice(0, at.lastIndexOf('.')) : '') {
      const title = titles[at] ?? titles[at.replace(/(\[\])+$/, '')]
      if (title) return this.print(title)
    }
    return path
  }

  predicate(type: string, id: string): string {
    return this.print(this.#type(type)?.predicateTitles[id], id)
  }

  mode(mode: string): string {
    return this.#pick(modes[mode]) ?? this.#pick(['Aucun', 'None']) ?? ''
  }

  consentState(state: string): string {
    return this.#pick(states[state]) ?? state
  }

  /** Why an exchange was refused, in a sentence for the person whose data it was. */
  reason(reason: string): string {
    return typeset(whyRefused(reason, this.#language))
  }

  /** A text of the federation list as it is printed; `otherwise` where the list has none. */
  print(text: Bilingual | undefined, otherwise = ''): string {
    return typeset(text?.[this.#language] ?? otherwise)
  }

  /** A day, without the hour. */
  day(at: string): Html {
    return html`<time datetime="${at}">${this.#dayOf(new Date(at))}</time>`
  }

  /** Day, hour and minute. */
  instant(at: string): Html {
    const date = new Date(at)
    return html`<time datetime="${at}">${this.#dayOf(date)} ${this.#pick(['à', 'at'])} ${this.#timeOf(date, 'short')}</time>`
  }

  /** Day, hour, minute and second: where the order of two acts matters. */
  second(at: string): Html {
    const date = new Date(at)
    return html`<time datetime="${at}">${this.#dayOf(date)} ${this.#pick(['à', 'at'])} ${this.#timeOf(date, 'medium')}</time>`
  }

  /** A number of days, in years where it is one. */
  days(count: number): string {
    const years = count / 365
    if (Number.isInteger(years))
      return typeset(`${years} ${this.#pick(years === 1 ? ['an', 'year'] : ['ans', 'years'])}`)
    return typeset(`${count} ${this.#pick(count === 1 ? ['jour', 'day'] : ['jours', 'days'])}`)
  }

  /** The one member with a role that only one has. */
  withRole(role: 'portal' | 'consent-authority'): Member | undefined {
    return this.#federation.claims.members.find(({ roles }) => roles.includes(role))
  }

  memberEntry(id: string): Member | undefined {
    return this.#federation.claims.members.find((one) => one.id === id)
  }

  routesOf(type: string): { kind: string; text: Readonly<Record<Language, string>> }[] {
    return this.#type(type)?.routes ?? []
  }

  #type(id: string): EvidenceType | undefined {
    return this.#federation.claims.evidenceTypes.find((one) => one.id === id)
  }

  #purpose(id: string): Purpose | undefined {
    return this.#federation.claims.purposes.find((one) => one.id === id)
  }

  #dayOf(date: Date): string {
    const locale = this.#language === 'fr' ? 'fr-FR' : 'en-GB'
    const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone }).format(date)
    return (this.#language === 'fr' ? day.replace(/^1 /, '1er ') : day).replace(' ', '\u00a0')
  }

  #timeOf(date: Date, timeStyle: 'short' | 'medium'): string {
    const time = new Intl.DateTimeFormat('en-GB', { timeStyle, timeZone }).format(date)
    const [hours = '', minutes = '', seconds] = time.split(':')
    if (this.#language === 'en') return time
    const short = `${Number(hours)}\u00a0h\u00a0${minutes}`
    return seconds === undefined ? short : `${short}\u00a0min\u00a0${seconds}\u00a0s`
  }

  #pick(words: readonly [string, string] | undefined): string | undefined {
    return words && typeset(words[this.#language === 'fr' ? 0 : 1])
  }
}
