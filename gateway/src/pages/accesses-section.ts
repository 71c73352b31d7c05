import type { AskedMember } from '../asking-members.js'
import type { Accesses } from '../personal-access.js'
import type { AccessView } from '../rest/views.js'
import { dataLine } from './evidence-section.js'
import { type ExchangeSeen, exchangesOf, isSubscription, silentEnd } from './exchanges-seen.js'
import { type Html, html } from './html.js'
import { formToken, type Visit } from './visit.js'

type Outcome = AccessView['outcome']

const tag = ({ say }: Visit, outcome: Outcome): Html => {
  switch (outcome) {
    case 'released':
      return html`<span class="tag">${say('Données transmises', 'Data sent')}</span>`
    case 'refused':
      return html`<span class="tag other">${say('Refusé, rien n’a été transmis', 'Refused, nothing was sent')}</span>`
    case 'no-evidence':
      return html`<span class="tag other">${say('Rien à transmettre', 'Nothing to send')}</span>`
    case 'unconfirmed':
      return html`<span class="tag watch">${say('Sans réponse inscrite', 'No answer on record')}</span>`
    case 'subscribed':
      return html`<span class="tag watch">${say('Averti des changements', 'Told of changes')}</span>`
    case 'change-told':
      return html`<span class="tag watch">${say('Averti d’un changement', 'Told of a change')}</span>`
    case 'subscription-ended':
      return html`<span class="tag other">${say('N’est plus averti', 'Told no more')}</span>`
    case 'unknown':
      return html`<span class="tag watch">${say('Issue inconnue', 'Outcome unknown')}</span>`
  }
}

/** What a record says of the outcome, in a sentence. */
const sentence = ({ say, words }: Visit, { outcome, reason }: Pick<AccessView, 'outcome' | 'reason'>): string => {
  switch (outcome) {
    case 'released':
      return say('Données transmises.', 'Data sent.')
    case 'refused':
      return `${say('Refusé, rien n’a été transmis.', 'Refused, nothing was sent.')} ${words.reason(reason)}`
    case 'no-evidence':
      return say('Rien à transmettre ; une autre voie a été proposée.', 'Nothing to send; another way was offered.')
    case 'unconfirmed':
      return say(
        'Non confirmé : demandé, sans réponse inscrite. Des données ont pu être reçues.',
        'Unconfirmed: asked, and no answer is on record. Data may have been received.',
      )
    case 'subscribed':
      return say(
        'Sera averti quand cette information change, jamais de ce qu’elle contient.',
        'Will be told when this information changes, never what it says.',
      )
    case 'change-told':
      return say(
        'Averti que cette information a changé ; rien de son contenu n’a été transmis.',
        'Told that this information changed; nothing of what it says was sent.',
      )
    case 'subscription-ended':
      return say('N’est plus averti des changements.', 'Is told of changes no more.')
    case 'unknown':
      return say('Issue inconnue.', 'Outcome unknown.')
  }
}

const why = (visit: Visit, { outcome, records }: ExchangeSeen): Html | undefined =>
  outcome === 'released'
    ? undefined
    : html`<p>${[
        ...new Set(
          records
            .filter((record) => record.outcome === outcome)
            .map((record) => (outcome === 'refused' ? visit.words.reason(record.reason) : sentence(visit, record))),
        ),
      ].join(
        ' ',
      )}${outcome === 'refused' ? visit.say(' Vous n’avez rien à faire.', ' There is nothing for you to do.') : undefined}</p>`

const oneRecord = (visit: Visit, record: AccessView): Html => {
  const { say, words } = visit
  const member = words.member(record.member)
  return html`<li><strong>${member}</strong>${say(' : ', ': ')}${words.second(record.at)}. ${sentence(visit, record)}
<br><a href="/accesses/${encodeURIComponent(record.member)}/${encodeURIComponent(record.recordId)}/proof">${say(
    'Télécharger la preuve de cette inscription',
    'Download the proof of this entry',
  )}<span class="hidden"> (${member}, ${words.second(record.at)})</span></a></li>`
}

const silence = ({ say, words }: Visit, exchange: ExchangeSeen, members: readonly AskedMember[]): Html | undefined => {
  const silent = silentEnd(exchange)
  if (silent === undefined) return undefined
  const asked = members.find(({ member }) => member === silent)
  const name = words.member(silent)
  if (!asked)
    return html`<p>${say(
      `Inscrit d’un seul côté : ${name} ne vous connaît pas et n’a donc rien à votre nom.`,
      `On record at one end only: ${name} does not know you, and so has nothing in your name.`,
    )}</p>`
  if (!asked.isReached)
    return html`<p>${say(
      `Inscrit d’un seul côté pour le moment : ${name} n’a pas répondu.`,
      `On record at one end only for now: ${name} did not answer.`,
    )}</p>`
  if (asked.nextPageToken !== undefined)
    return html`<p>${say(
      `Inscrit d’un côté ; l’inscription de ${name} peut être parmi les plus anciennes, non affichées ici.`,
      `On record at one end; the entry of ${name} may be among the older ones, not shown here.`,
    )}</p>`
  return html`<p class="alert">${say(
    `Inscrit d’un seul côté : ${name} n’a pas d’inscription de cet échange. Vous pouvez lui en demander la raison.`,
    `On record at one end only: ${name} has no entry of this exchange. You may ask them why.`,
  )}</p>`
}

