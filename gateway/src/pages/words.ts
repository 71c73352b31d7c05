import type { EvidenceType, Federation, Member, Purpose } from '@unefois/proto/federation'
import { isReason } from '@unefois/proto/reasons'
import type { Language } from '../language.js'
import { wordsOf } from '../problem.js'
import { type Html, html } from './html.js'

const timeZone = 'Europe/Paris'

const modes: Readonly<Record<string, readonly [string, string]>> = {
  information: ['Mission de service public : vous en êtes informé', 'Public task: you are told of it'],
  consent: ['Votre consentement', 'Your consent'],
  'explicit-request': ['Votre demande expresse', 'Your explicit request'],
  proactive: [
    'Recherche de droits, à laquelle vous pouvez vous opposer',
    'Search for your rights, which you may oppose',
  ],
}

const states: Readonly<Record<string, readonly [string, string]>> = {
  requested: ['Demandé, sans réponse', 'Asked, not answered'],
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
    return this.memberEntry(id)?.name[this.#language] ?? id
  }

  purpose(id: string): string {
    return this.#purpose(id)?.title[this.#language] ?? id
  }

  purposeText(id: string): string {
    return this.#purpose(id)?.text[this.#language] ?? ''
  }

  evidenceType(id: string): string {
    return this.#type(id)?.title[this.#language] ?? id
  }

  /** A field's title, or that of the nearest field around it. */
  field(type: string, path: string): string {
    const titles = this.#type(type)?.fieldTitles ?? {}
    for (let at = path; at !== ''; at = at.includes('.') ? at.slice(0, at.lastIndexOf('.')) : '') {
      const title = titles[at] ?? titles[at.replace(/(\[\])+$/, '')]
      if (title) return title[this.#language]
    }
    return path
  }

  predicate(type: string, id: string): string {
    return this.#type(type)?.predicateTitles[id]?.[this.#language] ?? id
  }

  mode(mode: string): string {
    return this.#pick(modes[mode]) ?? this.#pick(['Aucun', 'None']) ?? ''
  }

  consentState(state: string): string {
    return this.#pick(states[state]) ?? state
  }

  reason(reason: string): string {
    return isReason(reason) ? wordsOf(reason, this.#language).title : reason
  }

  instant(at: string): Html {
    const format = new Intl.DateTimeFormat(this.#language === 'fr' ? 'fr-FR' : 'en-GB', {
      dateStyle: 'long',
      timeStyle: 'medium',
      timeZone,
    })
    return html`<time datetime="${at}">${format.format(new Date(at))}</time>`
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

  #pick(words: readonly [string, string] | undefined): string | undefined {
    return words?.[this.#language === 'fr' ? 0 : 1]
  }
}
