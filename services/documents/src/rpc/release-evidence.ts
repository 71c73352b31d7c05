import { randomUUID } from 'node:crypto'
import type { Call, EarlyRefusal, PlainRpc } from '@unefois/chassis/rpc'
import type { Authorisation } from '@unefois/proto/federation'
import type { ReleaseEvidenceRequest, ReleaseEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { BasisId, MemberId } from '@unefois/proto/ids'
import { MeshError, type Reason, toMeshError } from '@unefois/proto/reasons'
import { noticeType } from '@unefois/proto/statements'
import { type SubjectTicket, ticketMisuse } from '@unefois/proto/subject-ticket'
import { checkToken } from '@unefois/proto/token'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { consentRefusal, noticeRefusal } from '../domain/basis.js'
import { type AskedPredicate, fieldRefusal } from '../domain/evidence.js'
import type { ExchangeRecord } from '../domain/exchange-record.js'
import { decideRelease, type Release } from '../domain/release.js'
import type { Entry } from '../store/exchange-log.js'
import { basis, evidenceType, fieldPaths, procedure, purpose, token } from './fields.js'
import { otherRoute, releasedEvidence } from './outcomes.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'holdings' | 'exchangeLog' | 'refusalBudget'>

/** A request that every gate but consent's last look has let through. */
interface Admitted {
  readonly authorisation: Authorisation
  readonly ticket: SubjectTicket
  readonly predicates: readonly AskedPredicate[]
}

const secondsOf = (ms: number): number => Math.floor(ms / 1000)

const use = (request: ReleaseEvidenceRequest, requester: string, provider: string) => ({
  requester: requester as MemberId,
  provider: provider as MemberId,
  purpose: request.purpose,
  basis: request.basisId as BasisId,
})

const requireNo = (refusal: Reason | undefined): void => {
  if (refusal) throw new MeshError(refusal)
}

/** The gates, in their order: authorisation, fields, ticket, then notice. The consent is judged where it is locked. */
const admit = (needs: Needs, request: ReleaseEvidenceRequest, requester: string): Admitted => {
  const { runtime, tickets } = needs
  const nowMs = runtime.clock.nowMs()
  const federation = runtime.federation.current
  const provider = runtime.member
  const { evidenceType: type } = request
  const authorisation = federation.authorisation(
    { requester, provider, evidenceType: type, purpose: request.purpose },
    secondsOf(nowMs),
  )
  const asked = request.predicates.map(({ predicate, argumentTicket }) => ({ id: predicate, argument: argumentTicket }))
  requireNo(
    fieldRefusal(
      authorisation,
      request.fields,
      asked.map(({ id, argument }) => ({ id, argument: argument || undefined })),
    ),
  )
  const ticket = tickets.open(request.ticket)
  requireNo(ticketMisuse(ticket, use(request, requester, provider)))
  const predicates = asked.map(({ id, argument }) => {
    if (argument === '') return { id, argument: undefined }
    const second = tickets.open(argument)
    requireNo(ticketMisuse(second, use(request, requester, provider)))
    return { id, argument: second.sub }
  })
  if (authorisation.mode === 'information') {
    const notice = request.statement === '' ? undefined : readNotice(needs, request.statement)
    requireNo(noticeRefusal({ authorisation, ticket, basisId: request.basisId }, notice))
  }
  return { authorisation, ticket, predicates }
}

const readNotice = ({ runtime }: Needs, statement: string) => {
  try {
    return checkToken(statement, noticeType, {
      audience: runtime.member,
      keyOf: runtime.federation.current.keyOf('statement'),
      nowSeconds: secondsOf(runtime.clock.nowMs()),
    })
  } catch (cause) {
    throw new MeshError('NOTICE_MISMATCH', { cause })
  }
}

const recordOf = (
  needs: Needs,
  request: ReleaseEvidenceRequest,
  about: { requester: string; subject: string; mode: ExchangeRecord['mode'] },
  outcome: Pick<ExchangeRecord, 'kind' | 'outcome' | 'reason' | 'fields' | 'predicates' | 'evidence_version'>,
): ExchangeRecord => ({
  record_id: randomUUID(),
  exchange_id: request.exchangeId,
  member: needs.runtime.member,
  counterparty: about.requester,
  subject: about.subject,
  evidence_type: request.evidenceType,
  purpose: request.purpose,
  procedure: request.procedure,
  mode: about.mode,
  basis: request.basisId,
  at_ms: Math.floor(needs.runtime.clock.nowMs()),
  ...outcome,
})

const nothingReleased = { fields: [], predicates: [], evidence_version: 0 }

const outcomeOf = (
  release: Release,
): Pick<ExchangeRecord, 'kind' | 'outcome' | 'reason' | 'fields' | 'predicates' | 'evidence_version'> =>
  release.kind === 'released'
    ? {
        kind: 'release',
        outcome: 'released',
        reason: 'none',
        fields: release.fields,
        predicates: release.predicates.map(({ predicate }) => predicate),
        evidence_version: release.version,
      }
    : { kind: 'release', outcome: release.kind, reason: 'none', ...nothingReleased }

const entryOf = (
  needs: Needs,
  request: ReleaseEvidenceRequest,
  requester: string,
  admitted: Admitted,
  release: Release,
): Entry => {
  const { authorisation, ticket, predicates } = admitted
  const about = { requester, subject: ticket.sub, mode: authorisation.mode }
  const basisId = request.basisId
  return {
    record: recordOf(needs, request, about, outcomeOf(release)),
    ...(authorisation.mode === 'consent' && {
      consent: {
        basisId,
        refusal: (state, nowSeconds) => consentRefusal({ authorisation, ticket, basisId }, state, nowSeconds),
      },
    }),
    ...(predicates.length > 0 && {
      predicateUse: {
        subject: ticket.sub,
        requester,
        predicates: predicates.map(({ id }) => id),
        day: new Date(needs.runtime.clock.nowMs()).toISOString().slice(0, 10),
        mostPerDay: authorisation.predicatesPerDay,
      },
    }),
  }
}

/**
 * Puts a refusal on record under the person whom the ticket names, against the member that the broker proved. A ticket that
 * does not open names nobody: such a refusal is only counted.
 */
const recordRefusal = async (
  needs: Needs,
  request: ReleaseEvidenceRequest,
  member: string,
  reason: Reason,
): Promise<void> => {
  if (!needs.refusalBudget.take(member, needs.runtime.clock.nowMs())) return
  let subject: string
  try {
    subject = needs.tickets.open(request.ticket).sub
  } catch {
    return
  }
  const outcome = { kind: 'refusal', outcome: 'refused', reason, ...nothingReleased } as const
  await needs.exchangeLog.commit({
    record: recordOf(needs, request, { requester: member, subject, mode: 'none' }, outcome),
  })
}

const answer = (needs: Needs, request: ReleaseEvidenceRequest, release: Release): ReleaseEvidenceResponse => {
  switch (release.kind) {
    case 'released':
      return { outcome: { $case: 'evidence', value: releasedEvidence(release) } }
    case 'pending':
      return { outcome: { $case: 'pending', value: { retryAfterMs: release.retryAfterMs } } }
    default: {
      const type = needs.runtime.federation.current.evidenceType(request.evidenceType)
      return { outcome: { $case: 'otherRoute', value: otherRoute(release.kind, type) } }
    }
  }
}

const requesterOf = ({ caller }: Call): string => {
  if (caller.kind !== 'member') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.member
}

export const releaseEvidence = (needs: Needs): PlainRpc<ReleaseEvidenceRequest, ReleaseEvidenceResponse> => ({
  request: z.object({
    evidenceType,
    purpose,
    procedure,
    basisId: basis,
    statement: z.string().max(8192),
    ticket: token,
    fields: fieldPaths,
    predicates: z
      .array(z.object({ predicate: z.string().min(1).max(64), argumentTicket: z.string().max(8192) }))
      .max(10),
    exchangeId: z.uuid(),
  }),
  handle: async (request, call) => {
    const requester = requesterOf(call)
    let admitted: Admitted
    let release: Release
    try {
      admitted = admit(needs, request, requester)
      const holding = await needs.holdings.read(admitted.ticket.sub, request.evidenceType, call.deadline)
      release = decideRelease(
        admitted.authorisation,
        holding,
        { fields: request.fields, predicates: admitted.predicates },
        needs.runtime.clock.nowMs(),
      )
    } catch (thrown) {
      await recordRefusal(needs, request, requester, toMeshError(thrown).reason)
      throw thrown
    }
    const refusal = await needs.exchangeLog.commit(entryOf(needs, request, requester, admitted, release))
    if (refusal) throw new MeshError(refusal)
    return answer(needs, request, release)
  },
  onEarlyRefusal: ({ request, member, error }: EarlyRefusal<ReleaseEvidenceRequest>) =>
    recordRefusal(needs, request, member, error.reason),
})
