import type { AnswerView, NoReleaseView, ProcedureView, ReleaseView } from '../rest/eligibility-views.js'
import { legalList, type OnlinePage, serviceSection, stepsSection } from './guide-sections.js'
import { type Html, html } from './html.js'
import type { Found } from './simulator-finding.js'
import { carried } from './simulator-form.js'
import { answersSection, type Simulator } from './simulator-question.js'
import { typeset } from './typography.js'
import type { Page } from './visit.js'

/** What the person can do now. */
export interface NextSteps {
  readonly procedure: ProcedureView
  readonly online: readonly OnlinePage[]
}

const verdict = ({ tell }: Simulator, kind: ProcedureView['kind'], answer: AnswerView): string => {
  if (answer === 'unknown')
    return tell('On ne peut pas encore le dire', 'It cannot be told yet', 'Nous ne savons pas encore')
  if (kind === 'orientation')
    return answer === 'yes'
      ? tell('Cela vaut la peine de demander', 'It is worth asking', 'Vous pouvez demander')
      : tell('Sans doute pas, d’après vos réponses', 'Probably not, by your answers', 'Sans doute pas')
  return answer === 'yes'
    ? tell('Oui, d’après vos réponses', 'Yes, by your answers', 'Oui, selon vos réponses')
    : tell('Non, d’après vos réponses', 'No, by your answers', 'Non, selon vos réponses')
}

const answerTag = ({ tell }: Simulator, answer: AnswerView): Html =>
  answer === 'yes'
    ? html`<span class="tag">${tell('Oui', 'Yes', 'Oui')}</span>`
    : answer === 'no'
      ? html`<span class="tag watch">${tell('Non', 'No', 'Non')}</span>`
      : html`<span class="tag other">${tell('Pas encore connu', 'Not known yet', 'Pas connu')}</span>`

const whySection = (simulator: Simulator, { finding }: Found): Html => {
  const { tell } = simulator
  const { conditions } = finding.explanation
  const inOrder = [...conditions.filter(({ hasDecided }) => hasDecided), ...conditions.filter((one) => !one.hasDecided)]
  return html`<h2>${tell('Pourquoi', 'Why', 'Pourquoi')}</h2>
<ul class="conditions">${inOrder.map(
    (one) => html`<li><p><strong>${typeset(one.title)}</strong> ${answerTag(simulator, one.answer)}${
      one.hasDecided && finding.answer !== 'unknown'
        ? html` <span class="quiet small">${tell('C’est ce qui a décidé.', 'This decided.', 'C’est la raison.')}</span>`
        : undefined
    }</p>
<p>${typeset(one.sentence)}</p>${
      one.legalReference === '' ? undefined : html`<p class="quiet small">${typeset(one.legalReference)}</p>`
    }</li>`,
  )}</ul>`
}

const names = (titles: readonly string[]): Html =>
  html`<ul class="plain">${titles.map((title) => html`<li>${typeset(title)}</li>`)}</ul>`

const changeSection = ({ tell }: Simulator, { finding }: Found): Html | undefined => {
  const { answer, missing, explanation } = finding
  const leads: Readonly<Record<AnswerView, string>> = {
    yes: tell(
      'La réponse ne serait plus oui si l’une de ces conditions n’était plus remplie :',
      'The answer would be yes no longer if one of these conditions were met no longer:',
      'La réponse peut changer si cela change :',
    ),
    no: tell(
      'La réponse pourrait devenir oui si ceci changeait :',
      'The answer might become yes if this changed:',
      'La réponse peut changer si cela change :',
    ),
    unknown: tell(
      'Ces réponses permettraient de le dire :',
      'These answers would tell:',
      'Il nous manque ces réponses :',
    ),
  }
  const list =
    answer === 'unknown'
      ? missing.map(({ question }) => question)
      : explanation.conditions.filter(({ hasDecided }) => hasDecided).map(({ title }) => title)
  return list.length === 0
    ? undefined
    : html`<h2>${tell('Ce qui changerait la réponse', 'What would change the answer', 'Ce qui peut changer')}</h2><p>${leads[answer]}</p>${names(list)}`
}

const givesSection = ({ tell, told, action }: Simulator, { finding }: Found): Html | undefined => {
  const open = finding.missing.filter(({ name }) => !told.unknown.includes(name))
  const given =
    finding.gives.length === 0
      ? undefined
      : html`<h2>${tell('Ce que cela vous apporterait', 'What it would give you', 'Ce que vous pouvez avoir')}</h2>
<dl>${finding.gives.map(({ title, text }) => html`<dt>${typeset(title)}</dt><dd><strong>${typeset(text)}</strong></dd>`)}</dl>`
  const more =
    open.length === 0 || finding.answer !== 'yes'
      ? undefined
      : html`<form method="post" action="${action}">${carried({ ...told, amounts: 'left' })}<p><button name="amounts" value="wanted">${tell(
          `Continuer pour en savoir plus (${open.length === 1 ? 'une question' : `${open.length} questions environ`})`,
          `Go on to know more (${open.length === 1 ? 'one question' : `about ${open.length} questions`})`,
          'Continuer',
        )}</button></p></form>`
  return given || more ? html`${given}${more}` : undefined
}

