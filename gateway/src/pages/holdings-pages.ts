import { isMemberId } from '@unefois/proto/ids'
import { z } from 'zod'
import type { FromMembers } from '../asking-members.js'
import { OwnEvidence } from '../own-evidence.js'
import type { ContestView, HoldingView } from '../rest/correction-views.js'
import { randomSecret } from '../session/secrets.js'
import { evidenceSection, routesSection } from './evidence-section.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { formToken, type PersonalVisit, type Visit } from './visit.js'

const mostCharacters = 2000

const receivedFrom = ({ say, words }: Visit, { received }: HoldingView): Html | undefined =>
  received === null
    ? undefined
    : html`<dl>
<dt>${say('Reçu de', 'Received from')}</dt><dd>${words.member(received.provider)}, ${words.day(received.receivedAt)}</dd>
<dt>${say('Pour', 'For')}</dt><dd>${words.purpose(received.purpose)}</dd>
<dt>${say('Effacé le', 'Deleted on')}</dt><dd>${words.day(received.keepUntil)}</dd>
</dl>${
        received.isCorrected
          ? html`<p class="alert">${say(
              'L’organisme qui l’a fourni l’a corrigé depuis ; celui-ci en est averti.',
              'The body that provided it has corrected it since; this one has been told.',
            )}</p>`
          : undefined
      }`

const valueShown = (visit: Visit, holding: HoldingView): Html => {
  const { say } = visit
  const { value, asOf, isReached, isValueLeftOut, evidenceType, received } = holding
  if (!isReached)
    return html`<p class="note">${say('Son fichier n’a pas répondu maintenant.', 'Its register did not answer just now.')}</p>`
  if (isValueLeftOut || value === null || asOf === null)
    return html`<p class="note">${say(
      'Trop long pour cette page : demandez-le à l’organisme.',
      'Too long for this page: ask the body for it.',
    )}</p>`
  return evidenceSection(visit, evidenceType, { value, asOf, predicates: received?.predicates ?? [] })
}

const contestForm = (visit: PersonalVisit, { agency, evidenceType, version }: HoldingView, at: number): Html => {
  const { say, words, session } = visit
  return html`<details><summary>${say('Signaler une erreur', 'Report an error')}<span class="hidden"> : ${words.evidenceType(evidenceType)}, ${words.member(agency)}</span></summary>
<form method="post" action="/contests">${formToken(session)}
<input type="hidden" name="key" value="${randomSecret()}"><input type="hidden" name="agency" value="${agency}"><input type="hidden" name="type" value="${evidenceType}"><input type="hidden" name="version" value="${String(version)}">
<p><label for="statement${at}">${say('Ce qui est faux, avec vos mots', 'What is wrong, in your own words')}</label><textarea id="statement${at}" name="statement" rows="4" maxlength="${mostCharacters}" required></textarea></p>
<p><button class="second">${say('Envoyer à cet organisme', 'Send to this body')}</button></p></form></details>`
}

const oneHolding = (visit: PersonalVisit, holding: HoldingView, at: number): Html => {
  const { say, words } = visit
  const { agency, evidenceType, received, version } = holding
  const isItsOwn = received === null && version !== null && version > 0
  return html`<li class="card"><header><h3>${words.evidenceType(evidenceType)}</h3><span class="tag${received ? ' other' : ''}">${
    received ? say('Reçu d’un autre', 'Received from another') : say('Dans son fichier', 'In its own file')
  }</span></header>
<p class="quiet">${words.member(agency)}</p>
${receivedFrom(visit, holding)}${valueShown(visit, holding)}${isItsOwn ? contestForm(visit, holding, at) : undefined}</li>`
}

const answerTo = (visit: Visit, { upheld, answeredAt }: ContestView): Html | undefined => {
  const { say, words } = visit
  if (answeredAt === null) return undefined
  return html`<dt>${say('Réponse', 'Answer')}</dt><dd>${words.day(answeredAt)}${
    upheld ? html` : ${upheld.reasons}<br>${upheld.remedies}${routesSection(visit, upheld.routes)}` : undefined
  }</dd>`
}

