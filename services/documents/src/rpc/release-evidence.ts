import type { Call, EarlyRefusal, PlainRpc } from '@unefois/chassis/rpc'
import type { ReleaseEvidenceRequest, ReleaseEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { previewRefusal } from '../domain/preview.js'
import { decideRelease, type Release } from '../domain/release.js'
import type { CommitRefusal } from '../store/exchange-log.js'
import { type Admitted, admitRelease } from './admit-release.js'
import { basis, evidenceType, fieldPaths, procedure, purpose, token } from './fields.js'
import { otherRoute, releasedEvidence } from './outcomes.js'
import { entryOf, recordRefusal } from './release-entries.js'

type Needs = Pick<
  DocumentsContext,
  'runtime' | 'tickets' | 'statements' | 'holdings' | 'exchangeLog' | 'previewedReleases' | 'refusalBudget'
>

const answer = ({ runtime }: Needs, request: ReleaseEvidenceRequest, release: Release): ReleaseEvidenceResponse => {
  switch (release.kind) {
    case 'released':
      return { outcome: { $case: 'evidence', value: releasedEvidence(release) } }
    case 'pending':
      return { outcome: { $case: 'pending', value: { retryAfterMs: release.retryAfterMs } } }
    default: {
      const type = runtime.federation.current.evidenceType(request.evidenceType)
      return { outcome: { $case: 'otherRoute', value: otherRoute(release.kind, type) } }
    }
  }
}

const requesterOf = ({ caller }: Call): string => {
  if (caller.kind !== 'member') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.member
}

/** A refusal at a gate is put on record before it is answered. */
const admit = async (needs: Needs, request: ReleaseEvidenceRequest, requester: string): Promise<Admitted> => {
  try {
    return await admitRelease(needs, request, requester)
  } catch (thrown) {
    await recordRefusal(needs, request, requester, toMeshError(thrown).reason)
    throw thrown
  }
}

/** What was released, or not, goes on record; in explicit-request mode together with a last look at the person's answer. */
const commit = (
  needs: Needs,
  request: ReleaseEvidenceRequest,
  admitted: Admitted,
  release: Release,
): Promise<CommitRefusal> => {
  const { runtime, exchangeLog, previewedReleases } = needs
  const { requester, authorisation, ticket } = admitted
  const entry = entryOf(needs, request, admitted, release)
  if (authorisation.mode !== 'explicit-request') return exchangeLog.commit(entry)
  const { purpose: purposeId, evidenceType: type, basisId } = request
  const use = { subject: ticket.sub, requester, purpose: purposeId, evidenceType: type, basisId }
  return previewedReleases.commit(entry, use, (answer) =>
    previewRefusal(authorisation, release, answer, runtime.clock.nowMs()),
  )
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
    const { runtime, holdings } = needs
    const admitted = await admit(needs, request, requesterOf(call))
    const { authorisation, ticket, predicates } = admitted
    const holding = await holdings.read(ticket.sub, request.evidenceType, call.deadline)
    const release = decideRelease(authorisation, holding, { fields: request.fields, predicates }, runtime.clock.nowMs())
    // Nobody waits any more: nothing is released, so nothing is said to have been.
    if (call.deadline.remainingMs() === 0) throw new MeshError('DEADLINE_EXCEEDED')
    const refusal = await commit(needs, request, admitted, release)
    if (refusal) throw new MeshError(refusal)
    return answer(needs, request, release)
  },
  onEarlyRefusal: ({ request, member, error }: EarlyRefusal<ReleaseEvidenceRequest>) =>
    recordRefusal(needs, request, member, error.reason),
})
