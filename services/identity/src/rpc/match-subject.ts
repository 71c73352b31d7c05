import type { Clock } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { Match, MatchSubjectRequest, MatchSubjectResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { requireMember } from '../calling-member.js'
import { type Matching, matchAmong } from '../domain/matching.js'
import type { PersonId } from '../domain/person.js'
import type { Pseudonyms } from '../pseudonyms.js'
import { pivotField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'

interface Needs {
  readonly clock: Clock
  readonly stores: Pick<AuthorityStores, 'register' | 'acquaintances'>
  readonly pseudonyms: Pseudonyms
}

const toMatch = (matching: Matching, pseudonymOf: (person: PersonId) => string): Match => {
  switch (matching.kind) {
    case 'same':
      return { answer: { $case: 'subject', value: pseudonymOf(matching.person) } }
    case 'different':
      return { answer: { $case: 'different', value: {} } }
    case 'ask-human':
      return { answer: { $case: 'askHuman', value: { candidates: matching.candidates } } }
  }
}

/** Finds a person by pivot identity; the asking member knows whom it finds from then on. */
export const matchSubject = ({
  clock,
  stores,
  pseudonyms,
}: Needs): PlainRpc<MatchSubjectRequest, MatchSubjectResponse> => ({
  request: z.object({ pivot: pivotField }),
  handle: async ({ pivot }, { caller }) => {
    const member = requireMember(caller)
    if (!pivot) throw new MeshError('REQUEST_INVALID', { facts: { field: 'pivot' } })
    const matching = matchAmong(pivot, await stores.register.candidates(pivot))
    if (matching.kind === 'same') await stores.acquaintances.record(matching.person, member, clock.nowMs())
    return { match: toMatch(matching, (person) => pseudonyms.of(person, member)) }
  },
})
