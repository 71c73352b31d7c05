import type { ApplicationView } from '../rest/application-views.js'
import type { DecisionExplainedView, DecisionView } from '../rest/decision-views.js'
import { applicationPath } from './application-sections.js'
import { handInWords, remediesList, writtenIn } from './application-words.js'
import { type Html, html } from './html.js'
import { typeset } from './typography.js'
import type { Page, Visit } from './visit.js'

type Two = readonly [french: string, english: string]

const outcomes: Readonly<Record<DecisionView['outcome'], Two>> = {
  granted: ['Acceptée', 'Granted'],
  'partly-granted': ['Acceptée en partie', 'Partly granted'],
  refused: ['Refusée', 'Refused'],
  unknown: ['Décision', 'Decision'],
}

const validity = ({ say, words }: Visit, { fromDay, toDay }: DecisionView): Html | undefined => {
  if (fromDay === null && toDay === null) return undefined
  return html`<dt>${say('Pour quelle période', 'For which period')}</dt><dd>${
    fromDay === null ? undefined : html`${say('À partir du ', 'From ')}${words.day(fromDay)}`
  }${toDay === null ? undefined : html` ${say('jusqu’au ', 'until ')}${words.day(toDay)}`}</dd>`
}

/** The decision: what it says and why, who signed it, what can be done against it, and what part an algorithm had. */
export const decisionSection = (visit: Visit, application: ApplicationView, decision: DecisionView): Html => {
  const { say, words } = visit
  const written = writtenIn(visit, application)
  return html`<h2>${say('Notre décision', 'Our decision')}</h2><section class="card"><header><h3>${say(...outcomes[decision.outcome])}</h3><span class="quiet">${words.day(decision.issuedAt)}</span></header>
<dl>${
    decision.gives === ''
      ? undefined
      : html`<dt>${say('Ce qui vous est donné', 'What you are given')}</dt><dd class="said"${written}>${typeset(decision.gives)}</dd>`
  }${validity(visit, decision)}${
    decision.reasons === ''
      ? undefined
      : html`<dt>${say('Pourquoi', 'Why')}</dt><dd class="said"${written}>${typeset(decision.reasons)}</dd>`
  }
<dt>${say('Signée par', 'Signed by')}</dt><dd>${
    decision.signedBy
      ? handInWords(visit, { who: 'agent', ...decision.signedBy })
      : say(
          'Personne : tout était favorable et venait des organismes, et la démarche l’accorde alors d’elle-même. Un non est toujours signé par une personne.',
          'Nobody: all was favourable and came from the bodies, and the procedure then grants by itself. A no is always signed by a person.',
        )
  }</dd></dl>
${
  decision.remedies.length === 0
    ? undefined
    : html`<h3>${say('Si vous n’êtes pas d’accord', 'If you do not agree')}</h3>${remediesList(visit, decision.remedies)}`
}${
  decision.algorithmNotice === null
    ? undefined
    : html`<h3>${say('La part d’un algorithme', 'The part of an algorithm')}</h3><p class="said"${written}>${typeset(decision.algorithmNotice)}</p>
<p><a href="${applicationPath(application, '/explanation')}">${say('Voir comment le calcul a été fait pour vous', 'See how this was computed for you')}</a></p>`
}
<p><a href="${applicationPath(application, '/decision')}">${say('Télécharger la décision signée', 'Download the signed decision')}</a> <span class="quiet small">${say('(fichier JWS, vérifiable sans nous)', '(JWS file, to be verified without us)')}</span></p></section>`
}

/** In which words an explanation is read. */
export type Reading = 'usual' | 'easy'

const easyLink = ({ say, language }: Visit, application: ApplicationView, reading: Reading): Html => {
  const path = applicationPath(application, '/explanation')
  return reading === 'easy'
    ? html`<a href="${path}">${say('Texte complet', 'Full text')}</a>`
    : html`<a href="${path}?reading=easy&amp;lang=fr"${language === 'fr' ? undefined : html` lang="fr" hreflang="fr"`}>${typeset('Lire en « facile à lire »')}</a>`
}

/** The four parts of CRPA R311-3-1-2, in the visitor's language or in easy-to-read French. */
export const explanationPage = (
  visit: Visit,
  application: ApplicationView,
  explained: DecisionExplainedView,
  reading: Reading,
): Page => {
  const { say, words } = visit
  const tell = (french: string, english: string, easy: string): string =>
    reading === 'easy' ? typeset(easy) : say(french, english)
  const { contribution, data, parameters, operations, explanation } = explained
  return {
    title: tell('Comment le calcul a été fait', 'How it was computed', 'Comment nous avons calculé'),
    body: html`<div class="about"><span>${tell(
      'Voici ce que la règle a trouvé pour votre demande, et avec quoi.',
      'This is what the rule found for your application, and with what.',
      'Voici comment nous avons regardé votre demande.',
    )}</span>${easyLink(visit, application, reading)}</div>
<h2>${tell('1. La part de l’algorithme', '1. The part of the algorithm', '1. Ce que fait l’ordinateur')}</h2>
<p class="said">${typeset(contribution)}</p>
<h2>${tell('2. Les données utilisées', '2. The data that were used', '2. Ce que nous savons de vous')}</h2>
${
  data.length === 0
    ? html`<p>${tell('Aucune.', 'None.', 'Rien.')}</p>`
    : html`<table><thead><tr><th scope="col">${tell('Donnée', 'Data', 'Quoi')}</th><th scope="col">${tell('Valeur', 'Value', 'Combien')}</th><th scope="col">${tell('Source', 'Source', 'Qui l’a dit')}</th></tr></thead><tbody>${data.map(
        ({ title, value, source, asOf }) =>
          html`<tr><th scope="row">${typeset(title)}</th><td>${typeset(value)}</td><td>${words.member(source)}${asOf === null ? undefined : html`<br><span class="quiet small">${words.day(asOf)}</span>`}</td></tr>`,
      )}</tbody></table>`
}
<h2>${tell('3. Les paramètres, et leur poids pour vous', '3. The parameters, and their weight for you', '3. Les règles')}</h2>
${
  parameters.length === 0
    ? html`<p>${tell('Aucun.', 'None.', 'Aucune.')}</p>`
    : html`<ul class="conditions">${parameters.map(
        ({ title, value, weight, legalReference }) =>
          html`<li><p><strong>${typeset(title)}</strong>${value === '' ? undefined : html`${say(' : ', ': ')}${typeset(value)}`}</p>${weight === '' ? undefined : html`<p>${typeset(weight)}</p>`}${legalReference === '' ? undefined : html`<p class="quiet small">${typeset(legalReference)}</p>`}</li>`,
      )}</ul>`
}
<h2>${tell('4. Les opérations effectuées', '4. The operations that were carried out', '4. Les calculs')}</h2>
<ol>${operations.map((one) => html`<li>${typeset(one)}</li>`)}</ol>
${
  !explanation || explanation.scope.length === 0
    ? undefined
    : html`<h2>${tell('Ce que la règle laisse de côté', 'What the rule leaves out', 'Ce que la règle ne dit pas')}</h2><ul class="plain">${explanation.scope.map((one) => html`<li>${typeset(one)}</li>`)}</ul>`
}
<p><a href="${applicationPath(application)}">${tell('Revenir à ma demande', 'Back to my application', 'Revenir à ma demande')}</a></p>`,
  }
}
