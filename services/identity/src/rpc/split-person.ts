import type { EffectRpc } from '@unefois/chassis/rpc'
import type { SplitPersonRequest, SplitPersonResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireSystem } from '../calling-member.js'
import { normalisePivot, pivotKey } from '../domain/normal-form.js'
import type { PersonId } from '../domain/person.js'
import { type EntryChangeNeeds, requireEntries } from '../entry-change.js'
import { completePivotField, staffField, subjectField, whyField } from '../request-fields.js'
import { tellMembers, withKeepersOfConsents } from '../tell-members.js'

const pivots = z
  .array(completePivotField)
  .min(2)
  .max(10)
  .refine((all) => new Set(all.map((each) => pivotKey(normalisePivot(each as never)))).size === all.length, {
    message: 'the same pivot identity twice',
  })

/**
 * Retires an entry that stood for several people and enters each. Whoever knew it is told that much and nothing of the
 * others: which of them it knows, only what its own register holds can tell.
 */
export const splitPerson = (needs: EntryChangeNeeds): EffectRpc<SplitPersonRequest, SplitPersonResponse> => ({
  request: z.object({ subject: subjectField, pivots, decidedBy: staffField, why: whyField }),
  effect: async ({ subject, pivots: each, decidedBy, why }, { caller }, tx) => {
    const clientId = requireSystem(caller)
    const stores = needs.storesOn(tx)
    const [entry] = await requireEntries(needs, stores, [subject])
    if (!entry) throw new MeshError('SUBJECT_UNKNOWN')
    const atMs = Math.floor(needs.clock.nowMs())
    const knowing = await stores.acquaintances.membersOf(entry.person)
    const retired = [...((await stores.register.withMerged([entry.person])).get(entry.person) ?? [])]
    await stores.changes.split(entry.person, atMs)
    await stores.changes.record({ person: entry.person, kind: 'split', clientId, decidedBy, why, atMs })
    const subjects: string[] = []
    const people: PersonId[] = []
    for (const pivot of each) {
      const { person } = await stores.register.register(pivot, atMs)
      people.push(person)
      subjects.push(needs.pseudonyms.of(person, needs.member))
    }
    // Which of them the decision meant, nobody here can tell: each is protected until its own end.
    await stores.protections.pass(entry.person, people)
    await tellMembers(tx, needs.outbox, withKeepersOfConsents(needs.federation.current, knowing), (member) => ({
      $case: 'subjectSplit',
      value: { subjects: retired.flatMap((person) => [...needs.pseudonyms.spellings(person, member)]) },
    }))
    return { subjects, toldMembers: knowing.length }
  },
})
