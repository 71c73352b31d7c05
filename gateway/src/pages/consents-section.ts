import type { MeshError } from '@unefois/proto/reasons'
import type { ConsentView } from '../rest/views.js'
import type { Session } from '../session/sessions.js'
import { type Html, html } from './html.js'
import { formToken, type Visit } from './visit.js'

const withdrawal = ({ say, words }: Visit, consent: ConsentView): Html | undefined =>
  consent.withdrawal === null
    ? undefined
    : html`<dt>${say('Retrait', 'Withdrawal')}</dt><dd>${say('enregistré le', 'recorded on')} ${words.instant(
        consent.withdrawal.recordedAt,
      )} ; ${
        consent.withdrawal.inForceAt === null
          ? say('pas encore en vigueur', 'not yet in force')
          : html`${say('en vigueur depuis le', 'in force since')} ${words.instant(consent.withdrawal.inForceAt)}`
      }</dd>`

const oneConsent = (visit: Visit, session: Session, consent: ConsentView): Html => {
  const { say, words } = visit
  const title = `${words.member(consent.requester)} : ${words.purpose(consent.purpose)}`
  return html`<li class="card"><h3>${title}</h3><dl>
<dt>${say('État', 'State')}</dt><dd>${words.consentState(consent.state)}</dd>
${consent.disclosures.map(
  ({ provider, evidenceType, fields }) =>
    html`<dt>${say('Données de', 'Data from')} ${words.member(provider)}</dt><dd>${words.evidenceType(evidenceType)}${
      fields.length > 0 ? html` : ${fields.map((path) => words.field(evidenceType, path)).join(', ')}` : undefined
    }</dd>`,
)}
<dt>${say('Valable', 'Valid')}</dt><dd>${say('du', 'from')} ${words.instant(consent.validFrom)} ${say('au', 'to')} ${words.instant(consent.validUntil)}</dd>
${withdrawal(visit, consent)}
</dl>
${
  consent.state === 'given'
    ? html`<form method="post" action="/consents/${encodeURIComponent(consent.id)}/withdraw">${formToken(session)}
<p><button aria-label="${say('Retirer', 'Withdraw')} : ${title}">${say('Retirer', 'Withdraw')}</button></p></form>`
    : undefined
}</li>`
}

/** A person's consents; or that the consent authority could not be asked. */
export const consentsSection = (visit: Visit, session: Session, consents: readonly ConsentView[] | MeshError): Html => {
  const { say, words } = visit
  const heading = html`<h2 id="consents">${say('Mes consentements', 'My consents')}</h2>`
  if (consents instanceof Error)
    return html`<section aria-labelledby="consents">${heading}<p class="alert">${say(
      'L’autorité de consentement n’a pas répondu.',
      'The consent authority did not answer.',
    )} ${words.reason(consents.reason)}</p></section>`
  return html`<section aria-labelledby="consents">${heading}${
    consents.length === 0
      ? html`<p>${say('Aucun consentement.', 'No consent.')}</p>`
      : html`<ul class="cards">${consents.map((one) => oneConsent(visit, session, one))}</ul>`
  }</section>`
}
