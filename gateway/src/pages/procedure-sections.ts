import type { Authorisation } from '@unefois/proto/federation-list'
import { MeshError } from '@unefois/proto/reasons'
import { dataList, evidenceSection, routesSection } from './evidence-section.js'
import { honourLink } from './honour-pages.js'
import { type Html, html } from './html.js'
import type { Procedure } from './procedure.js'
import type { ProcedureAnswer } from './procedure-exchanges.js'
import { formToken, loginLink, type Visit } from './visit.js'

const days = [1, 30, 90]
const usualDays = 30
const daySeconds = 24 * 3600

const dataCard = (
  visit: Visit,
  { provider, evidenceType, fields, predicates, legalReference, retentionSeconds }: Authorisation,
): Html => {
  const { say, words } = visit
  return html`<div class="card"><h3>${words.evidenceType(evidenceType)}</h3>
<dl>
<dt>${say('Auprès de', 'From')}</dt><dd>${words.member(provider)}</dd>
<dt>${say('Seulement ceci', 'This and no more')}</dt><dd>${dataList(visit, evidenceType, { fields, predicates: predicates.map(({ id }) => id) })}</dd>
<dt>${say('Gardé au plus', 'Kept for at most')}</dt><dd>${words.days(Math.max(1, Math.round(retentionSeconds / daySeconds)))}</dd>
<dt>${say('Texte de référence', 'Legal reference')}</dt><dd>${legalReference}</dd>
</dl></div>`
}

const withLogin = (visit: Visit, form: (token: Html) => Html): Html =>
  visit.session
    ? form(formToken(visit.session))
    : html`<p><a class="button" href="${loginLink(visit.path)}">${visit.say('Se connecter pour continuer', 'Log in to continue')}</a></p>`

const otherRoutes = (visit: Visit, authorisations: readonly Authorisation[]): Html =>
  html`<h2>${visit.say('Si vous préférez faire autrement', 'If you prefer another way')}</h2>
${[...new Set(authorisations.map(({ evidenceType }) => evidenceType))].map((type) =>
  routesSection(visit, visit.words.routesOf(type)),
)}`

/** The notice of a procedure: told, not asked, so there is nothing to agree to. */
export const noticeSection = (visit: Visit, { purpose, told }: Procedure, key: string): Html => {
  const { say } = visit
  return html`<h2>${say('Ce que nous demandons à votre place', 'What we ask for in your place')}</h2>
${told.map((one) => dataCard(visit, one))}
<div class="note"><p>${say(
    'La loi prévoit cet échange pour cette démarche : vous n’avez rien à signer. Vous gardez vos droits :',
    'The law provides for this exchange in this procedure: you have nothing to sign. You keep your rights:',
  )}</p>
<ul class="plain">
<li>${say('faire corriger une donnée ;', 'have data corrected;')}</li>
<li>${say('vous opposer à l’échange ;', 'object to the exchange;')}</li>
<li>${say('apporter vous-même un autre justificatif.', 'bring other proof yourself.')}</li>
</ul></div>
${withLogin(
  visit,
  (token) => html`<form method="post" action="/procedures/${encodeURIComponent(purpose)}/notice">${token}
<input type="hidden" name="key" value="${key}"><p><button>${say('Continuer', 'Continue')}</button></p></form>`,
)}
${otherRoutes(visit, told)}`
}

/** Opens a consent request; the answer is given elsewhere, at the consent authority. */
export const consentSection = (visit: Visit, { purpose, asked }: Procedure, key: string): Html => {
  const { say, words } = visit
  const authority = words.member(words.withRole('consent-authority')?.id ?? '')
  return html`<h2>${say('Ce que nous pouvons demander si vous êtes d’accord', 'What we may ask for if you agree')}</h2>
${asked.map((one) => dataCard(visit, one))}
<p class="note">${say(
    `Vous donnerez votre réponse sur un autre site, celui de l’organisme chargé des accords (${authority}), puis vous reviendrez ici. Vous êtes libre : un non n’a aucune conséquence.`,
    `You give your answer on another site, that of the body in charge of consents (${authority}), and then come back here. You are free: a no has no consequence.`,
  )}</p>
${withLogin(
  visit,
  (token) => html`<form method="post" action="/procedures/${encodeURIComponent(purpose)}/consent-request">${token}
<input type="hidden" name="key" value="${key}">
<fieldset><legend>${say('Si vous dites oui, pour combien de temps ?', 'If you say yes, for how long?')}</legend>
${days.map(
  (each) =>
    html`<label><input type="radio" name="days" value="${each}"${each === usualDays ? html` checked` : undefined}> ${words.days(each)}</label>`,
)}</fieldset>
<p><button>${say('Aller répondre', 'Go and answer')}</button></p></form>`,
)}
${otherRoutes(visit, asked)}`
}

