import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  EndPersonProtectionRequest,
  EndPersonProtectionResponse,
} from '@unefois/proto/gen/unefois/identity/v1/protection'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { recorderOf } from '../protection-recorder.js'
import { protectionIdField, staffField, whyField } from '../request-fields.js'
import { tellProtection } from '../tell-protection.js'
import type { ProtectionNeeds } from './protect-persons.js'

/**
 * Ends a protection before its day; once, whoever asks again. Error: PROTECTION_UNKNOWN, also for an agency that names another
 * member's: whether there is one is told to nobody else.
 */
export const endPersonProtection = (
  needs: ProtectionNeeds,
): PlainRpc<EndPersonProtectionRequest, EndPersonProtectionResponse> => ({
  request: z.object({ protectionId: protectionIdField, decidedBy: staffField, why: whyField }),
  handle: async ({ protectionId, decidedBy, why }, { caller }) => {
    const { member, clientId } = recorderOf(caller, needs.member)
    const nowMs = Math.floor(needs.clock.nowMs())
    const endedAtMs = await needs.inTransaction(async (stores, tx) => {
      const found = await stores.protections.lock(protectionId)
      if (!found || (member !== needs.member && found.member !== member)) throw new MeshError('PROTECTION_UNKNOWN')
      const ended = found.endedAtMs ?? (found.untilMs <= nowMs ? found.untilMs : undefined)
      if (ended !== undefined) return ended
      await stores.changes.lock(found.people)
      await stores.protections.end(protectionId, { member, clientId, decidedBy, why }, nowMs)
      // Read again: a merge may have moved them before the lock.
      const people = (await stores.protections.lock(protectionId))?.people ?? []
      await tellProtection(needs, tx, stores, people, nowMs)
      return nowMs
    })
    needs.outbox.wake()
    needs.log.warn({ protectionId, endedBy: member, clientId }, 'a protection was ended before its day')
    return { endedAtMs }
  },
})
