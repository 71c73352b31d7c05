import type { Transaction } from '@unefois/chassis/postgres'
import type { PlainRpc } from '@unefois/chassis/rpc'
import { ownDeclarationPurpose } from '@unefois/proto/federation-list'
import type {
  DeclarationReceipt,
  SupplementDeclarationRequest,
  SupplementDeclarationResponse,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { MeshError } from '@unefois/proto/reasons'
import type { SubjectTicket } from '@unefois/proto/subject-ticket'
import { z } from 'zod'
import type { DeclarationNeeds } from '../declaration-needs.js'
import { supplementRefusal } from '../domain/declaration.js'
import { addAgencyEvent } from '../store/agency-events.js'
import { receiptOf, receiptRecord } from './declaration-view.js'
import { basis, token } from './fields.js'
import { openPortalTicket } from './portal-ticket.js'

/** Keeps what the person adds unless it is kept already; answers its receipt. */
const keep = async (
  { runtime, declarations }: DeclarationNeeds,
  tx: Transaction,
  request: SupplementDeclarationRequest,
  { sub, requester }: SubjectTicket,
): Promise<DeclarationReceipt> => {
  const federation = runtime.federation.current
  const supplementId = request.supplementId.toLowerCase()
  const subject = await declarations.lockSubject(tx, sub)
  const known = await declarations.lock(tx, request.declarationId.toLowerCase())
  // Another person's is answered like none.
  if (known?.subject !== subject) throw new MeshError('DECLARATION_UNKNOWN')
  const same = known.said.steps.find(
    ({ step }) => step?.$case === 'supplement' && step.value.supplementId === supplementId,
  )
  if (same?.step?.$case === 'supplement') {
    if (same.step.value.statement !== request.statement) throw new MeshError('IDEMPOTENCY_KEY_REUSED')
    return receiptOf(federation, runtime.member, known, same)
  }
  const refusal = supplementRefusal(known.state)
  if (refusal) throw new MeshError(refusal)
  const atMs = Math.floor(runtime.clock.nowMs())
  const { declarationId, kind, said } = known
  const record = receiptRecord({
    ...{ member: runtime.member, counterparty: requester, subject, declarationId, kind, atMs },
    textVersion: said.textVersion,
    outcome: 'supplemented',
    fields: [],
    said: { statement: request.statement },
  })
  const value = { supplementId, statement: request.statement }
  const step = { atMs, recordId: record.record_id, step: { $case: 'supplement' as const, value } }
  const more = { ...said, steps: [...said.steps, step] }
  await declarations.take(tx, { declarationId, subject, state: 'open', said: more, record })
  await addAgencyEvent(tx, 'declaration-received', declarationId, atMs)
  return receiptOf(federation, runtime.member, known, step)
}

/** Errors: those of a portal ticket, DECLARATION_UNKNOWN, DECLARATION_ANSWERED, DECLARATION_NOTHING_MISSING, IDEMPOTENCY_KEY_REUSED. */
export const supplementDeclaration = (
  needs: DeclarationNeeds,
): PlainRpc<SupplementDeclarationRequest, SupplementDeclarationResponse> => ({
  request: z.object({
    ticket: token,
    basisId: basis,
    declarationId: z.uuid(),
    supplementId: z.uuid(),
    statement: z
      .string()
      .min(1)
      .max(2000)
      .refine((text) => text.trim() !== '', 'says nothing'),
  }),
  handle: async (request, call) => {
    const ticket = openPortalTicket(needs, request, call, ownDeclarationPurpose)
    const receipt = await needs.runtime.postgres.transaction((tx) => keep(needs, tx, request, ticket))
    needs.afterReceipt()
    return { receipt }
  },
})
