import { randomUUID } from 'node:crypto'
import type { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { type Reason, toMeshError } from '@unefois/proto/reasons'
import type { DocumentsContext } from '../context.js'
import { consentRefusal } from '../domain/basis.js'
import { type ExchangeRecord, type RecordedOutcome, refusedOutcome } from '../domain/exchange-record.js'
import { type Release, releaseOutcome } from '../domain/release.js'
import type { Entry } from '../store/exchange-log.js'
import { dayOf } from '../store/predicate-uses.js'
import type { Admitted } from './admit-release.js'
import { relayOf } from './relay.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'tickets' | 'exchangeLog' | 'refusalBudget'>

const recordOf = (
  { runtime }: Pick<Needs, 'runtime'>,
  request: ReleaseEvidenceRequest,
  about: { readonly requester: string; readonly subject: string; readonly mode: ExchangeRecord['mode'] },
  outcome: RecordedOutcome,
): ExchangeRecord => ({
  record_id: randomUUID(),
  exchange_id: request.exchangeId,
  member: runtime.member,
  counterparty: about.requester,
  subject: about.subject,
  evidence_type: request.evidenceType,
  relay: relayOf(runtime.federation.current, request.evidenceType),
  purpose: request.purpose,
  procedure: request.procedure,
  mode: about.mode,
  basis: request.basisId,
  at_ms: Math.floor(runtime.clock.nowMs()),
  ...outcome,
})

/** What a release, or the lack of one, leaves on record, with what is judged once more as it is committed. */
export const entryOf = (
  needs: Pick<Needs, 'runtime'>,
  request: ReleaseEvidenceRequest,
  { requester, authorisation, ticket }: Admitted,
  release: Release,
): Entry => {
  const { basisId } = request
  const { sub: subject } = ticket
  const { mode, predicatesPerDay } = authorisation
  const answered = release.kind === 'released' ? release.predicates.map(({ predicate }) => predicate) : []
  return {
    record: recordOf(needs, request, { requester, subject, mode }, releaseOutcome(release)),
    ...(mode === 'consent' && {
      consent: {
        basisId,
        refusal: (state, nowSeconds) => consentRefusal({ authorisation, ticket, basisId }, state, nowSeconds),
      },
    }),
    ...(answered.length > 0 && {
      predicateUse: {
        subject,
        requester,
        predicates: answered,
        day: dayOf(needs.runtime.clock.nowMs()),
        mostPerDay: predicatesPerDay,
      },
    }),
  }
}

/** Failures on the way, which refuse nobody. */
const failures: ReadonlySet<Reason> = new Set(['DEADLINE_EXCEEDED', 'UNAVAILABLE', 'INTERNAL'])

/** The person whom the ticket of a refused request names; undefined when it does not open. */
const subjectOf = ({ tickets }: Needs, { ticket }: ReleaseEvidenceRequest): string | undefined => {
  try {
    return tickets.open(ticket).sub
  } catch {
    return undefined
  }
}

/**
 * Puts a refusal on record under the person whom the ticket names, against the member that the broker proved. A ticket that
 * does not open names nobody: such a refusal is only counted in metrics, and takes nothing from the sender's budget. The
 * refusal stands even when it cannot be recorded.
 */
export const recordRefusal = async (
  needs: Needs,
  request: ReleaseEvidenceRequest,
  requester: string,
  reason: Reason,
): Promise<void> => {
  const { runtime, refusalBudget, exchangeLog } = needs
  const subject = failures.has(reason) ? undefined : subjectOf(needs, request)
  if (subject === undefined || !refusalBudget.take(requester, runtime.clock.nowMs())) return
  const record = recordOf(needs, request, { requester, subject, mode: 'none' }, refusedOutcome(reason))
  try {
    await exchangeLog.commit({ record })
  } catch (thrown) {
    runtime.log.warn({ reason: toMeshError(thrown).reason }, 'a refusal could not be put on record')
  }
}
