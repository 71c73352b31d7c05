import type {
  DeclarationKind,
  DeclarationReceiver,
  Declared,
  DeclaredFault,
  DeclaredField,
} from '@unefois/proto/declaration-kind'
import { z } from 'zod'
import { randomSecret } from '../session/secrets.js'
import { type Html, html } from './html.js'
import { formToken, type Page, type PersonalVisit, type Visit } from './visit.js'

const mostFields = 60
const valueName = (at: number): string => `value${at}`

/** What each form of a declaration sends: texts in the order in which the kind asks for them, and who was chosen. */
export const declarationForm = {
  key: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  version: z.string().max(40),
  to: z.union([z.string().max(40), z.array(z.string().max(40)).max(50)]).optional(),
  ...Object.fromEntries(
    Array.from({ length: mostFields }, (_, at) => [valueName(at), z.string().max(1000).optional()]),
  ),
}

/** What somebody has typed and chosen so far. */
export interface Filled {
  /** The same from the first page to the last, so that a form sent twice has one effect. */
  readonly key: string
  readonly content: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly agencies: readonly string[]
}

/** What is not right yet. */
export interface FormFaults {
  readonly fields: readonly DeclaredFault[]
  readonly isNobodyChosen: boolean
}

interface Place {
  readonly group: string
  readonly field: DeclaredField
  readonly path: string
  readonly name: string
}

const placesOf = ({ groups }: DeclarationKind): Place[] =>
  groups
    .flatMap(({ id, fields }) => fields.map((field) => ({ group: id, field, path: `${id}.${field.id}` })))
    .map((place, at) => ({ ...place, name: valueName(at) }))

export const nothingFilled = (): Filled => ({ key: randomSecret(), content: {}, agencies: [] })

/** Reads a form that was sent. */
export const filledIn = (
  kind: DeclarationKind,
  sent: { readonly key: string; readonly to?: string | readonly string[] | undefined },
): Filled => {
  const given = sent as unknown as Readonly<Record<string, string | undefined>>
  const content: Record<string, Record<string, string>> = {}
  for (const { group, field, name } of placesOf(kind))
    content[group] = { ...content[group], [field.id]: given[name] ?? '' }
  return { key: sent.key, content, agencies: [sent.to ?? []].flat() }
}

const textAt = ({ content }: Filled, { group, field }: Place): string => content[group]?.[field.id] ?? ''

const faultWords = ({ say }: Visit, field: DeclaredField, fault: DeclaredFault['fault']): string => {
  if (fault === 'missing')
    return field.kind === 'choice'
      ? say('Choisissez une réponse', 'Choose an answer')
      : say('Remplissez ce champ', 'Fill this in')
  if (field.kind === 'date')
    return say('Indiquez un jour, par exemple 2026-12-01', 'Give a day, for instance 2026-12-01')
  if (field.kind === 'text' && fault === 'too-long')
    return say(`${field.mostCharacters} caractères au plus`, `${field.mostCharacters} characters at most`)
  return say('Ce n’est pas sous la forme attendue', 'This is not in the form that is expected')
}

const described = (name: string, { hint }: DeclaredField, fault: string | undefined): Html | undefined => {
  const ids = [...(hint ? [`${name}-hint`] : []), ...(fault ? [`${name}-fault`] : [])]
  const invalid = fault ? html` aria-invalid="true"` : undefined
  return ids.length > 0 ? html` aria-describedby="${ids.join(' ')}"${invalid}` : undefined
}

const notes = ({ words }: Visit, name: string, { hint }: DeclaredField, fault: string | undefined): Html =>
  html`${hint ? html`<span class="quiet small" id="${name}-hint">${words.print(hint)}</span>` : undefined}${
    fault ? html`<strong class="alert small" id="${name}-fault">${fault}</strong>` : undefined
  }`

