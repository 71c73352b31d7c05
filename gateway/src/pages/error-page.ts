import type { MeshError } from '@unefois/proto/reasons'
import { problemOf } from '../problem.js'
import { html } from './html.js'
import { loginLink, type Page, type Visit } from './visit.js'

const asksForLogin = new Set<string>(['LOGIN_REQUIRED', 'LOGIN_HANDLE_INVALID', 'ASSURANCE_TOO_LOW'])

/** A refusal as a page: what went wrong, what to do next, and never a dead end. */
export const errorPage = (visit: Visit, error: MeshError, traceId: string): Page => {
  const { say, language, path } = visit
  const { title, next, status, reason, facts } = problemOf(error, language, traceId)
  const level = /^eidas[123]$/.exec(facts.required_acr ?? '')?.[0]
  return {
    title,
    status,
    body: html`<p class="alert">${next}</p>
${
  asksForLogin.has(reason)
    ? html`<p><a class="button" href="${loginLink(path, level)}">${say('Se connecter', 'Log in')}</a></p>`
    : html`<p><a href="/">${say('Retour à l’accueil', 'Back to the home page')}</a></p>`
}
<p>${say('Référence', 'Reference')} : <code>${reason}</code>, <code>${traceId}</code></p>`,
  }
}
