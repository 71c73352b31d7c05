import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const exchange = z.strictObject({
  requester: z.string(),
  provider: z.string(),
  evidenceType: z.string(),
  purpose: z.string(),
  fields: z.array(z.string()).min(1),
})
/** Whom a rule is applied to, by whom, with one provider's evidence and what the agency knows itself. */
const assessment = z.strictObject({
  member: z.string(),
  provider: z.string(),
  evidenceType: z.string(),
  purpose: z.string(),
  procedure: z.string(),
  /** Of the law, where today has no rule. */
  day: z.iso.date().default(''),
  known: z.record(z.string(), z.boolean()),
})
const common = {
  title: z.string(),
  opening: z.string(),
  /** Whose story it is, by their key among the people. */
  person: z.string(),
  /** Whom each member knows before it begins. */
  enrolled: z.record(z.string(), z.array(z.string())),
}

const prefilled = z.strictObject({
  ...common,
  plot: z.literal('prefilled'),
  exchange,
  /** Who registers the person first, and what it holds from then on that nobody here may ask for. */
  registrar: z.strictObject({ member: z.string(), evidenceType: z.string() }),
  /** A purpose for which the requester may not ask the provider. */
  otherPurpose: z.string(),
  /** What the person says is wrong, and what the provider puts in its place. */
  contested: z.strictObject({ field: z.string(), statement: z.string(), right: z.record(z.string(), z.unknown()) }),
  /** A right that another body decides on and the requester pays, and the one that follows from it elsewhere. */
  granted: z.strictObject({
    decided: exchange,
    decision: z.record(z.string(), z.unknown()),
    paid: z.strictObject({ evidenceType: z.string(), value: z.record(z.string(), z.unknown()) }),
    assessed: assessment,
  }),
})
const ownRequest = z.strictObject({
  ...common,
  plot: z.literal('own-request'),
  exchange,
  parent: z.string(),
  minor: z.string(),
})
const statusOnly = z.strictObject({
  ...common,
  plot: z.literal('status-only'),
  exchange,
  /** Fields that somebody might like to know; the authorisation names none of them. */
  neverAsked: z.array(z.string()).min(1),
  stranger: z.string(),
})
const consented = z.strictObject({
  ...common,
  plot: z.literal('consented'),
  exchange,
  durationDays: z.number().int().positive(),
  assessed: assessment,
  /** What the provider holds besides and may not give for this purpose. */
  neverAsked: z.array(z.string()).min(1),
})
const toldOnce = z.strictObject({
  ...common,
  plot: z.literal('told-once'),
  /** One provider, several that need the same. */
  exchanges: z.array(exchange).min(2),
})
const answered = z.strictObject({
  member: z.string(),
  outcome: z.enum(['accepted', 'needs-more', 'not-concerned']),
  /** What the body says, in the person's language. */
  words: z.string(),
  answeredBy: z.string().default(''),
  /** What the person adds where more is needed, and what the body says afterwards. */
  supplement: z.string().optional(),
  afterwards: z.string().default(''),
})
const declared = z.strictObject({
  ...common,
  plot: z.literal('declared'),
  /** What kind of declaration, and what is told. */
  kind: z.string(),
  content: z.record(z.string(), z.record(z.string(), z.string())),
  notKnown: z.string(),
  answers: z.array(answered).min(3),
  /** What the provider puts into its register afterwards. */
  changed: z.strictObject({ value: z.record(z.string(), z.unknown()) }),
  exchange,
})
const gathered = z.strictObject({
  ...common,
  plot: z.literal('gathered'),
  own: z.strictObject({ member: z.string(), evidenceType: z.string() }),
  /** Where years and quarters stand in a career. */
  years: z.strictObject({
    list: z.string(),
    year: z.string(),
    quarters: z.string(),
    most: z.number().int().positive(),
  }),
  exchanges: z
    .array(exchange.extend({ period: z.strictObject({ from: z.string(), until: z.string() }).optional() }))
    .min(2),
  neverAsked: z.array(z.strictObject({ provider: z.string(), field: z.string() })).min(1),
})
const script = z.discriminatedUnion('plot', [
  prefilled,
  ownRequest,
  statusOnly,
  consented,
  toldOnce,
  declared,
  gathered,
])

/** Who plays which part in a story of the federation's data, and which plot it follows. */
export type StoryScript = z.infer<typeof script>
export type Plot = StoryScript['plot']
export type ScriptOf<P extends Plot> = Extract<StoryScript, { readonly plot: P }>
export type PlannedExchange = z.infer<typeof exchange>
export type PlannedAssessment = z.infer<typeof assessment>

const ending = '.yaml'
const folderOf = (federationFolder: string): string => join(federationFolder, 'stories')

/** The names of a federation's stories, in alphabetical order. */
export const storyNames = (federationFolder: string): string[] =>
  readdirSync(folderOf(federationFolder))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort()

/** Reads a story; an Error names the file and the key, or the stories that there are. */
export const readStory = (federationFolder: string, name: string): StoryScript => {
  const names = storyNames(federationFolder)
  if (!names.includes(name)) throw new Error(`There is no story “${name}”. Stories: ${names.join(', ')}`)
  const file = join(folderOf(federationFolder), `${name}${ending}`)
  const checked = script.safeParse(parse(readFileSync(file, 'utf8')))
  if (!checked.success) throw new Error(`${file}:\n${z.prettifyError(checked.error)}`)
  return checked.data
}
