import type { MeshError } from '@unefois/proto/reasons'
import { problemOf } from '../problem.js'
import { html } from './html.js'
import { plainWordsOf } from './plain-words.js'
import { typeset } from './typography.js'
import { loginLink, type Page, type Visit } from './visit.js'

const asksForLogin = new Set<string>(['LOGIN_REQUIRED', 'LOGIN_HANDLE_INVALID', 'ASSURANCE_TOO_LOW', 'TOKEN_EXPIRED'])

/** A refusal as a page: what happened, what to do next, and never a dead end. */
export const errorPage = (visit: Visit, error: MeshError, traceId: string): Page => {
  const { say, language, returnTo } = visit
  const { status, reason, facts } = problemOf(error, language, traceId)
  const { title, next } = plainWordsOf(error.reason, language)
  const level = /^eidas[123]$/.exec(facts.required_acr ?? '')?.[0]
  return {
    title: typeset(title),
    status,
    body: html`<p class="lead">${typeset(next)}</p>
<p><a class="button" href="${asksForLogin.has(reason) ? loginLink(returnTo, level) : '/'}">${
      asksForLogin.has(reason) ? say('Se connecter', 'Log in') : say('Retour à l’accueil', 'Back to the home page')
    }</a></p>
<p class="note">${say(
      'Vous pouvez aussi passer par le guichet ou le téléphone : voyez « Besoin d’aide ? » en bas de cette page.',
      'You may also go to the counter or telephone: see “Need help?” at the foot of this page.',
    )}</p>
<p class="quiet small">${say('Si vous nous appelez, donnez cette référence : ', 'If you call us, give this reference: ')}<code>${reason}</code> <code>${traceId}</code></p>`,
  }
}
