import type { PreviewEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { isBasisId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { PersonalAccess } from '../personal-access.js'
import { evidenceView, otherRouteView } from '../rest/views.js'
import { evidenceSection, routesSection } from './evidence-section.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { formToken, type PageAnswer, type PersonalVisit, type Visit } from './visit.js'

const previewed = {
  requester: z.string().min(1).max(40),
  provider: z.string().min(1).max(40),
  type: z.string().min(1).max(64),
  purpose: z.string().min(1).max(64),
}
const wayBack = {
  /** An address registered for the requester, and what it is told besides. */
  return: z.string().max(2000).optional(),
  state: z.string().max(2000).optional(),
}
const basis = z.string().refine(isBasisId, 'not a basis id')
const previewQuery = z.object({
  ...previewed,
  ...wayBack,
  /** The consent request that the person came from, to go back to it. */
  request: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,128}$/)
    .optional(),
  /** The person's own request that waits for this preview. */
  basis: basis.optional(),
})
const answerFields = {
  ...previewed,
  ...wayBack,
  basis,
  version: z.coerce.number().int().nonnegative(),
  answer: z.enum(['yes', 'no']),
}

type Asked = z.infer<typeof previewQuery>

/** Error: RETURN_URL_NOT_REGISTERED for an address that the federation list does not have for the requester. */
const returnAddress = (visit: Visit, asked: Pick<Asked, 'requester' | 'return' | 'state'>): URL | undefined => {
  if (asked.return === undefined) return undefined
  const registered = visit.words.memberEntry(asked.requester)?.returnUrls ?? []
  if (!registered.includes(asked.return)) throw new MeshError('RETURN_URL_NOT_REGISTERED')
  const address = new URL(asked.return)
  if (asked.state !== undefined) address.searchParams.set('state', asked.state)
  return address
}

const backToConsent = ({ say, words }: Visit, request: string | undefined): Html | undefined => {
  const authority = words.withRole('consent-authority')?.origin
  if (request === undefined || authority === undefined) return undefined
  return html`<p><a class="button" href="${authority}/consent/${encodeURIComponent(request)}">${say('Revenir à la demande pour répondre', 'Go back to the request to answer')}</a></p>`
}

const backToRequester = ({ say, words }: Visit, requester: string, address: URL | undefined): Html | undefined =>
  address &&
  html`<p><a class="button" href="${address.href}">${say('Revenir sur le site de : ', 'Go back to the site of: ')}${words.member(requester)}</a></p>`

const hidden = (fields: Readonly<Record<string, string | undefined>>): Html[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}">`],
  )

const answerForm = (visit: PersonalVisit, asked: Asked, version: number): Html => {
  const { say, session } = visit
  const { requester, provider, type, purpose, basis: basisId, return: back, state } = asked
  return html`<h2>${say('Votre réponse', 'Your answer')}</h2>
<p>${say(
    'Vous êtes libre. Un non n’a aucune conséquence : une autre voie vous est proposée.',
    'You are free. A no has no consequence: another way is offered to you.',
  )}</p>
<form method="post" action="/preview">${formToken(session)}${hidden({
    requester,
    provider,
    type,
    purpose,
    basis: basisId,
    version: String(version),
    return: back,
    state,
  })}
<div class="choices"><button name="answer" value="yes">${say('Oui, transmettre ces données', 'Yes, send these data')}</button><button name="answer" value="no">${say('Non, ne rien transmettre', 'No, send nothing')}</button></div></form>`
}

const seen = (visit: Visit, type: string, { outcome }: PreviewEvidenceResponse): Html =>
  outcome?.$case === 'evidence'
    ? evidenceSection(visit, type, evidenceView(outcome.value))
    : html`<p>${visit.say('Rien ne serait transmis. Autres voies :', 'Nothing would be sent. Other ways:')}</p>
${outcome ? routesSection(visit, otherRouteView(outcome.value).routes) : undefined}`

const preview = async (visit: PersonalVisit, personal: PersonalAccess): Promise<PageAnswer> => {
  const { say, words, query, person, deadline } = visit
  const read = previewQuery.safeParse(query)
  if (!read.success)
    throw new MeshError('REQUEST_INVALID', { facts: { field: read.error.issues[0]?.path.join('.') ?? '' } })
  const asked = read.data
  const { requester, provider, type, purpose, request } = asked
  const address = returnAddress(visit, asked)
  const found = await personal.preview({ requester, provider, evidenceType: type, purpose }, person, deadline)
  const isToAnswer = asked.basis !== undefined && found.outcome?.$case === 'evidence'
  return {
    title: say('Ce qui serait transmis', 'What would be sent'),
    ...(address && { formTargets: [address.origin] }),
    body: html`<p class="note">${say(
      'Ces valeurs ne sont montrées qu’à vous ; cet aperçu ne transmet rien.',
      'These values are shown to you alone; this preview sends nothing.',
    )}</p>
<section class="card"><h2>${words.evidenceType(type)}</h2>
${seen(visit, type, found)}</section>
<dl>
<dt>${say('De', 'From')}</dt><dd>${words.member(provider)}</dd>
<dt>${say('À qui', 'To whom')}</dt><dd>${words.member(requester)}</dd>
<dt>${say('Pour', 'For')}</dt><dd>${words.purpose(purpose)}</dd>
</dl>
${backToConsent(visit, request)}${
  isToAnswer && found.outcome?.$case === 'evidence'
    ? answerForm(visit, asked, found.outcome.value.version)
    : backToRequester(visit, requester, address)
}`,
  }
}

const answered = (visit: Visit, answer: 'yes' | 'no', validUntil: string): PageAnswer => {
  const { say, words } = visit
  return {
    title: say('Votre réponse est enregistrée', 'Your answer is recorded'),
    body: html`<p class="lead">${
      answer === 'yes'
        ? html`${say('Vous avez dit oui. Cela vaut jusqu’au ', 'You said yes. That counts until ')}${words.instant(validUntil)}.`
        : say('Vous avez dit non. Rien ne sera transmis.', 'You said no. Nothing will be sent.')
    }</p>
<p>${say('Vous pouvez fermer cette page et reprendre votre démarche.', 'You may close this page and go on with your procedure.')}</p>
<p><a class="button" href="/">${say('Voir ma page', 'See my page')}</a></p>`,
  }
}

/** What a release would contain, for the person alone; where a request of their own waits for it, their answer. */
export const addPreviewPages = (door: PageDoor, personal: PersonalAccess): void => {
  door.showPersonal('/preview', (visit) => preview(visit, personal))
  door.submit('/preview', answerFields, async (visit, fields) => {
    const { requester, provider, type: evidenceType, purpose, basis: basisId, version: evidenceVersion } = fields
    // Judged before the answer is recorded, so that nobody is left without a way back.
    const address = returnAddress(visit, fields)
    const answer = fields.answer === 'yes' ? 'confirmed' : 'declined'
    const { validUntil } = await personal.answerPreview(
      { requester, provider, evidenceType, purpose, basisId, answer, evidenceVersion },
      visit.person,
      visit.deadline,
    )
    return address ? { redirectTo: address.href } : answered(visit, fields.answer, validUntil)
  })
}
