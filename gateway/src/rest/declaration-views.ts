import type { DeclarationKind } from '@unefois/proto/declaration-kind'
import { saidInStep } from '@unefois/proto/declaration-said'
import {
  type Declaration,
  type DeclarationReceipt,
  DeclarationState,
  type DeclarationStep,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import type { z } from 'zod'
import type {
  declaration,
  declarationKind,
  declarationReceipt,
  declarationState,
  declarationStep,
  ownDeclaration,
} from './declaration-schemas.js'
import { instantOf, proofPath } from './views.js'

// From the messages of the contract to what the REST door and the pages show.

export type OwnDeclarationView = z.infer<typeof ownDeclaration>
export type ReceiptView = z.infer<typeof declarationReceipt>
export type StepView = z.infer<typeof declarationStep>
type State = z.infer<typeof declarationState>

export const declarationStateOf: Readonly<Record<State, DeclarationState>> = {
  open: DeclarationState.DECLARATION_STATE_OPEN,
  'needs-more': DeclarationState.DECLARATION_STATE_NEEDS_MORE,
  accepted: DeclarationState.DECLARATION_STATE_ACCEPTED,
  'not-concerned': DeclarationState.DECLARATION_STATE_NOT_CONCERNED,
}

const stateNameOf = (state: DeclarationState): State | 'unknown' =>
  (Object.keys(declarationStateOf) as State[]).find((name) => declarationStateOf[name] === state) ?? 'unknown'

const contentOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const saidOf = (one: Declaration, step: DeclarationStep): StepView['said'] => {
  try {
    return { ...saidInStep(one, step) }
  } catch {
    return {}
  }
}

export const receiptView = (agency: string, one: DeclarationReceipt): ReceiptView => ({
  declarationId: one.declarationId,
  receivedAt: instantOf(one.receivedAtMs),
  service: { fr: one.serviceFr, en: one.serviceEn },
  address: one.address,
  telephone: one.telephone,
  recordId: one.recordId,
  proof: proofPath(agency, one.recordId),
})

const stepView = (one: Declaration, step: DeclarationStep, agency: string | undefined): StepView => ({
  at: instantOf(step.atMs),
  step: step.step?.$case ?? 'unknown',
  said: saidOf(one, step),
  recordId: step.recordId,
  proof: agency === undefined ? '' : proofPath(agency, step.recordId),
})

const declared = (one: Declaration, agency: string | undefined) => ({
  declarationId: one.declarationId,
  kind: one.kind,
  textVersion: one.textVersion,
  language: one.language,
  content: contentOf(one.contentJson),
  state: stateNameOf(one.state),
  steps: one.steps.map((step) => stepView(one, step, agency)),
})

/** A declaration as its person reads it, of one agency. */
export const ownDeclarationView = (agency: string, one: Declaration): OwnDeclarationView => ({
  agency,
  ...declared(one, agency),
  receipt: one.receipt ? receiptView(agency, one.receipt) : null,
})

/** A declaration as the agency's software reads it. */
export const declarationView = (one: Declaration): z.infer<typeof declaration> => ({
  ...declared(one, undefined),
  subject: one.subject,
})

/** A kind, with everything that a form needs. */
export const kindView = (kind: DeclarationKind): z.infer<typeof declarationKind> => ({
  id: kind.id,
  title: kind.title,
  textVersion: kind.textVersion,
  text: kind.text,
  minimumAcr: kind.minimumAcr,
  groups: kind.groups.map(({ id, title, fields }) => ({
    id,
    title,
    fields: fields.map((field) => ({
      id: field.id,
      title: field.title,
      hint: field.hint ?? null,
      kind: field.kind,
      isRequired: !field.isOptional,
      mostCharacters: field.kind === 'text' ? field.mostCharacters : null,
      pattern: field.kind === 'text' ? (field.pattern ?? null) : null,
      choices: field.kind === 'choice' ? field.choices : [],
    })),
  })),
  receivers: kind.receivers.map(({ member, use, legalReference }) => ({ agency: member, use, legalReference })),
})
