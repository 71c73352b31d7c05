import type { DeclarationKind, Declared } from '@unefois/proto/declaration-kind'
import { isReason } from '@unefois/proto/reasons'
import type { FromMembers } from '../asking-members.js'
import type { SentDeclaration } from '../own-declarations.js'
import type { OwnDeclarationView, ReceiptView, StepView } from '../rest/declaration-views.js'
import { randomSecret } from '../session/secrets.js'
import { declaredSection, type Filled, hiddenFields } from './declaration-form.js'
import { type Html, html } from './html.js'
import { plainWordsOf } from './plain-words.js'
import { typeset } from './typography.js'
import { formToken, type Page, type PersonalVisit, type Visit } from './visit.js'

export const mostSupplementCharacters = 2000

/** A receipt to keep: what was said, and the proof that the body has it on record. */
const proofLink = (
  { say, words }: Visit,
  { agency, declarationId }: Pick<OwnDeclarationView, 'agency' | 'declarationId'>,
  recordId: string,
  at: string,
): Html =>
  html`<a href="/declarations/${encodeURIComponent(agency)}/${encodeURIComponent(declarationId)}/receipts/${encodeURIComponent(recordId)}">${say(
    'Télécharger le reçu et sa preuve',
    'Download the receipt and its proof',
  )}<span class="hidden"> (${words.member(agency)}, ${words.second(at)})</span></a>`

/** An acknowledgement: when, which service, where to reach it (CRPA R112-11-1). */
const receiptSection = (visit: Visit, agency: string, receipt: ReceiptView): Html => {
  const { say, words } = visit
  return html`<dl><dt>${say('Reçue le', 'Received on')}</dt><dd>${words.second(receipt.receivedAt)}</dd>
${
  receipt.service.fr === ''
    ? undefined
    : html`<dt>${say('Service chargé du dossier', 'Service in charge')}</dt><dd>${words.print(receipt.service)}<br>${receipt.address}<br>${say('Téléphone : ', 'Telephone: ')}${receipt.telephone}</dd>`
}<dt>${say('Référence', 'Reference')}</dt><dd><code>${receipt.declarationId}</code></dd></dl>
<p>${proofLink(visit, { agency, declarationId: receipt.declarationId }, receipt.recordId, receipt.receivedAt)}</p>`
}

/** What came of sending: a receipt from each that received it; who did not is named, and can be sent to again. */
export const sentPage = (
  visit: PersonalVisit,
  kind: DeclarationKind,
  filled: Filled,
  sent: readonly SentDeclaration[],
): Page => {
  const { say, words, language } = visit
  const received = sent.filter(({ receipt }) => receipt !== null)
  const missing = sent.filter(({ receipt }) => receipt === null)
  const why = (reason: string | null): string =>
    typeset(reason !== null && isReason(reason) ? plainWordsOf(reason, language).title : '')
  return {
    title:
      received.length === 0
        ? say('Votre déclaration n’est pas partie', 'Your declaration has not been sent')
        : say('Votre déclaration est envoyée', 'Your declaration has been sent'),
    body: html`${
      missing.length === 0
        ? undefined
        : html`<section class="alert" role="alert"><h2>${say('Ces organismes ne l’ont pas reçue', 'These bodies did not receive it')}</h2>
<ul class="plain">${missing.map(({ agency, reason }) => html`<li><strong>${words.member(agency)}</strong>${say(' : ', ': ')}${why(reason)}</li>`)}</ul>
<p>${say('Rien de ce que vous avez écrit n’est perdu. Rien ne sera envoyé deux fois.', 'Nothing that you wrote is lost. Nothing will be sent twice.')}</p>
<form method="post" action="/declarations/${kind.id}/send">${hiddenFields(
            visit,
            kind,
            filled,
            missing.map(({ agency }) => agency),
          )}
<p class="choices"><button>${say('Envoyer de nouveau à ceux-là', 'Send to these again')}</button></p></form></section>`
    }${
      received.length === 0
        ? undefined
        : html`<p class="lead">${say('Chacun vous répondra pour lui-même : accepté, à compléter, ou pas concerné.', 'Each will answer you for itself: accepted, more needed, or not concerned.')}</p>
<ul class="cards">${received.map(
            ({ agency, receipt }) =>
              html`<li class="card"><header><h2>${words.member(agency)}</h2><span class="tag">${say('Accusé de réception', 'Acknowledgement')}</span></header>${receipt ? receiptSection(visit, agency, receipt) : undefined}</li>`,
          )}</ul>
<p class="note">${say(
            'Cet accusé dit que votre déclaration est arrivée. Ce n’est pas une demande : le silence de l’organisme ne vaut ni accord ni refus.',
            'This acknowledgement says that your declaration has arrived. It is no request: silence of the body means neither yes nor no.',
          )}</p>`
    }<p><a class="button second" href="/declarations">${say('Voir mes déclarations', 'See my declarations')}</a></p>`,
  }
}

