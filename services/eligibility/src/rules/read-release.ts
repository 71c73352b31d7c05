import { z } from 'zod'
import { type CheckedRelease, checkRelease } from '../domain/check-release.js'
import type { Fault, Requirement, RuleRelease } from '../domain/release.js'
import { readYaml } from '../yaml-source.js'

/** What is read aloud. */
export const sentence = z.string().trim().min(1).max(600)
/** A text in both languages. */
export const bilingual = z.strictObject({ fr: sentence, en: sentence })
const threeTexts = z.strictObject({ fr: sentence, en: sentence, falc: sentence })
const name = z.string().min(1).max(100)
/** A name by which others refer to something. */
export const slug = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'is lower-case letters and digits, with hyphens between')
const day = z.iso.date('is a day, YYYY-MM-DD')
const person = z.string().trim().min(3).max(200)
const finite = z.number().min(-1e9).max(1e9)

/** A text of law, and how well it was checked. */
export const legalReference = z.strictObject({
  citation: z.string().trim().min(3).max(300),
  checked: z.enum(['read', 'verify', 'secondary', 'known']),
  source: z.url().optional(),
})

const asked = {
  title: bilingual,
  question: bilingual,
  hint: bilingual.optional(),
  sources: z
    .array(z.strictObject({ evidenceType: slug, field: z.string().min(1).max(200), purpose: slug }))
    .default([]),
}
const fact = z.discriminatedUnion('kind', [
  z
    .strictObject({
      ...asked,
      kind: z.literal('number'),
      unit: z.string(),
      minimum: finite,
      maximum: finite,
      decimals: z.number().int().min(0).max(4),
    })
    .refine(({ minimum, maximum }) => minimum < maximum, { path: ['maximum'], message: 'is more than minimum' }),
  z.strictObject({ ...asked, kind: z.literal('yes-no') }),
  z.strictObject({ ...asked, kind: z.literal('choice'), choices: z.record(slug, bilingual) }),
])

const table = z.strictObject({
  by: name,
  unit: z.string(),
  rows: z
    .record(z.string().regex(/^\d{1,3}$/, 'is a whole number'), finite)
    .transform((rows) => Object.entries(rows).map(([at, amount]) => [Number(at), amount] as const))
    .refine((rows) => rows.length > 0, 'has a row'),
  further: finite.optional(),
  reference: name,
})

const requirement: z.ZodType<Requirement> = z.lazy(() =>
  z.union([
    name,
    z.strictObject({ all: z.array(requirement).min(1).max(20) }),
    z.strictObject({ any: z.array(requirement).min(1).max(20) }),
  ]),
)

const given = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('amount'),
    title: bilingual,
    unit: z.string(),
    decimals: z.number().int().min(0).max(4),
  }),
  z.strictObject({ kind: z.literal('choice'), title: bilingual, choices: z.record(slug, bilingual) }),
])

const ruleCase = z.strictObject({
  name: z.string().min(3).max(200),
  facts: z.record(name, z.union([z.number(), z.boolean(), z.string()])),
  answer: z.enum(['yes', 'no', 'unknown']),
  gives: z.record(name, z.union([z.number(), z.string()])).optional(),
  asksNext: name.optional(),
})

/** The format of a release, key by key; what the keys say of each other is the domain's to check. */
const releaseFormat = z.strictObject({
  benefit: slug,
  title: bilingual,
  validFrom: day,
  validTo: day.optional(),
  author: person,
  reviewer: person,
  references: z.record(slug, legalReference),
  scope: z.array(bilingual).min(1).max(20),
  isOrientation: z.boolean().default(false),
  facts: z.record(name, fact),
  tables: z.record(name, table).default({}),
  rules: z.record(name, z.unknown()),
  conditions: z.record(
    name,
    z.strictObject({ title: bilingual, yes: threeTexts, no: threeTexts, unknown: threeTexts, reference: name }),
  ),
  entitledWhen: requirement,
  gives: z.record(name, given).default({}),
  summary: z.strictObject({ yes: threeTexts, no: threeTexts, unknown: threeTexts }),
  cases: z.array(ruleCase).min(3).max(200),
}) satisfies z.ZodType<RuleRelease>

/** Reads the source of a release, and does not check it. */
export const parseRelease = (source: string): { readonly value: RuleRelease } | readonly Fault[] =>
  readYaml(source, releaseFormat)

/** Reads the source of a release and checks it whole; otherwise everything that is wrong with it. */
export const readRelease = (source: string): CheckedRelease | readonly Fault[] => {
  const read = parseRelease(source)
  return 'value' in read ? checkRelease(read.value) : read
}
