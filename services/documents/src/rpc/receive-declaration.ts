import { reachesAssurance } from '@unefois/chassis/caller'
import type { Transaction } from '@unefois/chassis/postgres'
import type { PlainRpc } from '@unefois/chassis/rpc'
import { type Declared, declaredPaths, readDeclared, saidSha256 } from '@unefois/proto/declaration-kind'
import { ownDeclarationPurpose } from '@unefois/proto/federation-list'
import type {
  DeclarationReceipt,
  ReceiveDeclarationRequest,
  ReceiveDeclarationResponse,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DeclarationNeeds } from '../declaration-needs.js'
import { mostDeclarationsPerDay } from '../domain/declaration.js'
import { addAgencyEvent } from '../store/agency-events.js'
import { nothingSaid, receiptOf, receiptRecord, type StepOf } from './declaration-view.js'
import { basis, token } from './fields.js'
import { openPortalTicket } from './portal-ticket.js'

const mostContentCharacters = 20_000

/** Errors: DECLARATION_KIND_UNKNOWN, DECLARATION_NOT_RECEIVED, DECLARATION_INVALID naming the field, never its value. */
const declaredIn = (
  { runtime }: Pick<DeclarationNeeds, 'runtime'>,
  { kind, contentJson }: ReceiveDeclarationRequest,
): Declared => {
  const federation = runtime.federation.current
  federation.declarationReceiver(kind, runtime.member)
  let content: unknown
  try {
    content = JSON.parse(contentJson)
  } catch {
    // The parser's own message quotes the text, and a cause is logged.
    throw new MeshError('DECLARATION_INVALID', { detail: 'It is not JSON.', facts: { field: '' } })
  }
  const read = readDeclared(federation.declarationKind(kind), content)
  if ('declared' in read) return read.declared
  const [first] = read.faults
  // A name that the kind does not have may be anything, so it is not repeated.
  const field = first?.fault === 'unknown' ? '' : (first?.path ?? '')
  throw new MeshError('DECLARATION_INVALID', {
    detail: `${field || '(content)'}: ${first?.fault}.`,
    facts: { field },
  })
}

/** Keeps the declaration unless it is kept already; answers its receipt. */
const keep = async (
  { runtime, declarations }: DeclarationNeeds,
  tx: Transaction,
  request: ReceiveDeclarationRequest,
  step: StepOf,
): Promise<DeclarationReceipt> => {
  const federation = runtime.federation.current
  const { declarationId, kind, atMs } = step
  const subject = await declarations.lockSubject(tx, step.subject)
  const known = await declarations.lock(tx, declarationId)
  const [first] = known?.said.steps ?? []
  if (known && first) {
    const isSame =
      known.subject === subject &&
      known.kind === kind &&
      saidSha256(JSON.parse(known.said.contentJson)) === saidSha256(step.said)
    if (isSame) return receiptOf(federation, runtime.member, known, first)
  }
  if (known || (await declarations.isTaken(tx, declarationId))) throw new MeshError('IDEMPOTENCY_KEY_REUSED')
  if ((await declarations.countWithinDay(tx, subject, atMs)) >= mostDeclarationsPerDay)
    throw new MeshError('DECLARATION_LIMIT_REACHED')
  const record = receiptRecord({ ...step, subject })
  const received = { atMs, recordId: record.record_id, step: { $case: 'received' as const, value: {} } }
  const said = {
    ...nothingSaid,
    textVersion: step.textVersion,
    contentJson: JSON.stringify(step.said),
    language: request.language,
    steps: [received],
  }
  await declarations.insert(tx, kind, { declarationId, subject, state: 'open', said, record })
  await addAgencyEvent(tx, 'declaration-received', declarationId, atMs)
  return receiptOf(federation, runtime.member, step, received)
}

/** Errors: those of a portal ticket and of a declared content, ASSURANCE_TOO_LOW, DECLARATION_LIMIT_REACHED, IDEMPOTENCY_KEY_REUSED. */
export const receiveDeclaration = (
  needs: DeclarationNeeds,
): PlainRpc<ReceiveDeclarationRequest, ReceiveDeclarationResponse> => ({
  request: z.object({
    ticket: token,
    basisId: basis,
    declarationId: z.uuid(),
    kind: z.string().regex(/^[a-z][a-z0-9-]{1,63}$/, 'not a kind of declaration'),
    textVersion: z.string().min(1).max(40),
    contentJson: z.string().min(2).max(mostContentCharacters),
    language: z.enum(['fr', 'en']),
  }),
  handle: async (request, call) => {
    const { runtime, afterReceipt } = needs
    const ticket = openPortalTicket(needs, request, call, ownDeclarationPurpose)
    const declared = declaredIn(needs, request)
    const { minimumAcr } = runtime.federation.current.declarationKind(request.kind)
    if (!reachesAssurance(ticket.acr ?? '', minimumAcr))
      throw new MeshError('ASSURANCE_TOO_LOW', { facts: { required_acr: minimumAcr } })
    const step: StepOf = {
      member: runtime.member,
      counterparty: ticket.requester,
      subject: ticket.sub,
      // As the database spells it, which is what the encryption is bound to.
      declarationId: request.declarationId.toLowerCase(),
      kind: request.kind,
      textVersion: request.textVersion,
      outcome: 'received',
      fields: declaredPaths(declared),
      said: declared,
      atMs: Math.floor(runtime.clock.nowMs()),
    }
    const receipt = await runtime.postgres.transaction((tx) => keep(needs, tx, request, step))
    afterReceipt()
    return { receipt }
  },
})
