import type { EffectRpc } from '@unefois/chassis/rpc'
import type { MergePersonsRequest, MergePersonsResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireSystem } from '../calling-member.js'
import { type EntryChangeNeeds, requireEntries } from '../entry-change.js'
import { staffField, subjectField, whyField } from '../request-fields.js'
import { tellMembers, withKeepersOfConsents } from '../tell-members.js'
import { tellProtection } from '../tell-protection.js'

/** Makes two entries one person; those who know the first are told by which pseudonym they know it now. */
export const mergePersons = (needs: EntryChangeNeeds): EffectRpc<MergePersonsRequest, MergePersonsResponse> => ({
  request: z.object({ from: subjectField, into: subjectField, decidedBy: staffField, why: whyField }),
  effect: async ({ from, into, decidedBy, why }, { caller }, tx) => {
    const clientId = requireSystem(caller)
    const stores = needs.storesOn(tx)
    const [first, second] = await requireEntries(needs, stores, [from, into])
    if (!first || !second) throw new MeshError('SUBJECT_UNKNOWN')
    const atMs = Math.floor(needs.clock.nowMs())
    const knowing = await stores.acquaintances.membersOf(first.person)
    await stores.changes.merge(first.person, second.person, [first.pivot, ...first.former], atMs)
    await stores.changes.record({ person: first.person, kind: 'merged', clientId, decidedBy, why, atMs })
    await tellMembers(tx, needs.outbox, withKeepersOfConsents(needs.federation.current, knowing), (member) => ({
      $case: 'subjectMerged',
      value: {
        subjects: [...needs.pseudonyms.spellings(first.person, member)],
        into: needs.pseudonyms.of(second.person, member),
      },
    }))
    await stores.protections.pass(first.person, [second.person])
    const isProtected = (await stores.protections.standing([second.person], atMs)).size > 0
    if (isProtected) await tellProtection(needs, tx, stores, [second.person], atMs)
    return { toldMembers: knowing.length }
  },
})
