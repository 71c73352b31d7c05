import type { EffectRpc } from '@unefois/chassis/rpc'
import type { RecordDeathRequest, RecordDeathResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireSystem } from '../calling-member.js'
import { type EntryChangeNeeds, requireEntries } from '../entry-change.js'
import { staffField, subjectField, whyField } from '../request-fields.js'
import { tellMembers } from '../tell-members.js'

/** Records a death, or that it was recorded by mistake, and tells those who know the person. */
export const recordDeath = (needs: EntryChangeNeeds): EffectRpc<RecordDeathRequest, RecordDeathResponse> => ({
  request: z.object({
    subject: subjectField,
    deceasedOn: z.union([z.iso.date(), z.literal('')]),
    decidedBy: staffField,
    why: whyField,
  }),
  effect: async ({ subject, deceasedOn, decidedBy, why }, { caller }, tx) => {
    const clientId = requireSystem(caller)
    const stores = needs.storesOn(tx)
    const [entry] = await requireEntries(needs, stores, [subject])
    if (!entry) throw new MeshError('SUBJECT_UNKNOWN')
    const atMs = Math.floor(needs.clock.nowMs())
    await stores.changes.recordDeath(entry.person, deceasedOn || undefined)
    await stores.changes.record({ person: entry.person, kind: 'deceased', clientId, decidedBy, why, atMs })
    const knowing = await stores.acquaintances.membersOf(entry.person)
    const toldMembers = await tellMembers(tx, needs.outbox, knowing, (member) => ({
      $case: 'subjectDeceased',
      value: { subjects: [...needs.pseudonyms.spellings(entry.person, member)], deceasedOn },
    }))
    return { toldMembers }
  },
})
