import { randomBytes } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { Rpc } from '@unefois/chassis/rpc'
import type { RecordNoticeRequest, RecordNoticeResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { basisIdFrom } from '@unefois/proto/ids'
import { noticeType } from '@unefois/proto/statements'
import { signToken } from '@unefois/proto/token'
import { z } from 'zod'
import type { ConsentContext } from '../context.js'
import { requireStatable, requireTextInForce } from '../statement-terms.js'
import { insertNotice } from '../store/notices.js'
import { requireMayName } from './callers.js'
import { channel, channels } from './channels.js'
import { evidenceTypes, language, member, purpose, subject } from './fields.js'

type Needs = Pick<ConsentContext, 'member' | 'clock' | 'federation' | 'statementKey'>

/**
 * Stores and signs what a person was told. Errors: CALLER_NOT_ALLOWED, MEMBER_UNKNOWN, EVIDENCE_TYPE_UNKNOWN,
 * PURPOSE_NOT_AUTHORISED, REQUEST_INVALID.
 */
export const recordNotice = (needs: Needs): Rpc<RecordNoticeRequest, RecordNoticeResponse> => ({
  request: z.object({
    subject,
    provider: member,
    purpose,
    evidenceTypes,
    textVersion: z.string().min(1).max(64),
    language,
    channel,
  }),
  effect: async (request, { caller }, tx) => {
    requireMayName(caller, request.subject)
    const now = nowSeconds(needs.clock)
    const of = { mode: 'information', nowSeconds: now } as const
    requireTextInForce(requireStatable(needs.federation.current, needs.member, request, of), request.textVersion)
    const toldAtMs = Math.floor(needs.clock.nowMs())
    const basisId = basisIdFrom(randomBytes(16))
    const told = channels.get(request.channel) ?? 'online'
    const statement = signToken(
      noticeType,
      {
        iss: needs.member,
        aud: request.provider,
        basis: basisId,
        purpose: request.purpose,
        evidence_types: request.evidenceTypes,
        text_version: request.textVersion,
        language: request.language,
        channel: told,
        iat: now,
      },
      needs.statementKey,
    )
    await insertNotice(tx, { ...request, basisId, channel: told, toldAtMs, statement })
    return { basisId, toldAtMs }
  },
})
