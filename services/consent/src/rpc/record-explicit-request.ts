import { randomBytes } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type {
  RecordExplicitRequestRequest,
  RecordExplicitRequestResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { basisIdFrom } from '@unefois/proto/ids'
import { explicitRequestType } from '@unefois/proto/statements'
import { signToken } from '@unefois/proto/token'
import { z } from 'zod'
import type { ConsentContext } from '../context.js'
import { requireStatable, requireTextInForce } from '../statement-terms.js'
import { insertBasisStatement } from '../store/basis-statements.js'
import { requireMayName, requirePerson } from './callers.js'
import { evidenceTypes, language, member, purpose, subject } from './fields.js'

type Needs = Pick<ConsentContext, 'member' | 'clock' | 'federation' | 'statementKey'>

/**
 * Signs that the person asked for an exchange; nobody asks in their place. Errors: CALLER_NOT_ALLOWED, MEMBER_UNKNOWN,
 * EVIDENCE_TYPE_UNKNOWN, PURPOSE_NOT_AUTHORISED, REQUEST_INVALID.
 */
export const recordExplicitRequest = (
  needs: Needs,
): EffectRpc<RecordExplicitRequestRequest, RecordExplicitRequestResponse> => ({
  request: z.object({
    subject,
    provider: member,
    purpose,
    evidenceTypes,
    textVersion: z.string().min(1).max(64),
    language,
  }),
  effect: async (request, { caller }, tx) => {
    requireMayName(requirePerson(caller), request.subject)
    const now = nowSeconds(needs.clock)
    const of = { mode: 'explicit-request', nowSeconds: now } as const
    requireTextInForce(requireStatable(needs.federation.current, needs.member, request, of), request.textVersion)
    const askedAtMs = Math.floor(needs.clock.nowMs())
    const basisId = basisIdFrom(randomBytes(16))
    const statement = signToken(
      explicitRequestType,
      {
        iss: needs.member,
        aud: request.provider,
        basis: basisId,
        mode: of.mode,
        purpose: request.purpose,
        evidence_types: request.evidenceTypes,
        text_version: request.textVersion,
        language: request.language,
        iat: now,
      },
      needs.statementKey,
    )
    await insertBasisStatement(tx, { ...request, basisId, mode: of.mode, madeAtMs: askedAtMs, statement })
    return { basisId, askedAtMs }
  },
})
