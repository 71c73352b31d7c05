import type { ConsentRequestView, RequestedDisclosure } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { ConsentState } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { consentStateOf, instantOf } from '../rest/views.js'
import { dataList } from './evidence-section.js'
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

const previewLink = (
  visit: Visit,
  view: ConsentRequestView,
  disclosure: RequestedDisclosure,
  portal?: string,
): Html | undefined => {
  if (portal === undefined) return undefined
  const { provider, evidenceType } = disclosure
  const asked = { requester: view.requester, provider, type: evidenceType, purpose: view.purpose }
  const address = new URLSearchParams({ ...asked, request: view.requestId })
  return html`<p><a href="${portal}/preview?${address.toString()}">${visit.say(
    'Voir d’abord les valeurs, sur le portail',
    'See the values first, at the portal',
  )}</a></p>`
}

const disclosureCard = (visit: Visit, view: ConsentRequestView, one: RequestedDisclosure, portal?: string): Html => {
  const { say, words } = visit
  return html`<div class="card"><h3>${words.evidenceType(one.evidenceType)}</h3>
<dl>
<dt>${say('Auprès de', 'From')}</dt><dd>${words.member(one.provider)}</dd>
<dt>${say('Seulement ceci', 'This and no more')}</dt><dd>${dataList(visit, one.evidenceType, one)}</dd>
</dl>${previewLink(visit, view, one, portal)}</div>`
}

const answerForm = (visit: PersonalVisit, view: ConsentRequestView): Html => {
  const { say, words, session } = visit
  const requester = words.member(view.requester)
  return html`<h2>${say('Votre réponse', 'Your answer')}</h2>
<p>${say(
    'Vous êtes libre. Un non n’a aucune conséquence : une autre voie vous est proposée. Un oui se retire à tout moment sur le portail.',
    'You are free. A no has no consequence: another way is offered to you. A yes can be withdrawn at the portal at any time.',
  )}</p>
<form method="post" action="/consent/${encodeURIComponent(view.requestId)}">${formToken(session)}
<div class="choices"><button name="answer" value="yes">${say('Oui, je suis d’accord', 'Yes, I agree')}</button><button name="answer" value="no">${say('Non, je ne suis pas d’accord', 'No, I do not agree')}</button></div></form>
<p class="quiet">${say('Ensuite, vous revenez sur le site de : ', 'Afterwards you go back to the site of: ')}${requester}.</p>`
}

const closed = ({ say, words }: Visit, { state }: ConsentRequestView, portal?: string): Html =>
  html`<p class="note">${words.reason('CONSENT_REQUEST_CLOSED')} ${say('Votre accord : ', 'Your consent: ')}<strong>${words.consentState(consentStateOf(state))}</strong>.${
    portal === undefined
      ? undefined
      : html` <a href="${portal}">${say('Voir ou retirer mes accords', 'See or withdraw my consents')}</a>`
  }</p>`

const question = (visit: PersonalVisit, view: ConsentRequestView, portal?: string): Page => {
  const { say, words } = visit
  const requester = words.member(view.requester)
  const isOpen = view.state === ConsentState.CONSENT_STATE_REQUESTED
  return {
    title: say('Êtes-vous d’accord ?', 'Do you agree?'),
    formTargets: [new URL(view.returnUrl).origin],
    body: html`<p class="lead">${say(
      `${requester} vous demande votre accord. Nous recueillons votre réponse ; nous ne voyons pas vos données, seulement leur nom.`,
      `${requester} asks for your consent. We take your answer; we do not see your data, only what they are called.`,
    )}</p>
${isOpen ? undefined : closed(visit, view, portal)}
<div class="card"><dl>
<dt>${say('Qui demande', 'Who asks')}</dt><dd>${requester}</dd>
<dt>${say('Pour', 'What for')}</dt><dd>${words.purpose(view.purpose)}</dd>
<dt>${say('Combien de temps', 'For how long')}</dt><dd>${words.days(view.durationDays)}${say(' à partir de votre oui', ' from your yes')}</dd>
${isOpen ? html`<dt>${say('Répondre avant le', 'Answer before')}</dt><dd>${words.instant(instantOf(view.expiresAtMs))}</dd>` : undefined}
</dl></div>
<p>${words.purposeText(view.purpose)}</p>
<h2>${say('Quelles données, de qui', 'Which data, from whom')}</h2>
${view.disclosures.map((one) => disclosureCard(visit, view, one, portal))}
${isOpen ? answerForm(visit, view) : undefined}`,
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
    title: say('Vos accords', 'Your consents'),
    body: html`<p class="lead">${say(
      'Ici, et seulement ici, vous répondez oui ou non quand une administration a besoin de votre accord.',
      'Here, and only here, you answer yes or no when a public body needs your consent.',
    )}</p>
<p>${say(
      'Pour répondre à une demande, ouvrez le lien que l’organisme vous a donné. Nous ne voyons jamais vos données, seulement leur nom.',
      'To answer a request, open the link that the body gave you. We never see your data, only what they are called.',
    )}</p>
<p><a class="button" href="${portal() ?? '/'}">${say('Voir ou retirer mes accords', 'See or withdraw my consents')}</a></p>`,
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
