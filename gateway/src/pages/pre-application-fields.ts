import { reasons, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { preApplicationShape } from '../pre-application.js'
import { type Faults, lineField } from './form-fields.js'
import { type Html, html } from './html.js'
import { plainWordsOf } from './plain-words.js'
import { typeset } from './typography.js'
import type { Visit } from './visit.js'

// Numbers of pre-applications of the national hub, one for each document.

const most = 10
const all = Array.from({ length: most }, (_, at) => at)
const nameOf = (at: number): string => `number${at}`

/** What a form sends of them, and whether a second appointment is wanted. */
export const numberFields = {
  ...Object.fromEntries(all.map((at) => [nameOf(at), z.string().max(100).optional()])),
  second: z.literal('yes').optional(),
}

/** As somebody writes a number down: spaces, dashes and small letters do not matter. */
const numberIn = (typed: unknown): string =>
  typeof typed === 'string' ? typed.replace(/[\s.-]/g, '').toUpperCase() : ''

export const numbersIn = (sent: object, count: number): string[] => {
  const given = sent as Readonly<Record<string, unknown>>
  return all.slice(0, count).map((at) => numberIn(given[nameOf(at)]))
}

/** What is no number, before anybody is asked. */
export const numberFaults = ({ say }: Visit, numbers: readonly string[]): Faults =>
  new Map(
    numbers.flatMap((number, at) =>
      preApplicationShape.test(number) ? [] : [[nameOf(at), say('10 lettres et chiffres', '10 letters and digits')]],
    ),
  )

const labelOf = ({ say }: Visit, at: number, count: number): string =>
  count === 1
    ? say('Numéro de pré-demande', 'Number of the pre-application')
    : say(`Numéro de pré-demande du document ${at + 1}`, `Number of the pre-application of document ${at + 1}`)

export const numberLabels = (visit: Visit, count: number): Readonly<Record<string, string>> =>
  Object.fromEntries(all.slice(0, count).map((at) => [nameOf(at), labelOf(visit, at, count)]))

export const numberForm = (visit: Visit, count: number, numbers: readonly string[], faults: Faults): Html =>
  html`${all.slice(0, count).map((at) =>
    lineField({
      name: nameOf(at),
      label: labelOf(visit, at, count),
      hint: visit.say(
        '10 lettres et chiffres, sur le récapitulatif de la pré-demande.',
        '10 letters and digits, on the summary of the pre-application.',
      ),
      value: numbers[at] ?? '',
      fault: faults.get(nameOf(at)),
      more: html` maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false"`,
    }),
  )}`

/** What the hub or the service says of a number, at its field; undefined for another refusal. */
export const refusedNumber = ({ language }: Visit, thrown: unknown, count: number): Faults | undefined => {
  const { reason, facts } = toMeshError(thrown)
  if (reason !== 'PRE_APPLICATION_INVALID' && reason !== 'PRE_APPLICATION_NOT_VALIDATED') return undefined
  const at = Number(/\d+/.exec(facts.field ?? '')?.[0] ?? 0)
  return new Map([[nameOf(Math.min(at, count - 1)), typeset(plainWordsOf(reason, language).title)]])
}

/** That there is another appointment already, and the question whether this one is wanted too; undefined for another refusal. */
export const secondAppointment = (
  { say, language }: Visit,
  thrown: unknown,
): { readonly note: Html; readonly question: Html; readonly status: number } | undefined => {
  const { reason, facts } = toMeshError(thrown)
  if (reason !== 'PRE_APPLICATION_ALREADY_BOOKED') return undefined
  const { title, next } = plainWordsOf(reason, language)
  const given = facts.managementUrl ?? ''
  // It came from another agency by way of the hub.
  const link = URL.canParse(given) && /^https?:$/.test(new URL(given).protocol) ? given : undefined
  return {
    status: reasons[reason].http,
    note: html`<div class="alert" role="alert"><p><strong>${typeset(title)}.</strong> ${typeset(next)}</p>${
      link === undefined
        ? undefined
        : html`<p><a href="${link}" rel="noreferrer">${say('Voir ou annuler l’autre rendez-vous', 'See or cancel the other appointment')}</a></p>`
    }</div>`,
    question: html`<fieldset><legend>${say('Voulez-vous aussi celui-ci ?', 'Do you want this one too?')}</legend><label for="second"><input type="checkbox" id="second" name="second" value="yes"> ${say('Oui, je veux aussi ce rendez-vous', 'Yes, I want this appointment too')}</label></fieldset>`,
  }
}
