import type { ApplicationView } from '../rest/application-views.js'
import { randomSecret } from '../session/secrets.js'
import type { Examined } from './application-examination.js'
import type { ShownApplication } from './application-reading.js'
import {
  applicationPath,
  dataSection,
  type PiecesFault,
  piecesSection,
  receiptSection,
  threadSection,
} from './application-sections.js'
import { isOpen, remediesList, stateInWords, stateTag } from './application-words.js'
import { decisionSection } from './decision-sections.js'
import { type Html, html } from './html.js'
import { formToken, type Page, type PersonalVisit, type Visit } from './visit.js'

/** What has just been done, as the address of the page says; the page says no more than that. */
export interface JustDone {
  readonly deposited?: Examined | undefined
  readonly examined?: Examined | undefined
}

const examinedWords = ({ say }: Visit, examined: Examined): string => {
  switch (examined) {
    case 'asked':
      return say(
        'Nous avons demandé à d’autres organismes ce qu’ils savent déjà ; leurs réponses sont plus bas.',
        'We asked other bodies for what they know already; their answers are below.',
      )
    case 'later':
      return say(
        'Nous n’avons pas encore pu tout demander aux autres organismes. Votre dépôt compte quand même, et vous n’avez rien à redire.',
        'We could not ask the other bodies for everything yet. Your deposit counts all the same, and you need not say anything again.',
      )
    case 'nobody':
      return say('Il n’y a rien à demander à d’autres organismes.', 'There is nothing to ask of other bodies.')
  }
}

/** What was left for later matters no more once the application has ended; the service may have gone on meanwhile. */
const doneNote = (visit: Visit, application: ApplicationView, { deposited, examined }: JustDone): Html | undefined => {
  const of = deposited ?? examined
  const second = of === undefined || (of === 'later' && !isOpen(application)) ? undefined : examinedWords(visit, of)
  const first =
    deposited === undefined
      ? undefined
      : html`<strong>${visit.say('Votre demande est déposée.', 'Your application has been handed in.')}</strong> `
  return first || second ? html`<div class="note" role="status"><p>${first}${second}</p></div>` : undefined
}

const attestationLink = ({ say }: Visit, application: ApplicationView): Html | undefined =>
  application.state === 'accepted-by-silence'
    ? html`<p><a class="button" href="${applicationPath(application, '/attestation')}">${say('Télécharger l’attestation', 'Download the attestation')}</a></p>`
    : undefined

/** Where silence has rejected, what can be done now. */
const silenceSection = (visit: Visit, { state, receipt, clock }: ApplicationView): Html | undefined => {
  const { say, words } = visit
  if (state !== 'rejected-by-silence' || !receipt || receipt.remedies.length === 0) return undefined
  return html`<h2>${say('Si vous n’êtes pas d’accord', 'If you do not agree')}</h2>${
    clock?.dueDay
      ? html`<p>${say('Ces délais partent du ', 'These periods begin on ')}<strong>${words.day(clock.dueDay)}</strong>${say('.', '.')}</p>`
      : undefined
  }${remediesList(visit, receipt.remedies)}`
}

/** Asks again those who did not tell. */
const examinationForm = ({ say, session }: PersonalVisit, application: ApplicationView): Html =>
  html`<form method="post" action="${applicationPath(application, '/examination')}">${formToken(session)}<input type="hidden" name="key" value="${randomSecret()}"><p><button class="second">${say('Demander de nouveau aux autres organismes', 'Ask the other bodies again')}</button></p></form>`

/** One application: where it stands, what is awaited, the acknowledgement, the decision, the file, and the thread. */
export const applicationPage = (
  visit: PersonalVisit,
  shown: ShownApplication,
  done: JustDone = {},
  fault: PiecesFault = 'nothing',
): Page => {
  const { say, words } = visit
  const { application, procedure, decision } = shown
  const wasLeft = [done.deposited, done.examined].includes('later')
  const canAskAgain = isOpen(application) && (wasLeft || application.notObtained.length > 0)
  const title = procedure ? words.print(procedure.title) : application.procedure
  return {
    title: fault === 'nothing' ? title : `${say('À corriger : ', 'To correct: ')}${title}`,
    ...(fault !== 'nothing' && { status: 422 }),
    body: html`${doneNote(visit, application, done)}
<p>${stateTag(visit, application.state)}</p><p class="lead">${stateInWords(visit, application.state)}</p>
${attestationLink(visit, application)}
${decision && decisionSection(visit, application, decision)}
${silenceSection(visit, application)}
${piecesSection(visit, shown, fault)}
${receiptSection(visit, shown)}
${dataSection(visit, shown)}
${canAskAgain ? examinationForm(visit, application) : undefined}
${threadSection(visit, shown)}
${
  isOpen(application)
    ? html`<p><a href="${applicationPath(application, '/withdrawal')}">${say('Retirer cette demande', 'Withdraw this application')}</a></p>`
    : undefined
}
<p><a href="/applications">${say('Voir toutes mes demandes', 'See all my applications')}</a></p>`,
  }
}

/** The question before a withdrawal. */
export const withdrawalPage = ({ say, session }: PersonalVisit, application: ApplicationView): Page => ({
  title: say('Retirer cette demande ?', 'Withdraw this application?'),
  body: html`<p class="lead">${say(
    'Nous arrêterons de l’étudier et nous n’y répondrons pas. Vous pourrez en déposer une autre ; elle portera la date de ce jour-là.',
    'We will stop looking at it and will not answer it. You can hand in another one; it will bear the date of that day.',
  )}</p>
<form method="post" action="${applicationPath(application, '/withdrawal')}">${formToken(session)}<input type="hidden" name="key" value="${randomSecret()}">
<p class="choices"><button>${say('Oui, retirer ma demande', 'Yes, withdraw my application')}</button><a class="button second" href="${applicationPath(application)}">${say('Non, la garder', 'No, keep it')}</a></p></form>`,
})