const validity = ({ visit, tell }: Simulator, { validFrom, validTo }: ReleaseView): Html =>
  validTo === null
    ? html`${tell('depuis le ', 'from ', 'depuis le ')}${visit.words.day(validFrom)}`
    : html`${tell('du ', 'from ', 'du ')}${visit.words.day(validFrom)}${tell(' au ', ' to ', ' au ')}${visit.words.day(validTo)}`

/** The release itself, for whoever wants to check it. */
const ruleSection = (simulator: Simulator, release: ReleaseView, scope: readonly string[]): Html => {
  const { visit, tell } = simulator
  return html`${
    scope.length === 0
      ? undefined
      : html`<h2>${tell('Ce que ce calcul laisse de côté', 'What this leaves out', 'Ce que nous ne regardons pas')}</h2>${names(scope)}`
  }
<details><summary>${tell('La règle appliquée, et qui l’a écrite', 'The rule that was applied, and who wrote it', 'La règle')}</summary><dl>
<dt>${tell('Règle', 'Rule', 'Règle')}</dt><dd>${visit.words.print(release.title)}</dd>
<dt>${tell('En vigueur', 'In force', 'Dates')}</dt><dd>${validity(simulator, release)}</dd>
<dt>${tell('Écrite par', 'Written by', 'Écrite par')}</dt><dd>${release.author}</dd>
<dt>${tell('Relue par', 'Reviewed by', 'Relue par')}</dt><dd>${release.reviewer}</dd>
<dt>${tell('Textes', 'Texts', 'Textes')}</dt><dd>${legalList(visit, release.legalReferences)}</dd>
<dt>${tell('Empreinte', 'Hash', 'Numéro')}</dt><dd><a href="/v1/eligibility/releases/${release.sha256}"><code>${release.sha256}</code></a></dd>
</dl></details>`
}

const nextSection = (
  { visit, tell }: Simulator,
  { procedure, online }: NextSteps,
  answer: AnswerView | 'none',
): Html => html`<h2>${tell('Que faire maintenant', 'What to do now', 'Que faire maintenant')}</h2>
<p>${
  answer === 'yes'
    ? tell(
        'Ceci n’est pas une décision. Pour l’obtenir, faites la demande ; une personne y répond.',
        'This is not a decision. To have one, apply; a person answers.',
        'Ce n’est pas une décision. Faites la demande. Une personne vous répond.',
      )
    : tell(
        'Ceci n’est pas une décision. Vous pouvez faire la demande dans tous les cas : c’est une personne qui décide.',
        'This is not a decision. You may apply in any case: a person decides.',
        'Ce n’est pas une décision. Vous pouvez quand même demander. Une personne décide.',
      )
}</p>
${stepsSection(visit, procedure, online)}
${serviceSection(visit, procedure)}
<p><a href="/guide/${encodeURIComponent(procedure.id)}">${tell('Tout sur cette démarche', 'All about this procedure', 'Lire la page de la démarche')}</a></p>`

const againLink = ({ tell, action }: Simulator): Html =>
  html`<p><a href="${action}">${tell('Recommencer du début', 'Start again', 'Recommencer')}</a></p>`

/** What the rule found, why, and what to do next. */
export const resultPage = (simulator: Simulator, found: Found, next: NextSteps): Page => {
  const { tell } = simulator
  const { finding } = found
  const { explanation, release, answer } = finding
  return {
    title: verdict(simulator, next.procedure.kind, answer),
    body: html`<p class="lead">${typeset(explanation.summary)}</p>
${
  answer === 'unknown'
    ? html`<p class="note">${tell(
        'Ce n’est pas un non : il manque seulement des réponses.',
        'This is not a no: only answers are missing.',
        'Ce n’est pas non. Il manque des réponses.',
      )}</p>`
    : undefined
}
${givesSection(simulator, found)}
${whySection(simulator, found)}
${changeSection(simulator, found)}
${nextSection(simulator, next, answer)}
${answersSection(simulator, found)}
${ruleSection(simulator, release, explanation.scope)}
${againLink(simulator)}`,
  }
}

/** No rule is in force for the day: nothing is decided, and the other ways stay open. */
export const noReleasePage = (simulator: Simulator, { day, nearest }: NoReleaseView, next: NextSteps): Page => {
  const { visit, tell, told, action } = simulator
  return {
    title: tell('Aucune règle n’est en vigueur', 'No rule is in force', 'Nous n’avons pas de règle'),
    body: html`<p class="lead">${tell('Nous n’avons pas de règle pour le ', 'We have no rule for ', 'Nous n’avons pas de règle pour le ')}${visit.words.day(day)}. ${tell(
      'Nous ne décidons donc rien, ni oui ni non.',
      'So we decide nothing, neither yes nor no.',
      'Nous ne disons ni oui ni non.',
    )}</p>
${
  nearest
    ? html`<p>${tell('La règle la plus proche vaut ', 'The nearest rule holds ', 'Une autre règle vaut ')}${validity(simulator, nearest)}.</p>
<form method="post" action="${action}">${carried(told, ['day'])}<div class="field short"><label for="day">${tell(
        'Voir ce qu’elle dit pour un autre jour',
        'See what it says for another day',
        'Choisir un autre jour',
      )}</label><input type="date" id="day" name="day" value="${nearest.validTo ?? nearest.validFrom}" required></div>
<p><button class="second">${tell('Voir pour ce jour', 'See for that day', 'Voir')}</button></p></form>`
    : undefined
}
${nextSection(simulator, next, 'none')}`,
  }
}
