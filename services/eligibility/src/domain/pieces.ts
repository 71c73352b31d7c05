import type { Entry } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { FactUsed, NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { FieldFault } from '@unefois/proto/hand'
import type { ProcedureData, ProcedureFieldAsked } from './procedure.js'
import type { FactSource } from './release.js'

type Fields = ProcedureData['fields']

export const longestEntry = 2000

const fieldOf = (fields: Fields, id: string): ProcedureFieldAsked | undefined =>
  Object.hasOwn(fields, id) ? fields[id] : undefined

const noField: FieldFault = { field: '', what: 'One of them is no field of this procedure' }

/** The first entry that fits no procedure; `asked` are the fields that were asked of the person although others hold them. */
export const entriesFault = (
  fields: Fields,
  entries: readonly Entry[],
  asked: ReadonlySet<string>,
): FieldFault | undefined => {
  const seen = new Set<string>()
  for (const { field: id, text } of entries) {
    const field = fieldOf(fields, id)
    if (!field) return noField
    if (!field.isGivenByPerson && !asked.has(id))
      return { field: id, what: 'is asked of whoever holds it, and not of the person (CRPA L113-12)' }
    if (seen.has(id)) return { field: id, what: 'is given once' }
    seen.add(id)
    if (text.trim() === '') return { field: id, what: 'has some text' }
    if (text.length > longestEntry) return { field: id, what: `has at most ${longestEntry} characters` }
  }
  return undefined
}

/** The fields that the person must give and did not, in the order of the procedure. */
export const missingFields = (fields: Fields, entries: readonly Entry[]): string[] => {
  const given = new Set(entries.map(({ field }) => field))
  return Object.entries(fields).flatMap(([id, { isMandatory, isGivenByPerson }]) =>
    isMandatory && isGivenByPerson && !given.has(id) ? [id] : [],
  )
}

/** The entries after some were added: of one field the latest stands, and none is lost. */
export const withEntries = (before: readonly Entry[], added: readonly Entry[]): Entry[] => {
  const texts = new Map([...before, ...added].map(({ field, text }) => [field, text]))
  return [...texts].map(([field, text]) => ({ field, text }))
}

/** What is known of who else could give a field. */
export interface OtherHolders {
  /** Members that may lawfully give it to this agency for this procedure. */
  readonly holders: (evidenceType: string, field: string) => readonly string[]
  readonly used: readonly FactUsed[]
  readonly notObtained: readonly NotObtained[]
  /** Where a fact of the rule can be had. */
  readonly sourcesOf: (fact: string) => readonly FactSource[]
}

const isSource = (source: FactSource | undefined, { type, field }: { readonly type: string; readonly field: string }) =>
  source?.evidenceType === type && source.field === field

/**
 * Why these fields may not be asked of the person; undefined when they may. One that a holder in reach can give is asked of that
 * holder first: only after an examination that did not obtain it is it asked of the person (CRPA L113-12).
 */
export const askedFieldsFault = (
  fields: Fields,
  asked: readonly string[],
  { holders, used, notObtained, sourcesOf }: OtherHolders,
): FieldFault | undefined => {
  if (asked.length === 0) return { field: 'fields', what: 'names one or more' }
  if (new Set(asked).size < asked.length) return { field: 'fields', what: 'names each once' }
  for (const id of asked) {
    const field = fieldOf(fields, id)
    if (!field) return noField
    const { evidence } = field
    if (!evidence || holders(evidence.type, evidence.field).length === 0) continue
    const wasObtained = used.some(({ source }) => isSource(source, evidence))
    const wasAskedFor = notObtained.some(
      ({ evidenceType, facts }) =>
        evidenceType === evidence.type &&
        facts.some((fact) => sourcesOf(fact).some((source) => isSource(source, evidence))),
    )
    if (wasObtained || !wasAskedFor)
      return {
        field: id,
        what: 'is asked of its holder first, by an examination; of the person only where that did not obtain it (CRPA L113-12)',
      }
  }
  return undefined
}
