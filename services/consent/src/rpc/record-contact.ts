import { nowSeconds } from '@unefois/chassis/clock'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { RecordContactRequest, RecordContactResponse } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { ConsentContext } from '../context.js'
import { requireProactivePurpose, requireTextInForce } from '../statement-terms.js'
import { insertContact, wasContacted } from '../store/contacts.js'
import { isOpposed } from '../store/oppositions.js'
import { channel, channels } from './channels.js'
import { campaign, language, purpose, subject } from './fields.js'

type Needs = Pick<ConsentContext, 'member' | 'clock' | 'federation'>

/**
 * Comes before a contact, so that a person who opposes is not contacted and the first contact offers to oppose. Errors:
 * PURPOSE_NOT_AUTHORISED, OPPOSITION_STANDS, REQUEST_INVALID.
 */
export const recordContact = (needs: Needs): EffectRpc<RecordContactRequest, RecordContactResponse> => ({
  request: z.object({
    subject,
    purpose,
    campaign,
    textVersion: z.string().min(1).max(64),
    language,
    channel,
    offersOpposition: z.boolean(),
  }),
  effect: async (request, _call, tx) => {
    const federation = needs.federation.current
    requireTextInForce(
      requireProactivePurpose(federation, needs.member, request.purpose, nowSeconds(needs.clock)),
      request.textVersion,
    )
    const recordedAtMs = Math.floor(needs.clock.nowMs())
    if (await isOpposed(tx, request, recordedAtMs)) throw new MeshError('OPPOSITION_STANDS')
    const isFirst = !(await wasContacted(tx, request))
    if (isFirst && !request.offersOpposition)
      throw new MeshError('REQUEST_INVALID', {
        detail: 'The first contact offers to oppose.',
        facts: { field: 'offersOpposition' },
      })
    await insertContact(tx, { ...request, channel: channels.get(request.channel) ?? 'online', atMs: recordedAtMs })
    return { isFirst, oppositionAddress: federation.memberWithRole('portal').origin ?? '', recordedAtMs }
  },
})