/** The person's own request: they see what would be sent, at the portal, before anything is. */
export const wantedSection = (visit: Visit, { purpose, wanted }: Procedure, key: string): Html => {
  const { say, words } = visit
  const portal = words.member(words.withRole('portal')?.id ?? '')
  return html`<h2>${say('Ce que nous demandons si vous le voulez', 'What we ask for if you want it')}</h2>
${wanted.map((one) => dataCard(visit, one))}
<p class="note">${say(
    `C’est vous qui demandez. Avant que quoi que ce soit nous soit transmis, vous verrez les valeurs sur ${portal}, et vous y direz oui ou non. Un non n’a aucune conséquence.`,
    `You are the one who asks. Before anything is sent to us, you see the values at ${portal}, and say yes or no there. A no has no consequence.`,
  )}</p>
${withLogin(
  visit,
  (token) => html`<form method="post" action="/procedures/${encodeURIComponent(purpose)}/request">${token}
<input type="hidden" name="key" value="${key}"><p><button>${say('Demander ces données', 'Ask for these data')}</button></p></form>`,
)}
${otherRoutes(visit, wanted)}`
}

const previewOwed = ({ say }: Visit, previewAt: string): Html =>
  html`<p class="note">${say(
    'Rien n’a été transmis. Regardez d’abord ce qui le serait ; vous direz ensuite oui ou non.',
    'Nothing was sent. See first what would be; then you say yes or no.',
  )}</p>
<p><a class="button" href="${previewAt}">${say('Voir et répondre', 'See and answer')}</a></p>`

const answerBody = (visit: Visit, { authorisation, result, previewAt }: ProcedureAnswer): Html => {
  const { say, words } = visit
  const { evidenceType, provider } = authorisation
  const from = html`<p class="quiet">${say('Auprès de : ', 'From: ')}${words.member(provider)}</p>`
  if (previewAt !== undefined)
    return html`${from}${previewOwed(visit, previewAt)}
<p>${say('Ou continuez autrement, au choix :', 'Or go on another way, as you choose:')}</p>
${routesSection(visit, words.routesOf(evidenceType))}`
  if (result instanceof MeshError)
    return html`${from}<p class="alert">${say('Rien n’a été transmis.', 'Nothing was sent.')} ${words.reason(result.reason)}</p>
<p>${say('Votre démarche continue autrement, au choix :', 'Your procedure goes on another way, as you choose:')}</p>
${routesSection(visit, words.routesOf(evidenceType))}
<p class="quiet small">${say('Référence : ', 'Reference: ')}<code>${result.reason}</code></p>`
  if (result.outcome === 'evidence')
    return html`${from}${evidenceSection(visit, evidenceType, result.evidence)}
<p class="quiet">${say('Nous l’effaçons au plus tard le ', 'We delete it on ')}${words.day(result.evidence.keepUntil)}${say('.', ' at the latest.')}</p>`
  if (result.outcome === 'pending')
    return html`${from}<p class="note">${say(
      'La réponse viendra plus tard. Vous n’avez rien à faire ; si cela presse, choisissez une autre voie :',
      'The answer will come later. There is nothing for you to do; if you are in a hurry, choose another way:',
    )}</p>
${routesSection(visit, words.routesOf(evidenceType))}${honourLink(visit, authorisation, result.exchangeId)}`
  return html`${from}<p class="note">${say(
    'Nous n’avons rien obtenu. Ce n’est pas un refus : voici comment continuer, au choix.',
    'We obtained nothing. This is no refusal: here is how to go on, as you choose.',
  )}</p>${routesSection(visit, result.routes)}${honourLink(visit, authorisation, result.exchangeId)}`
}

const isObtained = ({ result }: ProcedureAnswer): boolean =>
  !(result instanceof MeshError) && result.outcome === 'evidence'

/** What a procedure obtained, provider by provider; whatever is missing has another way. */
export const answersSection = (visit: Visit, answers: readonly ProcedureAnswer[]): Html => {
  const { say, words } = visit
  const portal = words.withRole('portal')?.origin
  return html`<p class="lead">${
    answers.some(({ previewAt }) => previewAt !== undefined)
      ? say('Il vous reste à voir ce qui serait transmis.', 'It remains for you to see what would be sent.')
      : answers.length > 0 && answers.every(isObtained)
        ? say('C’est fait : vous n’avez aucun papier à fournir.', 'Done: you have no paper to provide.')
        : say('Votre démarche n’est pas bloquée.', 'Your procedure is not blocked.')
  }</p>
${answers.map(
  (one) => html`<section class="card"><h2>${words.evidenceType(one.authorisation.evidenceType)}</h2>
${answerBody(visit, one)}</section>`,
)}${
  portal === undefined
    ? undefined
    : html`<p>${say('Cet échange est inscrit. Vous le retrouvez sur ', 'This exchange is on record. You find it at ')}<a href="${portal}">${words.member(words.withRole('portal')?.id ?? '')}</a>.</p>`
}<p><a href="/">${say('Retour à l’accueil', 'Back to the home page')}</a></p>`
}
