/**
 * What a person may tell several bodies at once, of their own accord: the format of a kind of declaration in the federation
 * list, and the one reading of what was declared, which the portal and each receiver do alike.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from './canonical-json.js'
import { isMemberId, type MemberId } from './ids.js'

const memberId = z.string().refine(isMemberId, 'not a member id') as unknown as z.ZodType<MemberId>
const bilingual = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) })
const fieldId = z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/)

/** As HTML reads the attribute `pattern`: the whole value, Unicode sets. */
const patternOf = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'v')
const isPattern = (pattern: string): boolean => {
  try {
    return patternOf(pattern) instanceof RegExp
  } catch {
    return false
  }
}

const common = {
  id: fieldId,
  title: bilingual,
  hint: bilingual.optional(),
  /** True: may be left out. */
  isOptional: z.boolean().optional(),
}
const declaredField = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('text'),
    mostCharacters: z.number().int().min(1).max(500),
    /** A regular expression for the whole value, as in HTML. */
    pattern: z.string().max(200).refine(isPattern, 'not a regular expression').optional(),
    /** What a browser may fill in (HTML autofill token; WCAG 2.2, 1.3.5). */
    autocomplete: z.string().optional(),
  }),
  /** A day of the calendar, YYYY-MM-DD. */
  z.strictObject({ ...common, kind: z.literal('date') }),
  z.strictObject({
    ...common,
    kind: z.literal('choice'),
    choices: z
      .array(z.strictObject({ id: fieldId, title: bilingual }))
      .min(2)
      .max(10),
  }),
])

/** A kind of declaration as the list has it: what is told, and who receives it. */
export const declarationKindFormat = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,63}$/),
  title: bilingual,
  textVersion: z.string(),
  /** What the person is told before they declare. */
  text: bilingual,
  /** The lowest login assurance at which it is taken. */
  minimumAcr: z.enum(['eidas1', 'eidas2', 'eidas3']),
  groups: z
    .array(z.strictObject({ id: fieldId, title: bilingual, fields: z.array(declaredField).min(1).max(20) }))
    .min(1)
    .max(10),
  receivers: z
    .array(
      z.strictObject({
        member: memberId,
        /** What it does with the declaration, for the person who chooses. */
        use: bilingual,
        /** The text under which it receives it. */
        legalReference: z.string().min(1),
        /** The service in charge, with its address and telephone, as its receipt names them (CRPA R112-11-1). */
        service: bilingual,
        address: z.string().min(1),
        telephone: z.string().min(1),
      }),
    )
    .min(1),
})

export type DeclarationKind = z.infer<typeof declarationKindFormat>
export type DeclarationReceiver = DeclarationKind['receivers'][number]
export type DeclaredField = DeclarationKind['groups'][number]['fields'][number]

/** What somebody declared: group → field → text. What was left out is absent. */
export type Declared = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What is wrong, at `group.field`; a path alone for what the kind does not have. */
export interface DeclaredFault {
  readonly path: string
  readonly fault: 'missing' | 'unknown' | 'too-long' | 'not-as-asked'
}

/** Control characters and overrides of the direction of writing: never part of an answer, and shown to staff. */
const unprintable = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

const isDay = (text: string): boolean => {
  const at = new Date(`${text}T00:00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

const valueFault = (field: DeclaredField, text: string): DeclaredFault['fault'] | undefined => {
  if (unprintable.test(text)) return 'not-as-asked'
  switch (field.kind) {
    case 'text':
      if ([...text].length > field.mostCharacters) return 'too-long'
      return field.pattern === undefined || patternOf(field.pattern).test(text) ? undefined : 'not-as-asked'
    case 'date':
      return isDay(text) ? undefined : 'not-as-asked'
    case 'choice':
      return field.choices.some(({ id }) => id === text) ? undefined : 'not-as-asked'
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const unknownIn = (given: object, known: readonly { readonly id: string }[], path: string): DeclaredFault[] =>
  Object.keys(given)
    .filter((name) => !known.some(({ id }) => id === name))
    .map((name) => ({ path: `${path}${name}`, fault: 'unknown' }))

/**
 * Reads what somebody declared: texts are trimmed and in Unicode form NFC, empty ones are left out. Answers either the whole
 * or each fault, in the order in which the kind asks.
 */
export const readDeclared = (
  { groups }: Pick<DeclarationKind, 'groups'>,
  given: unknown,
): { readonly declared: Declared } | { readonly faults: readonly DeclaredFault[] } => {
  if (!isObject(given)) return { faults: [{ path: '', fault: 'not-as-asked' }] }
  const faults = unknownIn(given, groups, '')
  const declared: Record<string, Record<string, string>> = {}
  for (const group of groups) {
    const inside = Object.hasOwn(given, group.id) ? given[group.id] : {}
    if (!isObject(inside)) {
      faults.push({ path: group.id, fault: 'not-as-asked' })
      continue
    }
    faults.push(...unknownIn(inside, group.fields, `${group.id}.`))
    for (const field of group.fields) {
      const path = `${group.id}.${field.id}`
      const value = Object.hasOwn(inside, field.id) ? inside[field.id] : ''
      const text = typeof value === 'string' ? value.normalize('NFC').trim() : undefined
      if (text === undefined) faults.push({ path, fault: 'not-as-asked' })
      else if (text === '') faults.push(...(field.isOptional ? [] : [{ path, fault: 'missing' as const }]))
      else {
        const fault = valueFault(field, text)
        if (fault) faults.push({ path, fault })
        else declared[group.id] = { ...declared[group.id], [field.id]: text }
      }
    }
  }
  return faults.length > 0 ? { faults } : { declared }
}

/** The paths that somebody filled in, `group.field`. */
export const declaredPaths = (declared: Declared): string[] =>
  Object.entries(declared).flatMap(([group, fields]) => Object.keys(fields).map((field) => `${group}.${field}`))

/** SHA-256 of the RFC 8785 form, base64url: how a receipt names what was said. */
export const saidSha256 = (said: object): string => createHash('sha256').update(canonicalJson(said)).digest('base64url')
