import { randomUUID } from 'node:crypto'
import { saidSha256 } from '@unefois/proto/declaration-kind'
import type { Federation } from '@unefois/proto/federation'
import { ownDeclarationPurpose } from '@unefois/proto/federation-list'
import {
  Declaration,
  type DeclarationReceipt,
  DeclarationState,
  type DeclarationStep,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import type { DeclarationRecord, Standing, DeclarationState as State } from '../domain/declaration.js'
import type { StoredDeclaration } from '../store/declarations.js'

const states = {
  open: DeclarationState.DECLARATION_STATE_OPEN,
  'needs-more': DeclarationState.DECLARATION_STATE_NEEDS_MORE,
  accepted: DeclarationState.DECLARATION_STATE_ACCEPTED,
  'not-concerned': DeclarationState.DECLARATION_STATE_NOT_CONCERNED,
} as const satisfies Record<State, DeclarationState>

/** A state as it arrived; undefined for unspecified and for one that this version does not know. */
export const stateOf = (state: DeclarationState): State | undefined =>
  (Object.keys(states) as State[]).find((each) => states[each] === state)

/** The state that each answer leads to. */
export const stateAfter = {
  accepted: 'accepted',
  needsMore: 'needs-more',
  notConcerned: 'not-concerned',
} as const satisfies Record<string, State>

/** Where a declaration stands, as the rules of answering see it. */
export const standingOf = ({ state, said }: StoredDeclaration): Standing => {
  const asked = said.steps.flatMap(({ step }) =>
    step?.$case === 'answer' && step.value.answer?.$case === 'needsMore' ? step.value.answer.value.untilMs : [],
  )
  return { state, untilMs: asked.at(-1) ?? 0 }
}

/** What happened to a declaration, and by whom it was sent. */
export interface StepOf {
  readonly member: string
  /** Who sent the declaration here. */
  readonly counterparty: string
  readonly subject: string
  readonly declarationId: string
  readonly kind: string
  readonly textVersion: string
  readonly outcome: DeclarationRecord['outcome']
  readonly fields: readonly string[]
  /** What was said, as its receipt names it. */
  readonly said: object
  readonly atMs: number
}

/** The receipt of a step, for the exchange log. */
export const receiptRecord = (of: StepOf): DeclarationRecord => ({
  record_id: randomUUID(),
  exchange_id: of.declarationId,
  kind: 'declaration',
  member: of.member,
  counterparty: of.counterparty,
  subject: of.subject,
  purpose: ownDeclarationPurpose,
  declaration_kind: of.kind,
  text_version: of.textVersion,
  fields: [...of.fields],
  said_sha256: saidSha256(of.said),
  outcome: of.outcome,
  at_ms: of.atMs,
})

/** The acknowledgement of a reception, with the service in charge where the federation still names one. */
export const receiptOf = (
  federation: Federation,
  member: string,
  { declarationId, kind }: Pick<StoredDeclaration, 'declarationId' | 'kind'>,
  { atMs, recordId }: Pick<DeclarationStep, 'atMs' | 'recordId'>,
): DeclarationReceipt => {
  const receiver = federation.claims.declarations
    ?.find(({ id }) => id === kind)
    ?.receivers.find((each) => each.member === member)
  return {
    declarationId,
    receivedAtMs: atMs,
    recordId,
    serviceFr: receiver?.service.fr ?? '',
    serviceEn: receiver?.service.en ?? '',
    address: receiver?.address ?? '',
    telephone: receiver?.telephone ?? '',
  }
}

/** A declaration as the agency's system reads it. */
export const toDeclaration = ({ said, declarationId, subject, kind, state }: StoredDeclaration): Declaration => ({
  ...said,
  declarationId,
  subject,
  kind,
  state: states[state],
})

/** The same as its person reads it: without the agency's name for them, with the receipt. */
export const toOwnDeclaration = (stored: StoredDeclaration, federation: Federation, member: string): Declaration => {
  const [first] = stored.said.steps
  return {
    ...toDeclaration(stored),
    subject: '',
    ...(first && { receipt: receiptOf(federation, member, stored, first) }),
  }
}

export const bytesOfDeclaration = (declaration: Declaration): number => Declaration.encode(declaration).finish().length

export const nothingSaid: Declaration = Declaration.decode(new Uint8Array())
