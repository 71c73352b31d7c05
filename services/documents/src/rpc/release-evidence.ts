import type { Call, EarlyRefusal, PlainRpc } from '@unefois/chassis/rpc'
import type { ReleaseEvidenceRequest, ReleaseEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { previewRefusal } from '../domain/preview.js'
import { mustHaveEndedBy, type Protected } from '../domain/protection.js'
import { decideRelease, type Release } from '../domain/release.js'
import type { CommitRefusal } from '../store/exchange-log.js'
import { type Admitted, admitRelease } from './admit-release.js'
import { basis, evidenceType, fieldPaths, procedure, purpose, token } from './fields.js'
import { namesAsHeld } from './names-as-held.js'
import { otherRoute, releasedEvidence } from './outcomes.js'
import { entryOf, recordRefusal } from './release-entries.js'

type Needs = Pick<
  DocumentsContext,
  | 'runtime'
  | 'tickets'
  | 'statements'
  | 'holdings'
  | 'exchangeLog'
  | 'previewedReleases'
  | 'refusalBudget'
  | 'places'
  | 'subjects'
>

const nobody: Protected = new Map()

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

/**
 * What was released, or not, goes on record; in explicit-request mode together with a last look at the person's answer. Where a
 * place could be told, whoever is protected is looked up in the same transaction, and it decides what is released.
 */
const commit = async (
  needs: Needs,
  request: ReleaseEvidenceRequest,
  admitted: Admitted,
  people: readonly string[],
  releaseTo: (known: Protected) => Release,
  named: readonly string[],
): Promise<{ readonly refusal: CommitRefusal; readonly release: Release }> => {
  const { runtime, exchangeLog, previewedReleases } = needs
  const { requester, authorisation, ticket } = admitted
  const nowMs = runtime.clock.nowMs()
  const entry = (known: Protected) => entryOf(needs, request, admitted, releaseTo(known))
  const told = (known: Protected) => {
    const release = releaseTo(known)
    const isPlace = release.kind === 'released' && people.length > 0 && needs.places.areIn(release.value, authorisation)
    if (!isPlace) return undefined
    const { exchangeId } = request
    return { exchangeId, requester, about: ticket.sub, named, keepUntilMs: release.keepUntilMs }
  }
  const placed = { people, endedByMs: mustHaveEndedBy(authorisation, nowMs), entry, told }
  if (authorisation.mode === 'explicit-request') {
    const { purpose: purposeId, evidenceType: type, basisId } = request
    const use = { subject: ticket.sub, requester, purpose: purposeId, evidenceType: type, basisId }
    const { refusal, known } = await previewedReleases.commit(placed, use, (answer, protectedNow) =>
      previewRefusal(authorisation, releaseTo(protectedNow), answer, nowMs),
    )
    return { refusal, release: releaseTo(known) }
  }
  if (people.length === 0) return { refusal: await exchangeLog.commit(entry(nobody)), release: releaseTo(nobody) }
  const { refusal, known } = await exchangeLog.commitPlaces(placed)
  return { refusal, release: releaseTo(known) }
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
    const { runtime, holdings, places } = needs
    const admitted = await admit(needs, request, requesterOf(call))
    const { authorisation, ticket } = admitted
    const holding = await holdings.read(ticket.sub, request.evidenceType, call.deadline)
    const predicates = await namesAsHeld(needs, holding, admitted.predicates, call.deadline)
    const asked = { fields: request.fields, predicates }
    const nowMs = runtime.clock.nowMs()
    const open = decideRelease(authorisation, holding, asked, nowMs)
    const releaseTo = (known: Protected): Release =>
      known.size === 0
        ? open
        : decideRelease(authorisation, places.asReleased(authorisation, holding, asked, known), asked, nowMs)
    // Nobody waits any more: nothing is released, so nothing is said to have been.
    if (call.deadline.remainingMs() === 0) throw new MeshError('DEADLINE_EXCEEDED')
    const people = places.peopleOf(authorisation, holding, asked, ticket.sub)
    const related = holding.kind === 'found' ? holding.evidence.related.map(({ subject }) => subject) : []
    const named = related.filter((subject) => subject !== ticket.sub)
    const { refusal, release } = await commit(needs, request, admitted, people, releaseTo, named)
    if (refusal) throw new MeshError(refusal)
    return answer(needs, request, release)
  },
  onEarlyRefusal: ({ request, member, error }: EarlyRefusal<ReleaseEvidenceRequest>) =>
    recordRefusal(needs, request, member, error.reason),
})
