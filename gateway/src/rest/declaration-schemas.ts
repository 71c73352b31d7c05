import { z } from 'zod'
import { bilingual, instant } from './schemas.js'

// Documented shapes of what people declare of their own accord.

const declaredField = z.strictObject({
  id: z.string(),
  title: bilingual,
  hint: bilingual.nullable(),
  kind: z.enum(['text', 'date', 'choice']),
  isRequired: z.boolean(),
  mostCharacters: z.number().int().nullable(),
  pattern: z.string().nullable().meta({ description: 'For the whole value, as in HTML.' }),
  choices: z.array(z.strictObject({ id: z.string(), title: bilingual })),
})

export const declarationKind = z.strictObject({
  id: z.string(),
  title: bilingual,
  textVersion: z.string(),
  text: bilingual,
  minimumAcr: z.string(),
  groups: z.array(z.strictObject({ id: z.string(), title: bilingual, fields: z.array(declaredField) })),
  receivers: z.array(z.strictObject({ agency: z.string(), use: bilingual, legalReference: z.string() })),
})

export const declaredContent = z
  .record(z.string(), z.record(z.string(), z.string()))
  .meta({ description: 'Group → field → text, as the kind asks.' })

export const declarationState = z.enum(['open', 'needs-more', 'accepted', 'not-concerned'])

export const declarationReceipt = z
  .strictObject({
    declarationId: z.string(),
    receivedAt: instant,
    service: bilingual.meta({ description: 'The service in charge; empty when the federation names none any more.' }),
    address: z.string(),
    telephone: z.string(),
    recordId: z.string(),
    proof: z.string().meta({ description: 'Path of the proof of this receipt in the agency’s exchange log.' }),
  })
  .meta({ id: 'DeclarationReceipt', description: 'Acknowledgement of a reception (CRPA L112-11, R112-11-1).' })

export const declarationStep = z.strictObject({
  at: instant,
  step: z.enum(['received', 'supplement', 'answer', 'unknown']),
  said: z.record(z.string(), z.unknown()).meta({
    description: 'What was said: SHA-256 of its RFC 8785 form is `said_sha256` in the record that proves this step.',
  }),
  recordId: z.string(),
  proof: z.string().meta({ description: 'Path of the proof; empty outside the portal.' }),
})

const declared = {
  declarationId: z.string(),
  kind: z.string(),
  textVersion: z.string(),
  language: z.string(),
  content: z.unknown(),
  state: declarationState.or(z.literal('unknown')),
  steps: z.array(declarationStep).meta({ description: 'In the order in which they happened.' }),
}
export const ownDeclaration = z.strictObject({
  agency: z.string(),
  ...declared,
  receipt: declarationReceipt.nullable(),
})
export const declaration = z.strictObject({ ...declared, subject: z.string() })

export const sentDeclaration = z.strictObject({
  agency: z.string(),
  receipt: declarationReceipt.nullable().meta({ description: 'Null: not received; send again with the same key.' }),
  reason: z.string().nullable().meta({ description: 'Why it was not received.' }),
})
