import type { Accesses, AskedMember } from '../personal-access.js'
import type { AccessView } from '../rest/views.js'
import { type Html, html } from './html.js'
import type { Visit } from './visit.js'

const outcome = ({ say, words }: Visit, { outcome: what, reason }: AccessView): string => {
  switch (what) {
    case 'released':
      return say('Données transmises', 'Data sent')
    case 'refused':
      return say(
        `Refusé, rien n’a été transmis. ${words.reason(reason)}`,
        `Refused, nothing was sent. ${words.reason(reason)}`,
      )
    case 'no-evidence':
      return say('Rien à transmettre ; une autre voie a été proposée', 'Nothing to send; another way was offered')
    case 'unconfirmed':
      return say(
        'Non confirmé : demandé, sans réponse enregistrée. Des données ont pu être reçues.',
        'Unconfirmed: asked, and no answer is on record. Data may have been received.',
      )
    case 'unknown':
      return say('Inconnu', 'Unknown')
  }
}

const oneAccess = (visit: Visit, access: AccessView): Html => {
  const { say, words } = visit
  const { evidenceType, fields, predicates } = access
  const data = [
    ...fields.map((path) => words.field(evidenceType, path)),
    ...predicates.map((predicate) => words.predicate(evidenceType, predicate)),
  ]
  return html`<li class="card"><dl>
<dt>${say('Quand', 'When')}</dt><dd>${words.instant(access.at)}</dd>
<dt>${say('Qui a demandé', 'Who asked')}</dt><dd>${words.member(access.requester)}</dd>
<dt>${say('À qui', 'Whom')}</dt><dd>${words.member(access.provider)}</dd>
<dt>${say('Pour', 'What for')}</dt><dd>${words.purpose(access.purpose)}</dd>
<dt>${say('Quelles données', 'Which data')}</dt><dd>${words.evidenceType(evidenceType)}${
    data.length > 0 ? html` : ${data.join(', ')}` : undefined
  }</dd>
<dt>${say('Sur quel fondement', 'On which basis')}</dt><dd>${words.mode(access.mode)}</dd>
<dt>${say('Résultat', 'Outcome')}</dt><dd>${outcome(visit, access)}</dd>
<dt>${say('Preuve', 'Proof')}</dt><dd><a href="/accesses/${encodeURIComponent(access.member)}/${encodeURIComponent(access.recordId)}/proof">${say(
    'Télécharger la preuve de cette inscription',
    'Download the proof of this entry',
  )}</a></dd>
</dl></li>`
}

const oneMember = (visit: Visit, asked: AskedMember, accesses: readonly AccessView[]): Html => {
  const { say, words } = visit
  const own = accesses.filter(({ member }) => member === asked.member)
  const heading = html`<h3>${say('Selon', 'According to')} ${words.member(asked.member)}</h3>`
  if (!asked.isReached)
    return html`${heading}<p class="alert">${say(
      'Cet organisme n’a pas répondu ; sa liste manque ici. Réessayez plus tard.',
      'This body did not answer; its list is missing here. Try again later.',
    )}</p>`
  if (own.length === 0) return html`${heading}<p>${say('Aucune utilisation enregistrée.', 'No use on record.')}</p>`
  return html`${heading}<ul class="cards">${own.map((access) => oneAccess(visit, access))}</ul>${
    asked.nextPageToken === undefined
      ? undefined
      : html`<p>${say('Les plus anciennes ne sont pas affichées ici.', 'Older ones are not shown here.')}</p>`
  }`
}

/** Every use of a person's data, agency by agency; one that did not answer is named. */
export const accessesSection = (visit: Visit, { accesses, members }: Accesses): Html =>
  html`<section aria-labelledby="uses"><h2 id="uses">${visit.say('Qui a utilisé mes données', 'Who used my data')}</h2>
${
  members.length === 0
    ? html`<p>${visit.say('Aucun organisme du réseau ne vous connaît.', 'No body of the network knows you.')}</p>`
    : members.map((asked) => oneMember(visit, asked, accesses))
}</section>`
