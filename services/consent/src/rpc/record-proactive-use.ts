import { randomBytes } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  RecordProactiveUseRequest,
  RecordProactiveUseResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { basisIdFrom } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { proactiveUseType } from '@unefois/proto/statements'
import { signToken } from '@unefois/proto/token'
import { z } from 'zod'
import type { ConsentContext } from '../context.js'
import { requireStatable } from '../statement-terms.js'
import { insertBasisStatement } from '../store/basis-statements.js'
import { isOpposed } from '../store/oppositions.js'
import { campaign, evidenceTypes, member, purpose, subject } from './fields.js'

type Needs = Pick<ConsentContext, 'member' | 'clock' | 'federation' | 'statementKey'>

/**
 * Signs a proactive use, of a person who has not opposed it. Errors: MEMBER_UNKNOWN, EVIDENCE_TYPE_UNKNOWN,
 * PURPOSE_NOT_AUTHORISED, OPPOSITION_STANDS.
 */
export const recordProactiveUse = (needs: Needs): EffectRpc<RecordProactiveUseRequest, RecordProactiveUseResponse> => ({
  request: z.object({ subject, provider: member, purpose, evidenceTypes, campaign }),
  effect: async (request, _call, tx) => {
    const now = nowSeconds(needs.clock)
    const of = { mode: 'proactive', nowSeconds: now } as const
    requireStatable(needs.federation.current, needs.member, request, of)
    const recordedAtMs = Math.floor(needs.clock.nowMs())
    if (await isOpposed(tx, request, recordedAtMs)) throw new MeshError('OPPOSITION_STANDS')
    const basisId = basisIdFrom(randomBytes(16))
    const statement = signToken(
      proactiveUseType,
      {
        iss: needs.member,
        aud: request.provider,
        basis: basisId,
        mode: of.mode,
        purpose: request.purpose,
        evidence_types: request.evidenceTypes,
        campaign: request.campaign,
        iat: now,
      },
      needs.statementKey,
    )
    await insertBasisStatement(tx, { ...request, basisId, mode: of.mode, madeAtMs: recordedAtMs, statement })
    return { basisId, recordedAtMs }
  },
})