const oneContest = (visit: Visit, contest: ContestView): Html => {
  const { say, words } = visit
  const states: Readonly<Record<ContestView['state'], string>> = {
    open: say('En attente d’une réponse', 'Waiting for an answer'),
    corrected: say('Corrigé', 'Corrected'),
    upheld: say('Maintenu', 'Upheld'),
    unknown: say('État inconnu', 'State unknown'),
  }
  return html`<li class="card"><header><h3>${words.evidenceType(contest.evidenceType)}</h3><span class="tag">${states[contest.state]}</span></header>
<dl><dt>${say('Organisme', 'Body')}</dt><dd>${words.member(contest.agency)}</dd>
<dt>${say('Signalé le', 'Reported on')}</dt><dd>${words.day(contest.contestedAt)}</dd>
<dt>${say('Vos mots', 'Your words')}</dt><dd>${contest.statement}</dd>${answerTo(visit, contest)}</dl></li>`
}

const unreached = ({ say, words }: Visit, { members }: FromMembers<unknown>): Html | undefined => {
  const silent = members.filter(({ isReached }) => !isReached).map(({ member }) => words.member(member))
  return silent.length === 0
    ? undefined
    : html`<p class="alert">${say('N’ont pas répondu : ', 'Did not answer: ')}${silent.join(', ')}. ${say(
        'Réessayez plus tard.',
        'Try again later.',
      )}</p>`
}

/** What each agency holds about the person, read from it now, and the errors that they reported. */
export const addHoldingsPages = (door: PageDoor): void => {
  const own = new OwnEvidence(door.context)
  door.showPersonal('/holdings', async (visit) => {
    const { say, person, session, deadline } = visit
    const [holdings, contests] = await Promise.all([
      own.holdings(person, session.accessToken, deadline),
      own.contests(person, session.accessToken, deadline),
    ])
    return {
      title: say('Ce que les organismes ont sur moi', 'What public bodies hold about me'),
      body: html`<p class="lead">${say(
        'Lu maintenant auprès de chaque organisme qui vous connaît. Rien n’en est gardé ici.',
        'Read just now from each body that knows you. Nothing of it is kept here.',
      )}</p>${unreached(visit, holdings)}${
        holdings.found.length === 0
          ? html`<p class="card">${say('Aucun organisme ne tient de justificatif sur vous.', 'No body holds evidence about you.')}</p>`
          : html`<ul class="cards">${holdings.found.map((one, at) => oneHolding(visit, one, at))}</ul>`
      }${
        contests.found.length === 0
          ? undefined
          : html`<h2>${say('Erreurs que j’ai signalées', 'Errors that I reported')}</h2><ul class="cards">${contests.found.map((one) => oneContest(visit, one))}</ul>`
      }<p><a href="/">${say('Retour à ma page', 'Back to my page')}</a></p>`,
    }
  })
  const contested = {
    key: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    agency: z.string().max(40).refine(isMemberId),
    type: z.string().min(1).max(64),
    version: z.coerce.number().int().min(1),
    statement: z.string().trim().min(1).max(mostCharacters),
  }
  door.submit('/contests', contested, async (visit, { key, type, ...sent }) => {
    const { say, words, person, deadline } = visit
    const { contestedAt } = await own.contest({ ...sent, evidenceType: type, field: '' }, person, key, deadline)
    return {
      title: say('Votre signalement est envoyé', 'Your report has been sent'),
      body: html`<p class="lead">${say('Une personne de l’organisme va vous répondre.', 'Somebody at the body will answer you.')}</p>
<div class="card"><dl><dt>${say('Organisme', 'Body')}</dt><dd>${words.member(sent.agency)}</dd>
<dt>${say('Justificatif', 'Evidence')}</dt><dd>${words.evidenceType(type)}</dd>
<dt>${say('Enregistré le', 'Recorded on')}</dt><dd>${words.second(contestedAt)}</dd></dl></div>
<p>${say(
        'S’il corrige, tous ceux qui avaient reçu la donnée fausse en sont avertis.',
        'If it corrects, all who had received the wrong data are told.',
      )}</p>
<p><a class="button" href="/holdings">${say('Voir ce qu’ils ont sur moi', 'See what they hold about me')}</a></p>`,
    }
  })
}
