import type { ApplicationView } from '../rest/application-views.js'
import { randomSecret } from '../session/secrets.js'
import { fieldTitle, mostCharacters } from './application-form.js'
import type { ShownApplication } from './application-reading.js'
import { clockInWords, factInWords, handInWords, isOpen, remediesList, writtenIn } from './application-words.js'
import { routesSection } from './evidence-section.js'
import { type Html, html } from './html.js'
import { typeset } from './typography.js'
import { formToken, type PersonalVisit, type Visit } from './visit.js'

/** A form can ask for so many pieces. */
export const mostPieces = 60
export const mostMessageCharacters = 4000

export const applicationPath = ({ applicationId }: Pick<ApplicationView, 'applicationId'>, further = ''): string =>
  `/applications/${encodeURIComponent(applicationId)}${further}`

const titleOf = ({ words }: Visit, { procedure }: ShownApplication, id: string): string => {
  const field = procedure?.fields.find((one) => one.id === id)
  return field ? words.print(field.title) : id
}

/** What is awaited of the person, by field, each once. */
export const awaitedFields = ({ corrections }: ApplicationView): readonly string[] =>
  [...new Set(corrections.filter(({ resolvedAt }) => resolvedAt === null).flatMap(({ fields }) => fields))].slice(
    0,
    mostPieces,
  )

/** What is not right about pieces that were sent. */
export type PiecesFault = 'nothing' | 'nothing-added'

/** What is missing or wrong, until when, and a form to add it. */
export const piecesSection = (visit: PersonalVisit, shown: ShownApplication, fault: PiecesFault): Html | undefined => {
  const { say, words, session } = visit
  const { application } = shown
  const open = application.corrections.filter(({ resolvedAt }) => resolvedAt === null)
  const fields = awaitedFields(application)
  if (open.length === 0 || !isOpen(application)) return undefined
  return html`<h2 id="pieces">${say('Ce que nous attendons de vous', 'What we wait for from you')}</h2>
${open.map(
  (
    one,
  ) => html`<section class="card"><h3>${one.isIncomplete ? say('Il manque', 'Missing') : say('À corriger', 'To correct')}</h3>
<p class="said"${writtenIn(visit, application)}>${typeset(one.what)}</p>
<ul class="plain">${one.fields.map((field) => html`<li>${titleOf(visit, shown, field)}</li>`)}</ul>
<p>${say('Jusqu’au ', 'Until ')}<strong>${words.day(one.untilDay)}</strong>. <span class="quiet">${handInWords(visit, one.by)}</span></p></section>`,
)}
${
  fault === 'nothing-added'
    ? html`<div class="alert" role="alert"><p><a href="#value0">${say('Écrivez au moins une chose', 'Write at least one thing')}</a></p></div>`
    : undefined
}
<form method="post" action="${applicationPath(application, '/pieces')}">${formToken(session)}<input type="hidden" name="key" value="${randomSecret()}">
${fields.map(
  (field, at) =>
    html`<input type="hidden" name="field${at}" value="${field}"><div class="field"><label for="value${at}">${titleOf(visit, shown, field)}</label><textarea id="value${at}" name="value${at}" rows="2" maxlength="${mostCharacters}">${application.entries[field] ?? ''}</textarea></div>`,
)}
<p class="quiet">${say('Un document se remet au guichet ou par courrier, avec la référence de votre demande.', 'A document is handed in at the counter or by post, with the reference of your application.')}</p>
<p><button>${say('Envoyer', 'Send')}</button></p></form>`
}

/** The acknowledgement (CRPA R112-5, R112-11-1), to keep. */
export const receiptSection = (visit: Visit, { application }: ShownApplication): Html | undefined => {
  const { say, words } = visit
  const { receipt } = application
  if (!receipt) return undefined
  const isWaiting = isOpen(application)
  return html`<h2>${say('Votre accusé de réception', 'Your acknowledgement')}</h2><section class="card"><dl>
<dt>${say('Reçue le', 'Received on')}</dt><dd>${words.second(receipt.receivedAt)}</dd>
<dt>${say('Service chargé du dossier', 'Service in charge')}</dt><dd>${words.print(receipt.service)}<br>${typeset(receipt.address)}<br>${say('Téléphone : ', 'Telephone: ')}${typeset(receipt.telephone)}</dd>
<dt>${say('Référence', 'Reference')}</dt><dd><code>${application.applicationId}</code></dd></dl>
${clockInWords(visit, isWaiting ? application.clock : null)}
${
  isWaiting && receipt.isAttestable
    ? html`<p>${say('Si notre silence vaut un oui, vous pourrez télécharger ici une attestation.', 'If our silence becomes a yes, you can download an attestation here.')}</p>`
    : undefined
}${
  !isWaiting || receipt.remedies.length === 0
    ? undefined
    : html`<p>${say('Si notre silence vaut un non, vous pourrez :', 'If our silence becomes a no, you can:')}</p>${remediesList(visit, receipt.remedies)}`
}
<p><a href="${applicationPath(application, '/receipt')}">${say('Télécharger l’accusé signé', 'Download the signed acknowledgement')}</a> <span class="quiet small">${say('(fichier JWS, vérifiable sans nous)', '(JWS file, to be verified without us)')}</span></p></section>`
}

