import { nowSeconds } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { GetExchangeRequest, GetExchangeResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { DocumentsContext } from '../context.js'
import { purposeLockRefusal } from '../domain/proactive.js'
import { toAccess } from './access-view.js'
import { purpose } from './fields.js'

type Needs = Pick<DocumentsContext, 'runtime' | 'accesses' | 'received' | 'pendingRequests' | 'places' | 'subjects'>

export const getExchange = ({
  runtime,
  accesses,
  received,
  pendingRequests,
  places,
  subjects,
}: Needs): PlainRpc<GetExchangeRequest, GetExchangeResponse> => ({
  request: z.object({ exchangeId: z.uuid(), purpose: purpose.optional() }),
  handle: async ({ exchangeId: told, purpose: named }, { caller }) => {
    // What was asked again later is read under the id that the agency was told.
    const exchangeId = await pendingRequests.latest(told)
    const found = await accesses.exchange(exchangeId)
    const isOthers =
      caller.kind === 'person' && !(found && (await subjects.areSame(found.opening.subject, caller.subject)))
    if (!found || isOthers) throw new MeshError('EXCHANGE_UNKNOWN')
    const { purposes } = runtime.federation.current.claims
    const use = purposes.find(({ id }) => id === named)?.use
    const refusal = purposeLockRefusal(found.opening.record, named, use)
    if (refusal) throw new MeshError(refusal)
    const evidence = await received.read(exchangeId, runtime.clock.nowMs())
    if (!evidence) return { access: toAccess(found) }
    const { record } = found.opening
    const authorisation = runtime.federation.current
      .authorisationsInForce(nowSeconds(runtime.clock))
      .find(
        (each) =>
          each.requester === record.member &&
          each.provider === record.counterparty &&
          each.evidenceType === record.evidence_type &&
          each.purpose === record.purpose,
      )
    const of = { subject: record.subject, exchangeId, evidenceType: record.evidence_type, authorisation }
    const viewer = caller.kind === 'person' ? caller : undefined
    return { access: toAccess(found), evidence: await places.received(evidence, of, viewer) }
  },
})
