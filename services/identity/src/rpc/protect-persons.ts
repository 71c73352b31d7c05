import type { Clock } from '@unefois/chassis/clock'
import type { Log } from '@unefois/chassis/log'
import type { Outbox } from '@unefois/chassis/outbox'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { ProtectPersonsRequest, ProtectPersonsResponse } from '@unefois/proto/gen/unefois/identity/v1/protection'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { AuthorityNeeds } from '../authority-context.js'
import { endOf, untilRefusal } from '../domain/protection.js'
import { requireEntries } from '../entry-change.js'
import { recorderOf } from '../protection-recorder.js'
import { protectionField } from '../request-fields.js'
import { type ProtectionTelling, tellProtection } from '../tell-protection.js'

export interface ProtectionNeeds
  extends ProtectionTelling,
    Pick<AuthorityNeeds, 'member' | 'pseudonyms' | 'inTransaction'> {
  readonly clock: Clock
  readonly log: Log
  readonly outbox: Pick<Outbox, 'add' | 'wake'>
}

/**
 * Records a protection and tells those who know the people, in one transaction. Errors: REQUEST_INVALID for a day that is over
 * or too far ahead, SUBJECT_UNKNOWN, SUBJECT_SPLIT, IDEMPOTENCY_KEY_REUSED for the id of another protection.
 */
export const protectPersons = (needs: ProtectionNeeds): PlainRpc<ProtectPersonsRequest, ProtectPersonsResponse> => ({
  request: z.object({ protection: protectionField }),
  handle: async ({ protection }, { caller }) => {
    if (!protection) throw new MeshError('REQUEST_INVALID', { facts: { field: 'protection' } })
    const { member, clientId } = recorderOf(caller, needs.member)
    const { protectionId: id, subjects, ground, reference, until, decidedBy } = protection
    const nowMs = needs.clock.nowMs()
    const refusal = untilRefusal(until, nowMs)
    if (refusal) throw new MeshError(refusal, { facts: { field: 'protection.until' } })
    const untilMs = endOf(until)
    const content = { ground, reference, clientId, decidedBy }
    await needs.inTransaction(async (stores, tx) => {
      const entries = await requireEntries({ member, pseudonyms: needs.pseudonyms }, stores, subjects)
      const people = entries.map(({ person }) => person).sort()
      if (await stores.protections.insert({ id, member, people, untilMs, content }, nowMs))
        return tellProtection(needs, tx, stores, people, nowMs)
      const { endedAtMs: _, ...known } = (await stores.protections.lock(id)) ?? {}
      if (JSON.stringify(known) !== JSON.stringify({ id, member, people, untilMs, content }))
        throw new MeshError('IDEMPOTENCY_KEY_REUSED')
    })
    needs.outbox.wake()
    // Who was protected, on what ground and by which decision stands in the encrypted record, never here.
    needs.log.info({ protectionId: id, recordedBy: member, clientId }, 'a protection was recorded')
    return { endsAtMs: untilMs }
  },
})
