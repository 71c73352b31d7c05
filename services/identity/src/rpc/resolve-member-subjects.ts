import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  ResolvedSubject,
  ResolveMemberSubjectsRequest,
  ResolveMemberSubjectsResponse,
} from '@unefois/proto/gen/unefois/identity/v1/identity'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import type { Pseudonyms } from '../pseudonyms.js'
import { mostAtOnce, subjectField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'
import type { LivingEntry } from '../store/register.js'

interface Needs {
  readonly stores: Pick<AuthorityStores, 'register'>
  readonly pseudonyms: Pseudonyms
}

export const subjectsField = z.array(subjectField).min(1).max(mostAtOnce)

const unknown: ResolvedSubject = { standing: { $case: 'unknown', value: {} } }

/** Answers what a member's own pseudonyms are now; nothing is stored, and another member's are unknown. */
export const resolveMemberSubjects = ({
  stores,
  pseudonyms,
}: Needs): PlainRpc<ResolveMemberSubjectsRequest, ResolveMemberSubjectsResponse> => ({
  request: z.object({ subjects: subjectsField }),
  handle: async ({ subjects }, { caller }) => {
    const member = requireMember(caller)
    const named = subjects.map((subject) => pseudonyms.open(subject, member))
    const entries = await stores.register.living(named.flatMap((person) => person ?? []))
    const merged = await stores.register.withMerged([...new Set([...entries.values()].map(({ person }) => person))])
    const resolve = (entry: LivingEntry | undefined): ResolvedSubject => {
      if (!entry) return unknown
      if (entry.isSplit) return { standing: { $case: 'split', value: {} } }
      const all = merged.get(entry.person) ?? [entry.person]
      const [subject = '', ...aliases] = all.flatMap((person) => [...pseudonyms.spellings(person, member)])
      return { standing: { $case: 'known', value: { subject, aliases } } }
    }
    return { subjects: named.map((person) => resolve(person && entries.get(person))) }
  },
})
