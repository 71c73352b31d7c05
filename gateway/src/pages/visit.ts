import type { Deadline } from '@unefois/chassis/deadline'
import type { Language } from '../language.js'
import type { Person } from '../personal-tickets.js'
import type { Session } from '../session/sessions.js'
import { type Html, html } from './html.js'
import type { Words } from './words.js'

/** One visit of a page, by anybody. */
export interface Visit {
  readonly language: Language
  /** The one of the two texts that the visitor reads. */
  readonly say: (french: string, english: string) => string
  readonly words: Words
  readonly deadline: Deadline
  /** Path and query. */
  readonly path: string
  /** The same for coming back after a login, where it holds no secret. */
  readonly returnTo: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly session?: Session
}

/** A visit by a person who has logged in. */
export interface PersonalVisit extends Visit {
  readonly session: Session
  readonly person: Person
}

/** What a page shows. */
export interface Page {
  readonly title: string
  readonly body: Html
  readonly status?: number
  /** Origins, other than ours, to which a form of this page may lead. */
  readonly formTargets?: readonly string[]
  /** In the place of the link to the other language, where following a link would lose what was typed. */
  readonly languages?: Html
}

/** What a page answers: something to read, somewhere to go, or a file to keep. */
export type PageAnswer =
  | Page
  | { readonly redirectTo: string }
  | { readonly fileName: string; readonly mediaType: string; readonly content: string }

/** The link that logs in and comes back. */
export const loginLink = (returnTo: string, acr?: string): string =>
  `/login?${new URLSearchParams({ return: returnTo, ...(acr !== undefined && { acr }) })}`

/** The hidden field without which no form is accepted. */
export const formToken = (session: Session): Html =>
  html`<input type="hidden" name="form_token" value="${session.formToken}">`
