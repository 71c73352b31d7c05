import type { ProcedureView } from '../rest/eligibility-views.js'
import { type Html, html } from './html.js'
import { silenceInWords, termInWords, wayInWords } from './procedure-words.js'
import type { Visit } from './visit.js'

/** Where a procedure can be begun online: pages of this gateway. */
export interface OnlinePage {
  readonly title: string
  readonly path: string
}

const waysOf = (visit: Visit, { ways }: ProcedureView['steps'][number]): Html =>
  html`<ul class="ways">${ways.map((way) => html`<li class="tag${way === 'online' ? ' other' : ''}">${wayInWords(visit, way)}</li>`)}</ul>`

/** Each step, and every way in which it can be done. */
export const stepsSection = (visit: Visit, { steps }: ProcedureView, online: readonly OnlinePage[]): Html => {
  const { say, words } = visit
  return html`<ol class="steps">${steps.map(
    (step) => html`<li><p><strong>${words.print(step.title)}</strong></p>${waysOf(visit, step)}</li>`,
  )}</ol>
${online.length === 0 ? undefined : html`<ul class="plain">${online.map(({ title, path }) => html`<li><a href="${path}">${say('En ligne : ', 'Online: ')}${title}</a></li>`)}</ul>`}`
}

/** Whom to turn to. */
export const serviceSection = ({ say, words }: Visit, { service }: ProcedureView): Html | undefined =>
  service
    ? html`<dl>
<dt>${say('Service', 'Office')}</dt><dd>${words.print(service.name)}</dd>
<dt>${say('Adresse', 'Address')}</dt><dd>${service.address}</dd>
<dt>${say('Téléphone', 'Telephone')}</dt><dd>${words.print({ fr: service.telephone, en: service.telephone })}</dd>
<dt>${say('Heures', 'Hours')}</dt><dd>${words.print(service.hours)}</dd>
</dl>`
    : undefined

/** What the person gives, and what the agency asks of others. */
export const fieldsSection = ({ say, words }: Visit, { fields }: ProcedureView): Html | undefined => {
  const given = fields.filter(({ isGivenByPerson }) => isGivenByPerson)
  const asked = fields.filter(({ isGivenByPerson }) => !isGivenByPerson)
  const optional = html` <span class="quiet">${say('(facultatif)', '(optional)')}</span>`
  return fields.length === 0
    ? undefined
    : html`<h2>${say('Ce qu’il nous faut savoir', 'What we need to know')}</h2><dl>
${
  asked.length === 0
    ? undefined
    : html`<dt>${say('Vous n’avez pas à le redire', 'You need not say it again')}</dt><dd><ul class="plain">${asked.map(
        ({ title, evidence }) =>
          html`<li>${words.print(title)}${evidence ? html` <span class="quiet">(${words.evidenceType(evidence.evidenceType)})</span>` : undefined}</li>`,
      )}</ul></dd>`
}
${
  given.length === 0
    ? undefined
    : html`<dt>${say('À nous dire', 'To tell us')}</dt><dd><ul class="plain">${given.map(
        ({ title, isMandatory }) => html`<li>${words.print(title)}${isMandatory ? undefined : optional}</li>`,
      )}</ul></dd>`
}
</dl>`
}

/** What silence means, and what one can do against an answer. */
export const answerSection = (visit: Visit, { silence, remedies }: ProcedureView): Html => {
  const { say, words } = visit
  return html`${
    silence
      ? html`<h2>${say('Si nous ne répondons pas', 'If we do not answer')}</h2>
<p>${silenceInWords(visit, silence)} <span class="quiet small">${silence.legalReference}</span></p>`
      : undefined
  }
${
  remedies.length === 0
    ? undefined
    : html`<h2>${say('Si vous n’êtes pas d’accord', 'If you do not agree')}</h2>
<ul class="plain">${remedies.map(
        (one) =>
          html`<li>${words.print(one.title)}${
            one.count > 0
              ? html` <span class="quiet">(${say('dans un délai de ', 'within ')}${termInWords(visit, one)})</span>`
              : undefined
          }${
            one.isMandatoryFirst
              ? html`. <strong>${say('C’est obligatoire avant d’aller au tribunal.', 'This must be done before going to court.')}</strong>`
              : undefined
          } <span class="quiet small">${one.legalReference}</span></li>`,
      )}</ul>`
}`
}

const checked = ({ say }: Visit, how: string): string =>
  how === 'read'
    ? say('texte lu', 'the text was read')
    : how === 'verify'
      ? say('texte lu en partie, à vérifier', 'the text was read in part, to be verified')
      : how === 'secondary'
        ? say('source secondaire', 'secondary source')
        : say('connaissance générale, à vérifier', 'general knowledge, to be verified')

/** Texts of law, and how well each was checked. */
export const legalList = (visit: Visit, references: ProcedureView['legalReferences']): Html =>
  html`<ul class="plain">${references.map(
    (one) =>
      html`<li>${visit.words.print({ fr: one.citation, en: one.citation })} <span class="quiet">(${checked(visit, one.checked)})</span></li>`,
  )}</ul>`