const fieldInput = (visit: Visit, place: Place, filled: Filled, faults: FormFaults): Html => {
  const { say, words } = visit
  const { field, name, path } = place
  const found = faults.fields.find((each) => each.path === path)?.fault
  const fault = found && faultWords(visit, field, found)
  const title = html`${words.print(field.title)}${field.isOptional ? html` <span class="quiet">${say('(facultatif)', '(optional)')}</span>` : undefined}`
  const required = field.isOptional ? undefined : html` required`
  const value = textAt(filled, place)
  const about = described(name, field, fault)
  if (field.kind === 'choice')
    return html`<fieldset${about}><legend>${title}</legend>${notes(visit, name, field, fault)}${field.choices.map(
      (choice, at) =>
        html`<label for="${at === 0 ? name : `${name}-${at}`}"><input type="radio" id="${at === 0 ? name : `${name}-${at}`}" name="${name}" value="${choice.id}"${
          value === choice.id ? html` checked` : undefined
        }${required}> ${words.print(choice.title)}</label>`,
    )}</fieldset>`
  const kind =
    field.kind === 'date'
      ? html` type="date"`
      : html` maxlength="${String(field.mostCharacters)}"${field.pattern === undefined ? undefined : html` pattern="${field.pattern}"`}${
          field.autocomplete === undefined ? undefined : html` autocomplete="${field.autocomplete}"`
        }`
  return html`<div class="field"><label for="${name}">${title}</label>${notes(visit, name, field, fault)}<input id="${name}" name="${name}" value="${value}"${kind}${required}${about}></div>`
}

const receiverInput = (
  { say, words }: Visit,
  { member, use, legalReference }: DeclarationReceiver,
  at: number,
  filled: Filled,
): Html => {
  const id = at === 0 ? 'to' : `to-${at}`
  return html`<li class="card"><label for="${id}"><input type="checkbox" id="${id}" name="to" value="${member}" aria-describedby="${id}-use"${
    filled.agencies.includes(member) ? html` checked` : undefined
  }> <strong>${words.member(member)}</strong></label>
<p id="${id}-use">${words.print(use)} <span class="quiet small">${say('Texte : ', 'Text: ')}${legalReference}</span></p></li>`
}

const faultSummary = (visit: Visit, kind: DeclarationKind, faults: FormFaults): Html | undefined => {
  const { say, words } = visit
  const places = placesOf(kind)
  const listed = [
    ...faults.fields.flatMap(({ path, fault }) => {
      const place = places.find((each) => each.path === path)
      const group = kind.groups.find(({ id }) => id === place?.group)
      return place && group
        ? html`<li><a href="#${place.name}">${words.print(group.title)}${say(', ', ', ')}${words.print(place.field.title)}</a>${say(' : ', ': ')}${faultWords(visit, place.field, fault)}</li>`
        : []
    }),
    ...(faults.isNobodyChosen
      ? [html`<li><a href="#to">${say('Choisissez au moins un organisme', 'Choose at least one body')}</a></li>`]
      : []),
  ]
  return listed.length === 0
    ? undefined
    : html`<div class="alert" role="alert"><h2>${say('Il manque quelque chose', 'Something is missing')}</h2><ul class="plain">${listed}</ul><p>${say('Rien n’est encore envoyé, et ce que vous avez écrit est resté.', 'Nothing has been sent yet, and what you wrote is still there.')}</p></div>`
}

