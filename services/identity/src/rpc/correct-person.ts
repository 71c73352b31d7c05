import type { EffectRpc } from '@unefois/chassis/rpc'
import type { CorrectPersonRequest, CorrectPersonResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireSystem } from '../calling-member.js'
import { type EntryChangeNeeds, requireEntries } from '../entry-change.js'
import { completePivotField, staffField, subjectField, whyField } from '../request-fields.js'
import { tellMembers } from '../tell-members.js'

/** Replaces a pivot identity. Those who know the person are told that it changed, and neither what nor to what. */
export const correctPerson = (needs: EntryChangeNeeds): EffectRpc<CorrectPersonRequest, CorrectPersonResponse> => ({
  request: z.object({ subject: subjectField, pivot: completePivotField, decidedBy: staffField, why: whyField }),
  effect: async ({ subject, pivot, decidedBy, why }, { caller }, tx) => {
    const clientId = requireSystem(caller)
    const stores = needs.storesOn(tx)
    const [entry] = await requireEntries(needs, stores, [subject])
    if (!entry || !pivot) throw new MeshError('SUBJECT_UNKNOWN')
    const atMs = Math.floor(needs.clock.nowMs())
    if (!(await stores.changes.correct(entry.person, entry.pivot, pivot, atMs))) throw new MeshError('PIVOT_TAKEN')
    await stores.changes.record({ person: entry.person, kind: 'corrected', clientId, decidedBy, why, atMs })
    const knowing = await stores.acquaintances.membersOf(entry.person)
    const toldMembers = await tellMembers(tx, needs.outbox, knowing, (member) => ({
      $case: 'pivotCorrected',
      value: { subjects: [...needs.pseudonyms.spellings(entry.person, member)] },
    }))
    return { toldMembers }
  },
})
