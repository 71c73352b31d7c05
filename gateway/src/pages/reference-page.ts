import { type Reason, reasons } from '@unefois/proto/reasons'
import { typeOf, wordsOf } from '../problem.js'
import { operations } from '../rest/operations.js'
import { type Html, html } from './html.js'
import type { Page, Visit } from './visit.js'

const one = (
  { say }: Visit,
  { method, path, summary, kinds, isPublic, hasEffect, refusals }: (typeof operations)[number],
): Html =>
  html`<section class="card"><h3><code>${method} ${path}</code></h3>
<p lang="en">${summary}.</p>
<dl>
<dt>${say('Où', 'Where')}</dt><dd>${kinds.join(', ')}</dd>
<dt>${say('Jeton', 'Token')}</dt><dd>${isPublic ? say('aucun', 'none') : 'Bearer'}</dd>
<dt>Idempotency-Key</dt><dd>${hasEffect ? say('obligatoire', 'required') : say('aucune', 'none')}</dd>
<dt>${say('Refus', 'Refusals')}</dt><dd class="reasons">${refusals.map((reason) => html`<a href="#${reason}"><code>${reason}</code></a> `)}</dd>
</dl></section>`

/** The reference of the REST door, for people; openapi.json is the same for machines. */
export const referencePage = (visit: Visit): Page => {
  const { say, language } = visit
  return {
    title: say('Référence de l’API', 'API reference'),
    body: html`<p><a href="/openapi.json">OpenAPI 3.1</a></p>
<h2>${say('Opérations', 'Operations')}</h2>
${operations.map((each) => one(visit, each))}
<h2>${say('Refus', 'Refusals')}</h2>
<p>${say(
      'Chaque refus est un problème RFC 9457 (application/problem+json) avec reason, next et traceId.',
      'Each refusal is an RFC 9457 problem (application/problem+json) with reason, next and traceId.',
    )}</p>
<dl>${(Object.keys(reasons) as Reason[]).map((reason) => {
      const { title, next } = wordsOf(reason, language)
      return html`<dt id="${reason}"><code>${reason}</code> ${reasons[reason].http}</dt><dd>${title} ${next} <code>${typeOf(reason)}</code></dd>`
    })}</dl>`,
  }
}