const answerWords = (visit: Visit, said: StepView['said']): Html => {
  const { say, words } = visit
  const { outcome, words: text, until_ms: untilMs, answered_by: answeredBy } = said
  const lines: Readonly<Record<string, string>> = {
    accepted: say('Accepté', 'Accepted'),
    'needs-more': say('À compléter', 'More is needed'),
    'not-concerned': say('Pas concerné', 'Not concerned'),
  }
  return html`<strong>${lines[String(outcome)] ?? say('Réponse', 'Answer')}</strong>${text ? html`${say(' : ', ': ')}${String(text)}` : undefined}${
    typeof untilMs === 'number' && untilMs > 0
      ? html`<br>${say('Jusqu’au ', 'Until ')}${words.day(new Date(untilMs).toISOString())}`
      : undefined
  }${answeredBy ? html`<br><span class="quiet">${String(answeredBy)}</span>` : undefined}`
}

const oneStep = (visit: Visit, of: OwnDeclarationView, { at, step, said, recordId }: StepView): Html => {
  const { say, words } = visit
  const what =
    step === 'answer'
      ? answerWords(visit, said)
      : step === 'supplement'
        ? html`<strong>${say('Vous avez complété', 'You added')}</strong>${say(' : ', ': ')}${String(said.statement ?? '')}`
        : html`<strong>${say('Reçue', 'Received')}</strong>`
  return html`<li>${words.second(at)}<br>${what}<br>${proofLink(visit, of, recordId, at)}</li>`
}

const supplementForm = (visit: PersonalVisit, { agency, declarationId }: OwnDeclarationView, at: number): Html => {
  const { say, session } = visit
  return html`<form method="post" action="/declaration-supplements">${formToken(session)}
<input type="hidden" name="key" value="${randomSecret()}"><input type="hidden" name="agency" value="${agency}"><input type="hidden" name="declaration" value="${declarationId}">
<div class="field"><label for="statement${at}">${say('Ce que vous ajoutez, avec vos mots', 'What you add, in your own words')}</label><textarea id="statement${at}" name="statement" rows="4" maxlength="${mostSupplementCharacters}" required></textarea></div>
<p class="quiet">${say('Un document se remet au guichet ou par courrier, avec la référence ci-dessous.', 'A document is handed in at the counter or by post, with the reference below.')}</p>
<p><button>${say('Envoyer', 'Send')}</button></p></form>`
}

const oneDeclaration = (
  visit: PersonalVisit,
  one: OwnDeclarationView,
  kind: DeclarationKind | undefined,
  at: number,
): Html => {
  const { say, words } = visit
  const states: Readonly<Record<OwnDeclarationView['state'], string>> = {
    open: say('En attente d’une réponse', 'Waiting for an answer'),
    'needs-more': say('À compléter', 'More is needed'),
    accepted: say('Accepté', 'Accepted'),
    'not-concerned': say('Pas concerné', 'Not concerned'),
    unknown: say('État inconnu', 'State unknown'),
  }
  const ended = one.state === 'accepted' || one.state === 'not-concerned'
  return html`<li class="card"><header><h3>${words.member(one.agency)}</h3><span class="tag${one.state === 'needs-more' ? ' watch' : ended ? '' : ' other'}">${states[one.state]}</span></header>
<p class="quiet">${kind ? words.print(kind.title) : one.kind}</p>
<ul class="plain">${one.steps.map((step) => oneStep(visit, one, step))}</ul>
${one.state === 'needs-more' ? supplementForm(visit, one, at) : undefined}
<details><summary>${say('Ce que j’ai déclaré, et à quel service', 'What I declared, and to which service')}<span class="hidden"> (${words.member(one.agency)})</span></summary>${
    kind ? declaredSection(visit, kind, (one.content ?? {}) as Declared) : undefined
  }${one.receipt ? receiptSection(visit, one.agency, one.receipt) : undefined}</details></li>`
}

/** What the person declared at each body, what each answered, and who could not be asked. */
export const declarationsSection = (
  visit: PersonalVisit,
  { found, members }: FromMembers<OwnDeclarationView>,
  kinds: readonly DeclarationKind[],
): Html => {
  const { say, words } = visit
  const silent = members.filter(({ isReached }) => !isReached).map(({ member }) => words.member(member))
  const more = members
    .filter(({ nextPageToken }) => nextPageToken !== undefined)
    .map(({ member }) => words.member(member))
  return html`${
    silent.length === 0
      ? undefined
      : html`<p class="alert">${say('N’ont pas répondu : ', 'Did not answer: ')}${silent.join(', ')}. ${say('Réessayez plus tard.', 'Try again later.')}</p>`
  }${
    found.length === 0
      ? html`<p class="card">${say('Vous n’avez encore rien déclaré.', 'You have not declared anything yet.')}</p>`
      : html`<ul class="cards">${found.map((one, at) =>
          oneDeclaration(
            visit,
            one,
            kinds.find(({ id }) => id === one.kind),
            at,
          ),
        )}</ul>`
  }${
    more.length === 0
      ? undefined
      : html`<p class="quiet">${say('Il y en a de plus anciennes chez : ', 'There are older ones at: ')}${more.join(', ')}.</p>`
  }`
}
