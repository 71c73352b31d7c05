import { setTimeout as wait } from 'node:timers/promises'
import { nowSeconds } from '@unefois/chassis/clock'
import type { Authorisation } from '@unefois/proto/federation-list'
import { ConsentState, type GetConsentOutcomeResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { isBasisId, isMemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { previewAddress } from '../preview-address.js'
import { consentStateOf } from '../rest/views.js'
import { randomSecret } from '../session/secrets.js'
import { bookingCard } from './booking-card.js'
import { offeredIfAny } from './booking-reading.js'
import { routesSection } from './evidence-section.js'
import { guideCards, publishedProcedures } from './guide-pages.js'
import { addHonourPages } from './honour-pages.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { type Procedure, proceduresOf } from './procedure.js'
import { askAsWanted, askWithConsent, recordWanted, tellAndAsk, type WantedBases } from './procedure-exchanges.js'
import { answersSection, consentSection, noticeSection, wantedSection } from './procedure-sections.js'
import type { Page, PersonalVisit, Visit } from './visit.js'

const key = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
/** The answer comes by a message of the consent authority, which may be a moment behind the person. */
const patienceMs = 2000
const pauseMs = 100

const mostBases = 20
/** What a page of ours gave along when it sent the person to the portal: `provider~basis id`, with commas between. */
const writeBases = (bases: WantedBases): string =>
  bases.map(({ provider, basisId }) => `${provider}~${basisId}`).join(',')
/** Each is the person's own or refused where it is used. Error: REQUEST_INVALID. */
const readBases = (state: string): WantedBases => {
  const bases = state.split(',').map((one) => one.split('~'))
  return bases.map(([provider = '', basisId = '', ...rest]) => {
    if (bases.length > mostBases || !isMemberId(provider) || !isBasisId(basisId) || rest.length > 0)
      throw new MeshError('REQUEST_INVALID', { facts: { field: 'state' } })
    return { provider, basisId }
  })
}

const oneProcedure = ({ say, words }: Visit, { purpose, told, asked, wanted }: Procedure): Html => {
  const all = [...told, ...asked, ...wanted]
  const sources = [...new Set(all.map(({ provider }) => words.member(provider)))].join(', ')
  return html`<li class="card"><h2><a href="/procedures/${encodeURIComponent(purpose)}">${words.purpose(purpose)}</a></h2>
<p>${say('Nous demandons à votre place : ', 'We ask in your place: ')}${[
    ...new Set(all.map(({ evidenceType }) => words.evidenceType(evidenceType))),
  ].join(', ')} (${sources}).</p>
<p><span class="tag">${
    asked.length > 0
      ? say('Seulement si vous êtes d’accord', 'Only if you agree')
      : wanted.length > 0
        ? say('À votre demande, après aperçu', 'At your request, after a preview')
        : say('Prévu par la loi, rien à signer', 'Provided by law, nothing to sign')
  }</span></p></li>`
}

const addHome = (door: PageDoor, procedures: () => Procedure[]): void =>
  door.show('/', async (visit) => {
    const { say } = visit
    const offered = procedures()
    const [published, bookable] = await Promise.all([publishedProcedures(door, visit), offeredIfAny(door, visit)])
    return {
      title: say('Vos démarches', 'Your procedures'),
      body: html`${
        offered.length === 0
          ? published.length + bookable.length > 0
            ? undefined
            : html`<p class="lead">${say(
                'Il n’y a pas de démarche en ligne ici pour le moment. Venez au guichet ou appelez-nous.',
                'There is no procedure online here at the moment. Come to the counter or call us.',
              )}</p>`
          : html`<p class="lead">${say(
              'Ce qu’une autre administration sait déjà, nous le lui demandons : vous ne le redites pas.',
              'What another public body knows already, we ask of it: you need not say it again.',
            )}</p>
<ul class="cards">${offered.map((one) => oneProcedure(visit, one))}</ul>`
      }${published.length > 0 ? guideCards(visit, published) : undefined}${bookable.length > 0 ? bookingCard(visit, bookable) : undefined}`,
    }
  })

const procedurePage = (visit: Visit, procedure: Procedure): Page => ({
  title: visit.words.purpose(procedure.purpose),
  body: html`<p class="lead">${visit.words.purposeText(procedure.purpose)}</p>
${procedure.told.length > 0 ? noticeSection(visit, procedure, randomSecret()) : undefined}
${procedure.asked.length > 0 ? consentSection(visit, procedure, randomSecret()) : undefined}
${procedure.wanted.length > 0 ? wantedSection(visit, procedure, randomSecret()) : undefined}`,
})

const outcomePage = (visit: Visit, procedure: Procedure, state: ConsentState): Page => {
  const { say, words, path } = visit
  const isWaiting = state === ConsentState.CONSENT_STATE_REQUESTED
  const types = [...new Set(procedure.asked.map(({ evidenceType }) => evidenceType))]
  return {
    title: words.purpose(procedure.purpose),
    body: html`<p class="lead">${
      state === ConsentState.CONSENT_STATE_REFUSED
        ? say('Vous avez dit non.', 'You said no.')
        : html`${say('Votre accord : ', 'Your consent: ')}<strong>${words.consentState(consentStateOf(state))}</strong>.`
    }</p>
${
  isWaiting
    ? html`<p>${say(
        'Votre réponse n’est pas encore arrivée jusqu’à nous.',
        'Your answer has not reached us yet.',
      )}</p><p><a class="button" href="${path}">${say('Regarder de nouveau', 'Look again')}</a></p>`
    : html`<p>${say(
        'Rien n’a été demandé ni transmis, et cela n’a aucune conséquence. Votre démarche continue autrement, au choix :',
        'Nothing was asked for or sent, and that has no consequence. Your procedure goes on another way, as you choose:',
      )}</p>
${types.map((type) => routesSection(visit, words.routesOf(type)))}`
}
<p><a href="/procedures/${encodeURIComponent(procedure.purpose)}">${say('Revenir à la démarche', 'Back to the procedure')}</a></p>`,
  }
}

/** An agency's own pages: its procedures, what each asks from others, and what was obtained. */
export const addProcedurePages = (door: PageDoor): void => {
  const { neighbours, federation, clock, config } = door.context
  const procedures = (): Procedure[] => proceduresOf(federation.current, config.member, nowSeconds(clock))
  const procedureOf = (purpose: string | undefined): Procedure => {
    const found = procedures().find((one) => one.purpose === purpose)
    if (!found) throw new MeshError('PURPOSE_NOT_AUTHORISED')
    return found
  }
  const asking = ({ person, session, deadline }: PersonalVisit, formKey: string) => ({
    subject: person.subject,
    accessToken: session.accessToken,
    deadline,
    key: formKey,
  })
  const authorityOrigin = (): string => federation.current.memberWithRole('consent-authority').origin ?? ''

  const settled = async (
    requestId: string,
    { session, deadline }: PersonalVisit,
  ): Promise<GetConsentOutcomeResponse> => {
    const call = { deadline, accessToken: session.accessToken }
    const untilMs = clock.monotonicMs() + patienceMs
    for (;;) {
      const outcome = await neighbours.consent.getConsentOutcome({ requestId }, call)
      if (outcome.state !== ConsentState.CONSENT_STATE_REQUESTED || clock.monotonicMs() >= untilMs) return outcome
      await wait(pauseMs)
    }
  }
  const returned = async (visit: PersonalVisit, procedure: Procedure, requestId: string): Promise<Page> => {
    const { state, bases } = await settled(requestId, visit)
    if (state !== ConsentState.CONSENT_STATE_GIVEN) return outcomePage(visit, procedure, state)
    const answers = await askWithConsent(neighbours, procedure, bases, asking(visit, randomSecret()))
    return { title: visit.words.purpose(procedure.purpose), body: answersSection(visit, answers) }
  }

  const asWanted = async (visit: PersonalVisit, procedure: Procedure, bases: WantedBases): Promise<Page> => {
    const { purpose } = procedure
    const back = { returnUrl: `${config.publicUrl}/procedures/${purpose}`, state: writeBases(bases) }
    const previewOf = ({ provider, evidenceType }: Authorisation, basisId: string) =>
      previewAddress(federation.current, { requester: config.member, provider, evidenceType, purpose, basisId }, back)
    const answers = await askAsWanted(neighbours, procedure, bases, asking(visit, randomSecret()), previewOf)
    return { title: visit.words.purpose(purpose), body: answersSection(visit, answers) }
  }

  addHome(door, procedures)
  addHonourPages(door, procedureOf)

  // The consent authority sends people back here with the id of the request, and the portal with what we gave along; the rest
  // of the address is not believed.
  door.show('/procedures/:purpose', async (visit, personal) => {
    const procedure = procedureOf(visit.params.purpose)
    const { request, state } = visit.query
    if (typeof state === 'string') return asWanted(personal(), procedure, readBases(state))
    if (typeof request === 'string') return returned(personal(), procedure, request)
    return { ...procedurePage(visit, procedure), formTargets: [authorityOrigin()] }
  })

  door.submit('/procedures/:purpose/notice', { key }, async (visit, fields) => {
    const procedure = procedureOf(visit.params.purpose)
    const answers = await tellAndAsk(neighbours, procedure, visit.language, asking(visit, fields.key))
    return { title: visit.words.purpose(procedure.purpose), body: answersSection(visit, answers) }
  })

  door.submit('/procedures/:purpose/request', { key }, async (visit, fields) => {
    const procedure = procedureOf(visit.params.purpose)
    if (procedure.wanted.length === 0) throw new MeshError('PURPOSE_NOT_AUTHORISED')
    const bases = await recordWanted(neighbours, procedure, visit.language, asking(visit, fields.key))
    const state = new URLSearchParams({ state: writeBases(bases) })
    return { redirectTo: `/procedures/${encodeURIComponent(procedure.purpose)}?${state.toString()}` }
  })

  const daysField = z.enum(['1', '30', '90'])
  door.submit('/procedures/:purpose/consent-request', { key, days: daysField }, async (visit, fields) => {
    const { purpose, asked } = procedureOf(visit.params.purpose)
    const { authorityUrl } = await neighbours.consent.openConsentRequest(
      {
        subject: visit.person.subject,
        purpose,
        providers: [...new Set(asked.map(({ provider }) => provider))],
        evidenceTypes: [...new Set(asked.map(({ evidenceType }) => evidenceType))],
        durationDays: Number(fields.days),
        returnUrl: `${config.publicUrl}/procedures/${purpose}`,
      },
      { deadline: visit.deadline, accessToken: visit.session.accessToken, idempotencyKey: fields.key },
    )
    if (!URL.canParse(authorityUrl) || new URL(authorityUrl).origin !== authorityOrigin())
      throw new MeshError('INTERNAL', { cause: 'the consent authority named an address that is not its own' })
    return { redirectTo: authorityUrl }
  })
}
