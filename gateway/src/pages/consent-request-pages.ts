import type { ConsentRequestView, RequestedDisclosure } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { instantOf } from '../rest/views.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { formToken, type Page, type PersonalVisit, type Visit } from './visit.js'

/** Where the requester's page is told the answer; only at an address that the federation list registers for it. */
const returnAddress = (
  visit: Visit,
  { requester, returnUrl, requestId }: Pick<ConsentRequestView, 'requester' | 'returnUrl' | 'requestId'>,
  consent: 'given' | 'refused',
): string => {
  const registered = visit.words.memberEntry(requester)?.returnUrls ?? []
  if (!registered.includes(returnUrl)) throw new MeshError('RETURN_URL_NOT_REGISTERED')
  const address = new URL(returnUrl)
  address.searchParams.set('consent', consent)
  address.searchParams.set('request', requestId)
  return address.href
}

const dataOf = ({ words }: Visit, { evidenceType, fields, predicates }: RequestedDisclosure): Html =>
  html`<ul class="plain">${fields.map((path) => html`<li>${words.field(evidenceType, path)}</li>`)}${predicates.map(
    (predicate) => html`<li>${words.predicate(evidenceType, predicate)}</li>`,
  )}</ul>`

const previewLink = (
  visit: Visit,
  view: ConsentRequestView,
  disclosure: RequestedDisclosure,
  portal?: string,
): Html | undefined => {
  if (portal === undefined) return undefined
  const { provider, evidenceType } = disclosure
  const asked = { requester: view.requester, provider, type: evidenceType, purpose: view.purpose }
  return html`<p><a href="${portal}/preview?${new URLSearchParams(asked).toString()}">${visit.say(
    'Voir d’abord les valeurs, sur le portail',
    'See the values first, at the portal',
  )}</a></p>`
}

const question = (visit: PersonalVisit, view: ConsentRequestView, portal?: string): Page => {
  const { say, words, session } = visit
  const requester = words.member(view.requester)
  const isOpen = view.state === ConsentState.CONSENT_STATE_REQUESTED
  return {
    title: say(`${requester} demande votre accord`, `${requester} asks for your consent`),
    formTargets: [new URL(view.returnUrl).origin],
    body: html`<dl>
<dt>${say('Qui demande', 'Who asks')}</dt><dd>${requester}</dd>
<dt>${say('Pour', 'What for')}</dt><dd>${words.purpose(view.purpose)}</dd>
<dt>${say('Combien de temps', 'For how long')}</dt><dd>${view.durationDays} ${say('jours', 'days')}</dd>
<dt>${say('Répondre avant le', 'Answer before')}</dt><dd>${words.instant(instantOf(view.expiresAtMs))}</dd>
</dl>
<p>${words.purposeText(view.purpose)}</p>
<h2>${say('Quelles données, de qui', 'Which data, from whom')}</h2>
${view.disclosures.map(
  (one) => html`<div class="card"><h3>${words.evidenceType(one.evidenceType)}, ${words.member(one.provider)}</h3>
${dataOf(visit, one)}${previewLink(visit, view, one, portal)}</div>`,
)}
<h2>${say('Votre réponse', 'Your answer')}</h2>
<p class="note">${say(
      'Vous êtes libre. Un non n’a aucune conséquence : une autre voie vous est proposée. Un oui se retire à tout moment sur le portail.',
      'You are free. A no has no consequence: another way is offered to you. A yes can be withdrawn at the portal at any time.',
    )}</p>
${
  isOpen
    ? html`<form method="post" action="/consent/${encodeURIComponent(view.requestId)}">${formToken(session)}
<div class="choices"><button name="answer" value="yes">${say('Oui', 'Yes')}</button><button name="answer" value="no">${say('Non', 'No')}</button></div></form>`
    : html`<p class="alert">${words.reason('CONSENT_REQUEST_CLOSED')}</p>`
}`,
  }
}

/** The consent authority: the one place where a person says yes or no, to a request that only they can see. */
export const addConsentRequestPages = (door: PageDoor): void => {
  const { consentAuthority } = door.context.neighbours
  const viewOf = async ({ params, session, deadline }: PersonalVisit): Promise<ConsentRequestView> => {
    const requestId = params.requestId ?? ''
    const call = { deadline, accessToken: session.accessToken }
    const { request } = await consentAuthority.getConsentRequest({ requestId }, call)
    if (!request) throw new MeshError('CONSENT_REQUEST_UNKNOWN')
    return request
  }
  const portal = (): string | undefined => door.context.federation.current.memberWithRole('portal').origin

  door.show('/', ({ say }) => ({
    title: say('Autorité de consentement', 'Consent authority'),
    body: html`<p>${say(
      'Ici vous répondez aux demandes d’accord. Ouvrez le lien donné par l’organisme qui vous demande un accord.',
      'Here you answer requests for consent. Open the link given by the body that asks for your consent.',
    )}</p><p><a href="${portal() ?? '/'}">${say('Voir ou retirer mes consentements', 'See or withdraw my consents')}</a></p>`,
  }))
  door.showPersonal('/consent/:requestId', async (visit) => question(visit, await viewOf(visit), portal()))
  door.submit('/consent/:requestId', { answer: z.enum(['yes', 'no']) }, async (visit, { answer }) => {
    const view = await viewOf(visit)
    const { requestId } = view
    const call = { deadline: visit.deadline, accessToken: visit.session.accessToken }
    // Judged before the answer is recorded: an answer that cannot be told would leave the person nowhere.
    const address = returnAddress(visit, view, answer === 'yes' ? 'given' : 'refused')
    if (answer === 'yes') await consentAuthority.grantConsent({ requestId, language: visit.language }, call)
    else await consentAuthority.refuseConsent({ requestId }, call)
    return { redirectTo: address }
  })
}
