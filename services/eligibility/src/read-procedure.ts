import { z } from 'zod'
import type { ProcedureData } from './domain/procedure.js'
import type { Fault } from './domain/release.js'
import { bilingual, legalReference, sentence, slug } from './rules/read-release.js'
import { readYaml } from './yaml-source.js'

const term = z.strictObject({ count: z.number().int().min(1).max(60), unit: z.enum(['days', 'weeks', 'months']) })
const field = z.strictObject({
  title: bilingual,
  isMandatory: z.boolean(),
  evidence: z.strictObject({ type: slug, field: z.string().min(1).max(200) }).optional(),
  heldByNobody: bilingual.optional(),
  isGivenByPerson: z.boolean(),
})
const procedureText = bilingual.extend({ falc: sentence.optional() })
const application = z.strictObject({
  completion: term,
  automatic: z.boolean(),
  algorithm: z.strictObject({ purpose: procedureText, contribution: procedureText }).optional(),
  retention: z.strictObject({ after: term, reference: slug }),
  withdrawal: z
    .array(z.strictObject({ title: bilingual, within: term, reference: slug }))
    .max(5)
    .default([]),
  better: z.record(z.string().min(1).max(100), z.enum(['more', 'less'])).optional(),
})
const way = z.enum(['online', 'counter', 'telephone', 'post', 'home-visit'])

/** The format of a procedure, key by key. */
const procedureFormat = z.strictObject({
  id: slug,
  kind: z.enum(['benefit', 'orientation', 'plain']),
  title: bilingual,
  summary: bilingual,
  benefit: slug.optional(),
  isFinancial: z.boolean(),
  purposes: z.array(slug).max(10),
  service: z.strictObject({
    name: bilingual,
    address: z.string().trim().min(3).max(300),
    telephone: z.string().trim().min(3).max(40),
    hours: bilingual,
  }),
  fields: z.record(slug, field),
  steps: z.record(slug, z.strictObject({ title: bilingual, ways: z.array(way).min(1).max(5) })),
  silence: z.strictObject({
    means: z.enum(['acceptance', 'rejection', 'none']),
    after: term.optional(),
    reference: slug,
    despiteMoney: slug.optional(),
  }),
  remedies: z
    .array(z.strictObject({ title: bilingual, within: term, isMandatoryFirst: z.boolean(), reference: slug }))
    .max(10)
    .default([]),
  application: application.optional(),
  references: z.record(slug, legalReference),
}) satisfies z.ZodType<ProcedureData>

/** Reads the source of a procedure; what it says of the federation is the domain's to check. */
export const readProcedure = (source: string): { readonly value: ProcedureData } | readonly Fault[] =>
  readYaml(source, procedureFormat)