/** The form: what is told, then to whom; nobody is chosen beforehand. */
export const formPage = (
  visit: PersonalVisit,
  kind: DeclarationKind,
  receivers: readonly DeclarationReceiver[],
  filled: Filled,
  faults: FormFaults = { fields: [], isNobodyChosen: false },
): Page => {
  const { say, words, session } = visit
  const summary = faultSummary(visit, kind, faults)
  const places = placesOf(kind)
  const title = words.print(kind.title)
  return {
    title: summary ? `${say('À compléter : ', 'To complete: ')}${title}` : title,
    ...(summary && { status: 422 }),
    body: html`${summary}<p class="lead">${words.print(kind.text)}</p>
<form method="post" action="/declarations/${kind.id}/check">${formToken(session)}<input type="hidden" name="key" value="${filled.key}"><input type="hidden" name="version" value="${kind.textVersion}">
${kind.groups.map(
  ({ id, title: groupTitle }) =>
    html`<fieldset class="group"><legend><h2>${words.print(groupTitle)}</h2></legend>${places
      .filter(({ group }) => group === id)
      .map((place) => fieldInput(visit, place, filled, faults))}</fieldset>`,
)}
<fieldset class="group"><legend><h2>${say('À qui le dire ?', 'Whom to tell?')}</h2></legend>
<p>${say(
      'Seuls les organismes qui vous connaissent sont proposés. Vous choisissez ; aucun n’est coché d’avance, et ne pas choisir est sans conséquence ici.',
      'Only bodies that know you are offered. You choose; none is ticked beforehand, and not choosing has no consequence here.',
    )}</p><ul class="cards">${receivers.map((receiver, at) => receiverInput(visit, receiver, at, filled))}</ul></fieldset>
<p><button>${say('Vérifier avant d’envoyer', 'Check before sending')}</button></p></form>
<p><a href="/declarations">${say('Revenir à mes déclarations', 'Back to my declarations')}</a></p>`,
  }
}

/** Everything typed and chosen, in hidden fields. */
export const hiddenFields = (
  { session }: PersonalVisit,
  kind: DeclarationKind,
  filled: Filled,
  agencies: readonly string[] = filled.agencies,
): Html =>
  html`${formToken(session)}<input type="hidden" name="key" value="${filled.key}"><input type="hidden" name="version" value="${kind.textVersion}">${placesOf(
    kind,
  ).map((place) => html`<input type="hidden" name="${place.name}" value="${textAt(filled, place)}">`)}${agencies.map(
    (agency) => html`<input type="hidden" name="to" value="${agency}">`,
  )}`

/** What was declared, each text under its title. */
export const declaredSection = ({ words }: Visit, kind: DeclarationKind, declared: Declared): Html =>
  html`${kind.groups
    .filter(({ id }) => declared[id] !== undefined)
    .map(
      ({ id, title, fields }) =>
        html`<h3>${words.print(title)}</h3><dl>${fields.map((field) => {
          const text = declared[id]?.[field.id]
          if (text === undefined) return undefined
          const choice = field.kind === 'choice' ? field.choices.find((each) => each.id === text) : undefined
          const shown = field.kind === 'date' ? words.day(text) : choice ? words.print(choice.title) : text
          return html`<dt>${words.print(field.title)}</dt><dd>${shown}</dd>`
        })}</dl>`,
    )}`

/** What will be sent to whom, to be checked before it is. */
export const checkPage = (
  visit: PersonalVisit,
  kind: DeclarationKind,
  receivers: readonly DeclarationReceiver[],
  filled: Filled,
  declared: Declared,
): Page => {
  const { say, words } = visit
  return {
    title: say('Vérifiez avant d’envoyer', 'Check before sending'),
    body: html`<p class="lead">${words.print(kind.title)}. ${say('Rien n’est encore envoyé.', 'Nothing has been sent yet.')}</p>
<section class="card">${declaredSection(visit, kind, declared)}</section>
<section class="card"><h2>${say('Sera envoyé à', 'Will be sent to')}</h2><ul class="plain">${receivers
      .filter(({ member }) => filled.agencies.includes(member))
      .map(
        ({ member, use }) => html`<li><strong>${words.member(member)}</strong><br>${words.print(use)}</li>`,
      )}</ul></section>
<form method="post" action="/declarations/${kind.id}/send">${hiddenFields(visit, kind, filled)}
<p class="choices"><button>${say('Envoyer à ces organismes', 'Send to these bodies')}</button><button class="second" formaction="/declarations/${kind.id}/edit">${say('Modifier', 'Change')}</button></p></form>`,
  }
}
