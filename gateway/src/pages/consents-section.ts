import type { MeshError } from '@unefois/proto/reasons'
import type { ConsentView } from '../rest/views.js'
import type { Session } from '../session/sessions.js'
import { dataLine } from './evidence-section.js'
import { type Html, html } from './html.js'
import { formToken, type Visit } from './visit.js'

const hasEnded = new Set<ConsentView['state']>(['withdrawn', 'refused', 'expired'])

const withdrawal = ({ say, words }: Visit, consent: ConsentView): Html | undefined =>
  consent.withdrawal === null
    ? undefined
    : html`<dt>${say('Retrait', 'Withdrawal')}</dt><dd>${say('enregistré le ', 'recorded on ')}${words.second(
        consent.withdrawal.recordedAt,
      )}<br>${
        consent.withdrawal.inForceAt === null
          ? say('pas encore en vigueur : quelques secondes encore', 'not yet in force: a few seconds more')
          : html`${say('en vigueur depuis le ', 'in force since ')}${words.second(consent.withdrawal.inForceAt)}`
      }</dd>`

const withdrawForm = ({ say, words }: Visit, session: Session, { id, purpose, requester }: ConsentView): Html =>
  html`<form method="post" action="/consents/${encodeURIComponent(id)}/withdraw">${formToken(session)}
<p><button class="second">${say('Retirer cet accord', 'Withdraw this consent')}<span class="hidden"> : ${words.purpose(purpose)}, ${words.member(requester)}</span></button></p></form>`

const oneConsent = (visit: Visit, session: Session, consent: ConsentView): Html => {
  const { say, words } = visit
  const isGiven = consent.state === 'given'
  return html`<li class="card"><header><h3>${words.purpose(consent.purpose)}</h3><span class="tag${isGiven ? '' : ' other'}">${words.consentState(consent.state)}</span></header>
<dl>
<dt>${say('Donné à', 'Given to')}</dt><dd>${words.member(consent.requester)}</dd>
${consent.disclosures.map(
  (one) =>
    html`<dt>${say('Données', 'Data')}</dt><dd>${dataLine(visit, one.evidenceType, one)}</dd>
<dt>${say('Auprès de', 'From')}</dt><dd>${words.member(one.provider)}</dd>`,
)}
<dt>${say('Durée', 'Duration')}</dt><dd>${say('du ', 'from ')}${words.day(consent.validFrom)}${say(' au ', ' to ')}${words.day(consent.validUntil)}</dd>
${withdrawal(visit, consent)}
</dl>
${isGiven ? withdrawForm(visit, session, consent) : undefined}</li>`
}

/** A person's consents, those in force first; or that the consent authority could not be asked. */
export const consentsSection = (visit: Visit, session: Session, consents: readonly ConsentView[] | MeshError): Html => {
  const { say } = visit
  const heading = html`<h2 id="consents">${say('Mes accords', 'My consents')}</h2>`
  if (consents instanceof Error)
    return html`<section aria-labelledby="consents">${heading}<p class="alert">${say(
      'L’autorité de consentement n’a pas répondu.',
      'The consent authority did not answer.',
    )} ${say('Vos accords n’ont pas changé ; réessayez plus tard.', 'Your consents are unchanged; try again later.')}</p>
<p class="quiet small">${say('Référence : ', 'Reference: ')}<code>${consents.reason}</code></p></section>`
  const ended = consents.filter(({ state }) => hasEnded.has(state))
  const inForce = consents.filter(({ state }) => !hasEnded.has(state))
  const cards = (some: readonly ConsentView[]): Html =>
    html`<ul class="cards">${some.map((one) => oneConsent(visit, session, one))}</ul>`
  return html`<section aria-labelledby="consents">${heading}${
    inForce.length === 0
      ? html`<p class="card">${say('Aucun accord en cours.', 'No consent in force.')} ${say(
          'Quand vous dites oui à une administration, votre accord est ici, pour le retirer.',
          'When you say yes to a public body, your consent is here, to be withdrawn.',
        )}</p>`
      : cards(inForce)
  }${
    ended.length === 0
      ? undefined
      : html`<details><summary>${say('Accords retirés, refusés ou terminés', 'Consents withdrawn, refused or ended')} (${ended.length})</summary>${cards(ended)}</details>`
  }</section>`
}