/** A search for rights that nobody asked for can be opposed, where its person sees it. */
const opposing = (visit: Visit, { requester, purpose, mode, at }: ExchangeSeen): Html | undefined => {
  const { say, words, session } = visit
  if (mode !== 'proactive' || !session) return undefined
  return html`<form method="post" action="/oppositions">${formToken(session)}
<input type="hidden" name="agency" value="${requester}"><input type="hidden" name="purpose" value="${purpose}">
<p><button class="second">${say('M’y opposer', 'Oppose it')}<span class="hidden"> (${words.purpose(purpose)}, ${words.instant(at)})</span></button></p></form>`
}

const oneExchange = (visit: Visit, exchange: ExchangeSeen, members: readonly AskedMember[]): Html => {
  const { say, words } = visit
  const { evidenceType, records, mode } = exchange
  const missing = silence(visit, exchange, members)
  return html`<li class="card"><header><h3>${words.purpose(exchange.purpose)}</h3>${tag(visit, exchange.outcome)}</header>
<p class="quiet">${words.instant(exchange.at)}</p>
${why(visit, exchange)}<dl>
<dt>${say('Qui a demandé', 'Who asked')}</dt><dd>${words.member(exchange.requester)}</dd>
<dt>${say('À qui', 'Whom')}</dt><dd>${words.member(exchange.provider)}</dd>
${
  isSubscription(exchange)
    ? html`<dt>${say('Être averti de quoi', 'Told of what')}</dt><dd>${words.evidenceType(evidenceType)}</dd>`
    : html`<dt>${say('Quelles données', 'Which data')}</dt><dd>${dataLine(visit, evidenceType, exchange)}</dd>`
}
${mode === 'none' ? undefined : html`<dt>${say('De quel droit', 'By what right')}</dt><dd>${words.mode(mode)}</dd>`}
</dl>
${opposing(visit, exchange)}<details><summary>${
    records.length === 1
      ? say('Inscription et preuve', 'Entry and proof')
      : say('Inscriptions et preuves', 'Entries and proofs')
  } (${records.length})<span class="hidden"> : ${words.purpose(exchange.purpose)}, ${words.instant(exchange.at)}</span></summary>
<ul class="plain">${records.map((record) => oneRecord(visit, record))}</ul>
${missing ?? html`<p class="quiet">${say('Les deux organismes l’ont inscrit.', 'Both bodies have it on record.')}</p>`}
</details></li>`
}

const notReached = ({ say, words }: Visit, { member }: AskedMember): Html =>
  html`<p class="alert"><strong>${words.member(member)}</strong> ${say(
    'n’a pas répondu ; sa liste manque ici. Réessayez plus tard.',
    'did not answer; its list is missing here. Try again later.',
  )}</p>`

const olderLink = ({ say, words }: Visit, { member, nextPageToken }: AskedMember): Html | undefined =>
  nextPageToken === undefined
    ? undefined
    : html`<p><a href="/accesses/${encodeURIComponent(member)}?${new URLSearchParams({ before: nextPageToken }).toString()}">${say(
        'Voir les inscriptions plus anciennes : ',
        'See older entries: ',
      )}${words.member(member)}</a></p>`

/** Uses of a person's data, one entry for each exchange whoever recorded it, and who could not be asked. */
export const usesOf = (visit: Visit, { accesses, members }: Accesses): Html => {
  const { say } = visit
  const exchanges = exchangesOf(accesses)
  return html`${members.filter(({ isReached }) => !isReached).map((asked) => notReached(visit, asked))}
${
  exchanges.length === 0
    ? html`<p class="card">${say('Aucune utilisation inscrite.', 'No use on record.')}</p>`
    : html`<ul class="cards">${exchanges.map((each) => oneExchange(visit, each, members))}</ul>`
}
${members.map((asked) => olderLink(visit, asked))}`
}

const whoWasAsked = ({ say, words }: Visit, members: readonly AskedMember[]): Html =>
  html`<p class="quiet">${say('Organismes qui vous connaissent : ', 'Bodies that know you: ')}${members
    .map(({ member }) => words.member(member))
    .join(', ')}. ${say(
    'Chacun garde sa propre liste, et en donne la preuve.',
    'Each keeps its own list, and gives proof of it.',
  )}</p>`

/** Every use of a person's data; a body that did not answer is named. */
export const accessesSection = (visit: Visit, uses: Accesses): Html =>
  html`<section aria-labelledby="uses"><h2 id="uses">${visit.say('Qui a utilisé mes données', 'Who used my data')}</h2>
${
  uses.members.length === 0
    ? html`<p class="card">${visit.say(
        'Aucun organisme du réseau ne vous connaît : personne n’y a rien demandé sur vous.',
        'No body of the network knows you: nobody there has asked anything about you.',
      )}</p>`
    : html`${whoWasAsked(visit, uses.members)}${usesOf(visit, uses)}`
}</section>`
