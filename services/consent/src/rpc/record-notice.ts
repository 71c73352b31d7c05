import { randomBytes } from 'node:crypto'
import { nowSeconds } from '@unefois/chassis/clock'
import type { Rpc } from '@unefois/chassis/rpc'
import type { Federation } from '@unefois/proto/federation'
import {
  Channel,
  type RecordNoticeRequest,
  type RecordNoticeResponse,
} from '@unefois/proto/gen/unefois/consent/v1/consent'
import { basisIdFrom } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { type NoticeClaims, noticeType } from '@unefois/proto/statements'
import { signToken } from '@unefois/proto/token'
import { z } from 'zod'
import type { ConsentContext } from '../context.js'
import { insertNotice } from '../store/notices.js'
import { requireMayName } from './callers.js'
import { evidenceTypes, language, member, purpose, subject } from './fields.js'

type Needs = Pick<ConsentContext, 'member' | 'clock' | 'federation' | 'statementKey'>

const channels = new Map<Channel, NoticeClaims['channel']>([
  [Channel.CHANNEL_ONLINE, 'online'],
  [Channel.CHANNEL_COUNTER, 'counter'],
  [Channel.CHANNEL_TELEPHONE, 'telephone'],
  [Channel.CHANNEL_PAPER, 'paper'],
])

const requireAuthorised = (
  federation: Federation,
  requester: string,
  asked: RecordNoticeRequest,
  now: number,
): void => {
  federation.member(asked.provider, now)
  const text = federation.purpose(asked.purpose)
  for (const evidenceType of asked.evidenceTypes) {
    federation.evidenceType(evidenceType)
    const { provider, purpose: purposeId } = asked
    const { mode } = federation.authorisation({ requester, provider, evidenceType, purpose: purposeId }, now)
    if (mode !== 'information') throw new MeshError('PURPOSE_NOT_AUTHORISED')
  }
  if (asked.textVersion !== text.textVersion)
    throw new MeshError('REQUEST_INVALID', {
      detail: 'The text told is not the version in force.',
      facts: { field: 'textVersion' },
    })
}

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
    channel: z.number().refine((channel) => channels.has(channel as Channel), 'not a channel'),
  }),
  effect: async (request, { caller }, tx) => {
    requireMayName(caller, request.subject)
    const now = nowSeconds(needs.clock)
    requireAuthorised(needs.federation.current, needs.member, request, now)
    const toldAtMs = Math.floor(needs.clock.nowMs())
    const basisId = basisIdFrom(randomBytes(16))
    const channel = channels.get(request.channel) ?? 'online'
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
        channel,
        iat: now,
      },
      needs.statementKey,
    )
    await insertNotice(tx, { ...request, basisId, channel, toldAtMs, statement })
    return { basisId, toldAtMs }
  },
})
