import { MeshError } from '@unefois/proto/reasons'
import type { MissingView } from '../rest/eligibility-views.js'
import type { FactValue } from '../simulation.js'
import { type Html, html } from './html.js'
import type { SentFields } from './page-door.js'

// The form carries everything: what was answered, what is not known, the day of the law, how it is read. An address would be
// kept by browsers, proxies and logs, and a session would have to be stored.

export type Kind = 'number' | 'yes-no' | 'choice'

/** One answer as it was typed. */
export interface Typed {
  readonly name: string
  readonly kind: Kind
  readonly text: string
}

/** What somebody has told the simulator so far. */
export interface Told {
  readonly answers: readonly Typed[]
  /** Facts of which the person said that they do not know them. */
  readonly unknown: readonly string[]
  /** YYYY-MM-DD; empty: today. */
  readonly day: string
  readonly reading: 'usual' | 'easy'
  /** The fact whose question is wanted again; empty: none. */
  readonly change: string
  /** After an answer, the questions that only an amount needs. */
  readonly amounts: 'wanted' | 'left'
}

export const nothingTold: Told = { answers: [], unknown: [], day: '', reading: 'usual', change: '', amounts: 'left' }

const kinds: readonly string[] = ['number', 'yes-no', 'choice'] satisfies readonly Kind[]
const dayPattern = /^\d{4}-\d{2}-\d{2}$/
const mostFacts = 100

const refused = (field: string): MeshError => new MeshError('REQUEST_INVALID', { facts: { field } })

/** Reads the form. Error: REQUEST_INVALID for a field that it does not have. */
export const toldIn = (sent: SentFields): Told => {
  const answers: Typed[] = []
  const unknown: string[] = []
  const { day = '', reading = 'usual', change = '', amounts = 'left', ...facts } = sent
  if (day !== '' && !(dayPattern.test(day) && !Number.isNaN(Date.parse(day)))) throw refused('day')
  if (reading !== 'usual' && reading !== 'easy') throw refused('reading')
  if (amounts !== 'wanted' && amounts !== 'left') throw refused('amounts')
  for (const [field, text] of Object.entries(facts)) {
    const at = field.indexOf(':')
    const kind = field.slice(0, Math.max(at, 0))
    const name = field.slice(at + 1)
    if (name === '' || name.length > 100) throw refused('')
    if (kind === 'unknown') unknown.push(name)
    else if (kinds.includes(kind)) answers.push({ name, kind: kind as Kind, text })
    else throw refused('')
  }
  if (answers.length > mostFacts || new Set(answers.map(({ name }) => name)).size < answers.length) throw refused('')
  // Who says afterwards that they do not know takes the answer back.
  const known = answers.filter(({ name }) => !unknown.includes(name))
  return { answers: known, unknown, day, reading, change, amounts }
}

/** Spaces of every width group digits; a comma or point is the decimal one, unless three digits after it leave that open. */
const numberPattern = /^-?\d{1,12}(?:[.,]\d{1,2})?$/

/** The value of an answer; undefined for what is not in the form that is expected. */
export const factValueOf = ({ kind, text }: Typed): FactValue | undefined => {
  if (kind === 'choice') return text === '' || text.length > 64 ? undefined : text
  if (kind === 'yes-no') return text === 'yes' ? true : text === 'no' ? false : undefined
  const bare = text.replace(/[\s€]/g, '')
  return numberPattern.test(bare) ? Number(bare.replace(',', '.')) : undefined
}

const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`

/** What was told, in hidden fields, but for the answers that the form around them asks for. */
export const carried = ({ answers, unknown, day, reading, amounts }: Told, asked: readonly string[] = []): Html => {
  const stays = (name: string): boolean => !asked.includes(name)
  return html`${answers
    .filter(({ name }) => stays(name))
    .map(({ kind, name, text }) => hidden(`${kind}:${name}`, text))}${unknown
    .filter(stays)
    .map((name) =>
      hidden(`unknown:${name}`, '1'),
    )}${day === '' || asked.includes('day') ? undefined : hidden('day', day)}${
    reading === 'easy' && !asked.includes('reading') ? hidden('reading', reading) : undefined
  }${amounts === 'wanted' ? hidden('amounts', amounts) : undefined}`
}

/** The name of the input for a fact. */
export const inputName = ({ kind, name }: Pick<MissingView, 'kind' | 'name'>): string => `${kind}:${name}`
