import type { EvidenceView, RouteView } from '../rest/views.js'
import { type Html, html } from './html.js'
import type { Visit } from './visit.js'

interface Leaf {
  readonly path: string
  readonly value: string
}

const leavesOf = (value: unknown, path: string, show: (one: unknown) => string): Leaf[] => {
  if (Array.isArray(value)) return value.flatMap((each) => leavesOf(each, `${path}[]`, show))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, inner]) =>
      leavesOf(inner, path === '' ? name : `${path}.${name}`, show),
    )
  return [{ path, value: show(value) }]
}

/** Evidence, each value under its title. */
export const evidenceSection = (
  { say, words }: Visit,
  type: string,
  evidence: Pick<EvidenceView, 'value' | 'predicates' | 'asOf'>,
): Html => {
  const yesOrNo = (is: boolean): string => (is ? say('oui', 'yes') : say('non', 'no'))
  const show = (value: unknown): string =>
    typeof value === 'boolean' ? yesOrNo(value) : value === null ? say('vide', 'empty') : String(value)
  return html`<table>
<thead><tr><th scope="col">${say('Donnée', 'Data')}</th><th scope="col">${say('Valeur', 'Value')}</th></tr></thead>
<tbody>
${leavesOf(evidence.value ?? {}, '', show).map(
  ({ path, value }) => html`<tr><th scope="row">${words.field(type, path)}</th><td>${value}</td></tr>`,
)}
${evidence.predicates.map(
  ({ predicate, holds }) =>
    html`<tr><th scope="row">${words.predicate(type, predicate)}</th><td>${yesOrNo(holds)}</td></tr>`,
)}
</tbody></table>
<p class="quiet">${say('Situation connue au ', 'As known on ')}${words.day(evidence.asOf)}.</p>`
}

const kinds: Readonly<Record<string, readonly [string, string]>> = {
  'own-document': ['Votre propre document', 'Your own document'],
  'statement-on-honour': ['Une déclaration sur l’honneur', 'Your statement on honour'],
  counter: ['Au guichet', 'At a counter'],
  telephone: ['Par téléphone', 'By telephone'],
  paper: ['Sur papier', 'On paper'],
}

/** The other ways to go on; there is always one. */
export const routesSection = ({ say, words }: Visit, routes: readonly RouteView[]): Html =>
  html`<ul class="routes">${routes.map(({ kind, text }) => {
    const [french, english] = kinds[kind] ?? [kind, kind]
    return html`<li><strong>${say(french, english)}</strong> ${words.print(text)}</li>`
  })}</ul>`

interface Named {
  readonly fields: readonly string[]
  readonly predicates: readonly string[]
}

/** An evidence type and the titles of what is named of it, in one line. */
export const dataLine = ({ say, words }: Visit, type: string, { fields, predicates }: Named): string => {
  const named = [
    ...fields.map((path) => words.field(type, path)),
    ...predicates.map((predicate) => words.predicate(type, predicate)),
  ]
  return `${words.evidenceType(type)}${named.length > 0 ? `${say(' : ', ': ')}${named.join(', ')}` : ''}`
}

/** The titles of fields and questions, in a list. */
export const dataList = ({ words }: Visit, type: string, { fields, predicates }: Named): Html =>
  html`<ul class="plain">${fields.map((path) => html`<li>${words.field(type, path)}</li>`)}${predicates.map(
    (predicate) => html`<li>${words.predicate(type, predicate)}</li>`,
  )}</ul>`
