import type { Authorisation } from '@unefois/proto/federation'
import { MeshError } from '@unefois/proto/reasons'
import { evidenceSection, routesSection } from './evidence-section.js'
import { type Html, html } from './html.js'
import type { Procedure } from './procedure.js'
import type { ProcedureAnswer } from './procedure-exchanges.js'
import { formToken, loginLink, type Visit } from './visit.js'

const days = [1, 30, 90]
const usualDays = 30

const dataCard = (
  { say, words }: Visit,
  { provider, evidenceType, fields, predicates, legalReference }: Authorisation,
): Html =>
  html`<div class="card"><h3>${words.evidenceType(evidenceType)}, ${words.member(provider)}</h3>
<ul class="plain">${fields.map((path) => html`<li>${words.field(evidenceType, path)}</li>`)}${predicates.map(
    ({ id }) => html`<li>${words.predicate(evidenceType, id)}</li>`,
  )}</ul>
<p>${say('Texte', 'Legal reference')} : ${legalReference}</p></div>`

const withLogin = (visit: Visit, form: (token: Html) => Html): Html =>
  visit.session
    ? form(formToken(visit.session))
    : html`<p><a class="button" href="${loginLink(visit.path)}">${visit.say('Se connecter pour continuer', 'Log in to continue')}</a></p>`

/** The notice of a procedure: told, not asked, so there is nothing to consent to. */
export const noticeSection = (visit: Visit, { purpose, told }: Procedure, key: string): Html => {
  const { say } = visit
  return html`<section aria-labelledby="notice"><h2 id="notice">${say('Ce que nous demandons à votre place', 'What we ask for in your place')}</h2>
${told.map((one) => dataCard(visit, one))}
<p class="note">${say(
    'La loi prévoit cet échange pour cette démarche. Vous pouvez faire corriger une donnée, vous opposer, ou apporter vous-même un autre justificatif.',
    'The law provides for this exchange in this procedure. You may have data corrected, object, or bring other proof yourself.',
  )}</p>
${withLogin(
  visit,
  (token) => html`<form method="post" action="/procedures/${encodeURIComponent(purpose)}/notice">${token}
<input type="hidden" name="key" value="${key}"><p><button>${say('Continuer', 'Continue')}</button></p></form>`,
)}
<h3>${say('Si vous préférez autre chose', 'If you prefer another way')}</h3>
${told.map(({ evidenceType }) => routesSection(visit, visit.words.routesOf(evidenceType)))}</section>`
}

/** Opens a consent request; the answer is given elsewhere, at the consent authority. */
export const consentSection = (visit: Visit, { purpose, asked }: Procedure, key: string): Html => {
  const { say } = visit
  return html`<section aria-labelledby="consent"><h2 id="consent">${say('Ce que nous pouvons demander avec votre accord', 'What we may ask for with your consent')}</h2>
${asked.map((one) => dataCard(visit, one))}
<p class="note">${say(
    'Vous répondrez auprès de l’autorité de consentement, pas ici. Un non n’a aucune conséquence.',
    'You answer at the consent authority, not here. A no has no consequence.',
  )}</p>
${withLogin(
  visit,
  (token) => html`<form method="post" action="/procedures/${encodeURIComponent(purpose)}/consent-request">${token}
<input type="hidden" name="key" value="${key}">
<fieldset><legend>${say('Pour combien de temps ?', 'For how long?')}</legend>
${days.map(
  (each) =>
    html`<label><input type="radio" name="days" value="${each}"${each === usualDays ? html` checked` : undefined}> ${each} ${each === 1 ? say('jour', 'day') : say('jours', 'days')}</label>`,
)}</fieldset>
<p><button>${say('Aller répondre', 'Go and answer')}</button></p></form>`,
)}
<h3>${say('Si vous préférez autre chose', 'If you prefer another way')}</h3>
${asked.map(({ evidenceType }) => routesSection(visit, visit.words.routesOf(evidenceType)))}</section>`
}

const answerBody = (visit: Visit, { authorisation, result }: ProcedureAnswer): Html => {
  const { say, words } = visit
  const { evidenceType } = authorisation
  if (result instanceof MeshError)
    return html`<p class="alert">${words.reason(result.reason)} <code>${result.reason}</code></p>
<p>${say('Votre démarche continue autrement :', 'Your procedure goes on another way:')}</p>
${routesSection(visit, words.routesOf(evidenceType))}`
  if (result.outcome === 'evidence') return evidenceSection(visit, evidenceType, result.evidence)
  if (result.outcome === 'pending')
    return html`<p>${say('La réponse viendra plus tard.', 'The answer will come later.')}</p>
${routesSection(visit, words.routesOf(evidenceType))}`
  return html`<p>${say(
    'Nous n’avons rien obtenu. Ce n’est pas un refus : voici comment continuer.',
    'We obtained nothing. This is no refusal: here is how to go on.',
  )}</p>${routesSection(visit, result.routes)}`
}

/** What a procedure obtained, provider by provider; whatever is missing has another way. */
export const answersSection = (visit: Visit, answers: readonly ProcedureAnswer[]): Html =>
  html`${answers.map(
    (
      one,
    ) => html`<section class="card"><h2>${visit.words.evidenceType(one.authorisation.evidenceType)}, ${visit.words.member(one.authorisation.provider)}</h2>
${answerBody(visit, one)}</section>`,
  )}<p><a href="/">${visit.say('Retour à l’accueil', 'Back to the home page')}</a></p>`