/** What the person said, what others told, and who did not. */
export const dataSection = (visit: Visit, shown: ShownApplication): Html | undefined => {
  const { say, words } = visit
  const { application, questions } = shown
  const { entries, facts, used } = application
  const notObtained = isOpen(application) ? application.notObtained : []
  const said = [
    ...Object.entries(entries).map(
      ([field, text]) => html`<dt>${titleOf(visit, shown, field)}</dt><dd class="said">${text}</dd>`,
    ),
    ...Object.entries(facts).map(
      ([name, value]) =>
        html`<dt>${typeset(questions.get(name)?.question ?? name)}</dt><dd>${factInWords(visit, value, questions.get(name))}</dd>`,
    ),
  ]
  const told = used.flatMap(({ name, value, evidence }) =>
    evidence
      ? html`<tr><th scope="row">${fieldTitle(visit, evidence.source.evidenceType, evidence.source.field)}<br><span class="quiet small">${words.member(evidence.provider)}, ${say('situation au ', 'as known on ')}${words.day(evidence.asOf)}</span></th><td>${factInWords(visit, value, questions.get(name))}</td></tr>`
      : [],
  )
  if (said.length + told.length + notObtained.length === 0) return undefined
  return html`<h2>${say('Ce qu’il y a dans votre dossier', 'What is in your file')}</h2>
${said.length === 0 ? undefined : html`<section class="card"><h3>${say('Ce que vous avez dit', 'What you said')}</h3><dl>${said}</dl></section>`}
${
  told.length === 0
    ? undefined
    : html`<section class="card"><h3>${say('Ce que d’autres organismes nous ont dit', 'What other bodies told us')}</h3><table><thead><tr><th scope="col">${say('Donnée', 'Data')}</th><th scope="col">${say('Valeur', 'Value')}</th></tr></thead><tbody>${told}</tbody></table></section>`
}${notObtained.map(
  (
    one,
  ) => html`<section class="card"><h3>${words.evidenceType(one.evidenceType)}</h3><p class="quiet">${say('Auprès de : ', 'From: ')}${words.member(one.provider)}</p>
<p class="note">${notObtainedInWords(visit, one)} ${say('Ce n’est pas un refus : voici comment continuer, au choix.', 'This is no refusal: here is how to go on, as you choose.')}</p>
${routesSection(visit, words.routesOf(one.evidenceType))}</section>`,
)}`
}

const notObtainedInWords = ({ say, words }: Visit, one: ApplicationView['notObtained'][number]): string => {
  switch (one.why) {
    case 'other-route':
      return say('Cet organisme n’a pas pu nous répondre.', 'This body could not answer us.')
    case 'pending':
      return say('La réponse viendra plus tard.', 'The answer will come later.')
    case 'refused':
      return `${say('Rien n’a été transmis.', 'Nothing was sent.')} ${words.reason(one.reason)}`
    case 'unfit':
      return say('La réponse ne peut pas être utilisée.', 'The answer cannot be used.')
  }
}

/** The one thread of an application, and while it is open a form to write. */
export const threadSection = (visit: PersonalVisit, { application }: ShownApplication): Html | undefined => {
  const { say, words, session } = visit
  const { messages } = application
  if (messages.length === 0 && !application.takesMessages) return undefined
  return html`<h2 id="messages">${say('Messages à propos de cette demande', 'Messages about this application')}</h2>
${
  messages.length === 0
    ? undefined
    : html`<ol class="cards">${messages.map(
        ({ at, from, text }) =>
          html`<li class="card"><p class="quiet">${handInWords(visit, from)}, ${words.instant(at)}</p><p class="said">${text}</p></li>`,
      )}</ol>`
}${
  application.takesMessages
    ? html`<form method="post" action="${applicationPath(application, '/messages')}">${formToken(session)}<input type="hidden" name="key" value="${randomSecret()}">
<div class="field"><label for="text">${say('Votre message', 'Your message')}</label><textarea id="text" name="text" rows="5" maxlength="${mostMessageCharacters}" required></textarea></div>
<p><button>${say('Envoyer le message', 'Send the message')}</button></p></form>`
    : undefined
}`
}
