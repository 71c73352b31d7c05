import { refusalOf } from '../refusal.js'
import { type Career, careerOf, type YearOf, yearsBetween } from './career.js'
import { type Ending, endingOf } from './ending.js'
import { leftBehind } from './left-behind.js'
import type { ScriptOf } from './script.js'
import type { Stage } from './stage.js'
import { ask, obtained, tellOf } from './steps.js'

type Script = ScriptOf<'gathered'>
type Source = Script['exchanges'][number]

export interface Gathered extends Ending {
  readonly career: Career
  /** What each source gave, and what of it stayed there. */
  readonly given: readonly {
    readonly provider: string
    readonly value: unknown
    readonly leftBehind: readonly string[]
  }[]
  readonly refusedFields: Readonly<Record<string, string>>
  /** The ways on that the person is shown for what nobody knows. */
  readonly routes: readonly string[]
  /** What the person has to tell: the years that nobody knows, and nothing else. */
  readonly asked: readonly number[]
}

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inside, key) => (inside as Record<string, unknown> | undefined)?.[key], value)

/** The years in a career that a body has. */
const yearsIn = ({ years }: Script, member: string, value: unknown): YearOf[] =>
  ((at(value, years.list) ?? []) as Record<string, unknown>[]).map((one) => ({
    member,
    year: Number(one[years.year]),
    quarters: Number(one[years.quarters]),
  }))

/** What a source gave, in years. */
const yearsOf = (script: Script, { provider, period }: Source, value: unknown, today: string): YearOf[] => {
  if (!period) return yearsIn(script, provider, value)
  const until = at(value, period.until)
  return yearsBetween(provider, String(at(value, period.from)), typeof until === 'string' ? until : today)
}

/** One body puts together what it and others know; what contradicts or is missing is shown, and nothing else is asked. */
export const gathered = async (stage: Stage, script: Script): Promise<Gathered> => {
  const { person, own, exchanges, years, neverAsked } = script
  const { say } = stage
  const who = stage.called(person)
  const [first] = exchanges
  stage.hold(own.member, own.evidenceType, person)
  const known = yearsIn(script, own.member, stage.planned(own.member, own.evidenceType, person))
  if (first) say(`${who} reads at the ${stage.nameOf(own.member)}:\n  “${stage.purpose(first.purpose).text.en}”`)
  say(`\nIts own register has ${known.length} years. It asks:`)
  const given = []
  const refusedFields: Record<string, string> = {}
  const today = new Date(stage.startedAtMs).toISOString().slice(0, 10)
  for (const source of exchanges) {
    const { provider, evidenceType } = source
    stage.hold(provider, evidenceType, person)
    const basisId = await tellOf(stage, source, person)
    const { value } = obtained(await ask(stage, source, person, basisId))
    const stayed = leftBehind(stage.planned(provider, evidenceType, person), value)
    given.push({ provider, value, leftBehind: stayed })
    known.push(...yearsOf(script, source, value, today))
    say(`  · the ${stage.nameOf(provider)} gives ${source.fields.join(', ')}; there stayed ${stayed.length} fields.`)
    for (const { field } of neverAsked.filter((one) => one.provider === provider)) {
      refusedFields[field] = await refusalOf(() => ask(stage, source, person, basisId, { fields: [field] }))
      say(`    Asked for ${field}: ${refusedFields[field]}.`)
    }
  }
  const career = careerOf(known, years.most)
  say(`\nTogether they know ${career.years} years.`)
  for (const { year, said } of career.contradictions) {
    const each = said.map(({ member, quarters }) => `${quarters} quarters at the ${stage.nameOf(member)}`)
    say(`  ${year}: ${each.join(' and ')}, more than a year has. An adviser looks at it; nothing is struck out.`)
  }
  const { routes } = stage.places.list().evidenceType(own.evidenceType)
  if (career.missing.length > 0) {
    say(`  Nobody knows ${career.missing.join(', ')}. It is no refusal; ${who} can go on in ${routes.length} ways:`)
    for (const { text } of routes) say(`  · ${text.en}`)
  }
  say(`  For every other year ${who} is asked for nothing.`)
  const ending = await endingOf(stage, person)
  return {
    ...{ career, given, refusedFields, routes: routes.map(({ kind }) => kind), asked: career.missing },
    ...ending,
  }
}
