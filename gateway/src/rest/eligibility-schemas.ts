import { z } from 'zod'
import { bilingual, instant, name } from './schemas.js'

// Documented shapes of what people can ask of an agency, and of the rules of its benefits.

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'Of a source: 64 lower-case hexadecimal digits.' })
export const parisDay = z.iso.date().meta({ description: 'A day in Europe/Paris.' })

const count = z.number().int()
export const unit = z.enum(['days', 'weeks', 'months', ''])
const legalReference = z.strictObject({
  citation: z.string(),
  checked: z
    .string()
    .meta({ description: '`read`, `verify` (read in part), `secondary` (in another’s words) or `known`.' }),
  source: z.string(),
})

export const procedureKind = z.enum(['benefit', 'orientation', 'plain', 'unknown'])
export const way = z.enum(['online', 'counter', 'telephone', 'post', 'home-visit', 'unknown'])
export const silence = z.enum(['acceptance', 'rejection', 'none', 'unknown'])

export const publishedProcedure = z.strictObject({
  id: z.string(),
  sha256,
  kind: procedureKind.meta({ description: '`orientation`: its rule only says whether asking is worth it.' }),
  title: bilingual,
  summary: bilingual,
  benefit: z.string().nullable().meta({ description: 'Whose rule it follows.' }),
  purposes: z.array(z.string()).meta({ description: 'Under which it asks other agencies.' }),
  service: z
    .strictObject({ name: bilingual, address: z.string(), telephone: z.string(), hours: bilingual })
    .nullable()
    .meta({ description: 'Who is in charge.' }),
  fields: z.array(
    z.strictObject({
      id: z.string(),
      title: bilingual,
      isMandatory: z.boolean(),
      isGivenByPerson: z.boolean().meta({ description: 'Otherwise it is asked of who holds it.' }),
      evidence: z.strictObject({ evidenceType: z.string(), field: z.string() }).nullable(),
    }),
  ),
  steps: z.array(z.strictObject({ id: z.string(), title: bilingual, ways: z.array(way) })),
  silence: z
    .strictObject({ means: silence, count, unit, legalReference: z.string() })
    .nullable()
    .meta({ description: 'What it means that the agency does not answer, and after how long.' }),
  remedies: z.array(
    z.strictObject({
      title: bilingual,
      count,
      unit,
      isMandatoryFirst: z.boolean().meta({ description: 'Before a court is asked.' }),
      legalReference: z.string(),
    }),
  ),
  legalReferences: z.array(legalReference),
  application: z
    .strictObject({
      isAutomatic: z.boolean().meta({ description: 'It may be granted without anybody signing; a refusal never is.' }),
      completion: z.strictObject({ count, unit }).meta({ description: 'How long the person has for what is missing.' }),
    })
    .nullable()
    .meta({ description: 'How one applies for it here; null where one cannot.' }),
  publishedAt: instant,
  faults: z.array(z.string()).meta({ description: 'Why it could not be published today.' }),
})

export const release = z.strictObject({
  sha256,
  benefit: z.string(),
  title: bilingual,
  validFrom: parisDay,
  validTo: parisDay.nullable().meta({ description: 'The last day, included; null while there is no end.' }),
  author: z.string(),
  reviewer: z.string(),
  legalReferences: z.array(legalReference),
  scope: z.array(bilingual).meta({ description: 'What the rule leaves out or simplifies.' }),
  publishedAt: instant,
  replacedBy: sha256.nullable(),
})

/** The value of a fact. */
export const fact = z.union([z.number(), z.boolean(), z.string().min(1).max(64)])
const answer = z.enum(['yes', 'no', 'unknown']).meta({ description: '`unknown` is never a no.' })

export const simulation = z.strictObject({
  benefit: name,
  day: parisDay.optional().meta({ description: 'Whose law is applied (Europe/Paris); left out: today.' }),
  language: z.enum(['fr', 'en', 'fr-x-falc']).optional().meta({ description: '`fr-x-falc`: easy-to-read French.' }),
  facts: z
    .record(z.string().min(1).max(100), fact)
    .refine((facts) => Object.keys(facts).length <= 100, 'has more than 100 facts')
    .meta({ description: 'What is known, by the names that `missing` gives; `{}` to be asked everything.' }),
})

/** An evidence field, or a predicate, that tells a fact. */
export const factSource = z.strictObject({ evidenceType: z.string(), field: z.string(), purpose: z.string() })

/** What is asked of a person for a fact. */
export const missingFact = z.strictObject({
  name: z.string(),
  kind: z.enum(['number', 'yes-no', 'choice', 'unknown']),
  question: z.string(),
  hint: z.string(),
  unit: z.string(),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  decimals: count.nullable(),
  choices: z.array(z.strictObject({ value: z.string(), title: z.string() })),
  sources: z.array(factSource).meta({ description: 'Where it can be had without asking the person.' }),
})

export const explanation = z.strictObject({
  language: z.string(),
  summary: z.string(),
  conditions: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      answer,
      sentence: z.string(),
      hasDecided: z.boolean(),
      legalReference: z.string(),
    }),
  ),
  scope: z.array(z.string()),
})

export const finding = z.strictObject({
  answer,
  release,
  gives: z
    .array(z.strictObject({ name: z.string(), title: z.string(), value: fact, unit: z.string(), text: z.string() }))
    .meta({ description: 'What the right is worth, as far as is known.' }),
  missing: z.array(missingFact).meta({ description: 'What to ask next, in the order that decides soonest.' }),
  explanation,
})

export const noRelease = z.strictObject({
  day: parisDay,
  nearest: release.nullable().meta({ description: 'The last that ended before the day, else the first after it.' }),
})
