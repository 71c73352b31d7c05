import { type Html, html } from './html.js'
import type { Visit } from './visit.js'

// Fields of forms: each with its label, its hint and, at the field, what is wrong with it.

/** What is wrong, by the name of the field. */
export type Faults = ReadonlyMap<string, string>

export const noFaults: Faults = new Map()

interface Field {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly fault?: string | undefined
}

/** Ties an input to its hint and its fault. */
const describedBy = ({ name, hint, fault }: Field): Html | undefined => {
  const ids = [...(hint ? [`${name}-hint`] : []), ...(fault ? [`${name}-fault`] : [])]
  return ids.length === 0
    ? undefined
    : html` aria-describedby="${ids.join(' ')}"${fault ? html` aria-invalid="true"` : undefined}`
}

const notes = ({ name, hint, fault }: Field): Html =>
  html`${hint ? html`<span class="quiet small" id="${name}-hint">${hint}</span>` : undefined}${
    fault ? html`<strong class="alert small" id="${name}-fault">${fault}</strong>` : undefined
  }`

/** One line; `more` are further attributes. */
export const lineField = (field: Field & { readonly value: string; readonly more?: Html }): Html =>
  html`<div class="field"><label for="${field.name}">${field.label}</label>${notes(field)}<input id="${field.name}" name="${field.name}" value="${field.value}"${field.more}${describedBy(field)}></div>`

export const dateField = (field: Field & { readonly value: string }): Html =>
  html`<div class="field"><label for="${field.name}">${field.label}</label>${notes(field)}<input type="date" id="${field.name}" name="${field.name}" value="${field.value}"${describedBy(field)}></div>`

export const linesField = (field: Field & { readonly value: string; readonly most: number }): Html =>
  html`<div class="field"><label for="${field.name}">${field.label}</label>${notes(field)}<textarea id="${field.name}" name="${field.name}" rows="3" maxlength="${field.most}"${describedBy(field)}>${field.value}</textarea></div>`

export interface Choice {
  readonly value: string
  readonly title: string
}

export const selectField = (field: Field & { readonly value: string; readonly choices: readonly Choice[] }): Html =>
  html`<div class="field"><label for="${field.name}">${field.label}</label>${notes(field)}<select id="${field.name}" name="${field.name}"${describedBy(field)}>${field.choices.map(
    ({ value, title }) =>
      html`<option value="${value}"${value === field.value ? html` selected` : undefined}>${title}</option>`,
  )}</select></div>`

/** One of some; the first has the field's own id, so that a summary of faults can lead to it. */
export const radioField = (field: Field & { readonly value: string; readonly choices: readonly Choice[] }): Html =>
  html`<fieldset${describedBy(field)}><legend>${field.label}</legend>${notes(field)}${field.choices.map(
    ({ value, title }, at) =>
      html`<label for="${field.name}${at === 0 ? '' : `-${at}`}"><input type="radio" id="${field.name}${at === 0 ? '' : `-${at}`}" name="${field.name}" value="${value}"${
        value === field.value ? html` checked` : undefined
      }> ${title}</label>`,
  )}</fieldset>`

export interface Box {
  readonly name: string
  readonly value: string
  readonly title: string
  readonly isChecked: boolean
}

export const boxField = ({ name, value, title, isChecked }: Box): Html =>
  html`<label for="${name}-${value}"><input type="checkbox" id="${name}-${value}" name="${name}" value="${value}"${isChecked ? html` checked` : undefined}> ${title}</label>`

/** What is to be corrected, with a link to each field. */
export const faultSummary = (
  { say }: Visit,
  faults: Faults,
  labels: Readonly<Record<string, string>>,
): Html | undefined =>
  faults.size === 0
    ? undefined
    : html`<div class="alert" role="alert"><h2>${say('Il y a quelque chose à corriger', 'There is something to correct')}</h2><ul class="plain">${[
        ...faults,
      ].map(
        ([name, words]) => html`<li><a href="#${name}">${labels[name] ?? name}</a>${say(' : ', ': ')}${words}</li>`,
      )}</ul><p>${say('Rien n’est encore envoyé, et ce que vous avez écrit est resté.', 'Nothing has been sent yet, and what you wrote is still there.')}</p></div>`
