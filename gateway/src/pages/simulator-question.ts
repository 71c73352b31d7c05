import type { MissingView } from '../rest/eligibility-views.js'
import { type Html, html } from './html.js'
import { amountInWords, numberInWords, unitInWords } from './procedure-words.js'
import type { Found } from './simulator-finding.js'
import { carried, inputName, type Told } from './simulator-form.js'
import { typeset } from './typography.js'
import type { Page, Visit } from './visit.js'

/** A simulator being used: by whom, on which page, in which manner of speaking. */
export interface Simulator {
  readonly visit: Visit
  readonly title: string
  /** Where its forms lead. */
  readonly action: string
  readonly told: Told
  /** The one of three texts that is read; the last is easy-to-read French. */
  readonly tell: (french: string, english: string, easy: string) => string
}

const answerOf = ({ visit, tell }: Simulator, { questions, values }: Found, name: string): string => {
  const value = values.get(name)
  if (typeof value === 'boolean') return value ? tell('Oui', 'Yes', 'Oui') : tell('Non', 'No', 'Non')
  if (typeof value === 'number') return amountInWords(visit, value, questions.get(name)?.unit ?? '')
  if (typeof value === 'string')
    return typeset(questions.get(name)?.choices.find((one) => one.value === value)?.title ?? value)
  return tell('Je ne sais pas', 'I do not know', 'Je ne sais pas')
}

/** What was answered so far; each can be changed. */
export const answersSection = (simulator: Simulator, found: Found, asked = ''): Html | undefined => {
  const { told, tell, action } = simulator
  const order = [...found.questions.keys()]
  const names = [...found.values.keys(), ...told.unknown]
    .filter((name) => name !== asked)
    .sort((one, other) => order.indexOf(one) - order.indexOf(other))
  return names.length === 0
    ? undefined
    : html`<h2>${tell('Vos réponses jusqu’ici', 'Your answers so far', 'Vos réponses')}</h2>
<form method="post" action="${action}">${carried(told)}<ul class="answers">${names.map((name) => {
        const question = typeset(found.questions.get(name)?.question ?? name)
        return html`<li><span>${question} <strong>${answerOf(simulator, found, name)}</strong></span>
<button class="link" name="change" value="${name}">${tell('Modifier', 'Change', 'Changer')}<span class="hidden">, ${question}</span></button></li>`
      })}</ul></form>`
}

const faultWords = ({ visit, tell }: Simulator, { kind, minimum, maximum, decimals }: MissingView): string => {
  if (kind !== 'number') return tell('Choisissez une réponse.', 'Choose an answer.', 'Choisissez une réponse.')
  const [from, to] = [numberInWords(visit, minimum ?? 0), numberInWords(visit, maximum ?? 0)]
  const cents =
    (decimals ?? 0) > 0
      ? tell(
          ', avec deux chiffres au plus après la virgule, par exemple 12000,50',
          ', with two digits at most after the point, for instance 12000.50',
          '. Par exemple : 12000',
        )
      : tell(', sans virgule', ', without a decimal point', '. Par exemple : 3')
  return `${tell(`Écrivez un nombre de ${from} à ${to}`, `Write a number from ${from} to ${to}`, `Écrivez un nombre entre ${from} et ${to}`)}${cents}.`
}

const input = (simulator: Simulator, one: MissingView, fault: string | undefined): Html => {
  const { visit, told, tell } = simulator
  const name = inputName(one)
  const before = told.answers.find((each) => each.name === one.name)?.text ?? ''
  const about = [...(one.hint ? ['hint'] : []), ...(fault === undefined ? [] : ['fault'])].join(' ')
  const described = about === '' ? undefined : html` aria-describedby="${about}"`
  const go = html`<p><button>${tell('Continuer', 'Continue', 'Continuer')}</button></p>`
  if (one.kind === 'yes-no')
    return html`<div class="choices" role="group" aria-label="${typeset(one.question)}"${described}><button name="${name}" value="yes">${tell('Oui', 'Yes', 'Oui')}</button><button name="${name}" value="no">${tell('Non', 'No', 'Non')}</button></div>`
  if (one.kind === 'choice')
    return html`<fieldset${described}><legend class="hidden">${typeset(one.question)}</legend>${one.choices.map(
      ({ value, title }) =>
        html`<label><input type="radio" name="${name}" value="${value}" required${value === before ? html` checked` : undefined}> ${typeset(title)}</label>`,
    )}</fieldset>${go}`
  const unit = unitInWords(visit, one.unit)
  return html`<div class="field short"><label for="answer">${tell('Votre réponse', 'Your answer', 'Votre réponse')}${
    unit === '' ? undefined : html` <span class="quiet">(${unit})</span>`
  }</label><input id="answer" name="${name}" value="${before}" inputmode="${one.decimals === 0 ? 'numeric' : 'decimal'}" maxlength="20" autocomplete="off" required${described}${
    fault === undefined ? undefined : html` aria-invalid="true"`
  }></div>${go}`
}

const left = ({ tell }: Simulator, count: number): string =>
  count === 1
    ? tell('Encore une question', 'One more question', 'Encore une question')
    : tell(`Encore ${count} questions environ`, `About ${count} more questions`, `Encore ${count} questions`)

/** One question, and what was answered before it. */
export const questionPage = (simulator: Simulator, found: Found, one: MissingView): Page => {
  const { told, tell, action } = simulator
  const fault = found.faulty === one.name ? faultWords(simulator, one) : undefined
  const open = found.finding.missing.filter(({ name }) => !told.unknown.includes(name) && name !== one.name)
  const isFirst = told.answers.length + told.unknown.length === 0
  return {
    title: typeset(one.question),
    body: html`<p class="quiet">${left(simulator, open.length + 1)}.</p>
${
  isFirst
    ? html`<p class="note">${tell(
        'Vous n’avez pas à vous connecter, et rien n’est enregistré : vos réponses restent dans cette page.',
        'You need not log in, and nothing is stored: your answers stay in this page.',
        'Vous ne donnez pas votre nom. Nous ne gardons rien.',
      )}</p>`
    : undefined
}
${one.hint ? html`<p id="hint">${typeset(one.hint)}</p>` : undefined}
${fault === undefined ? undefined : html`<p role="alert"><strong class="alert" id="fault">${fault}</strong></p>`}
<form method="post" action="${action}">${carried(told, [one.name])}${input(simulator, one, fault)}
<p><button class="link" name="unknown:${one.name}" value="1" formnovalidate>${tell('Je ne sais pas', 'I do not know', 'Je ne sais pas')}</button></p></form>
${answersSection(simulator, found, one.name)}`,
  }
}
