import type { Clock } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { RegisterPersonRequest, RegisterPersonResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { livingEntry } from '../living-entry.js'
import type { Pseudonyms } from '../pseudonyms.js'
import { completePivotField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'

interface Needs {
  readonly member: MemberId
  readonly clock: Clock
  readonly pseudonyms: Pseudonyms
  readonly stores: Pick<AuthorityStores, 'register'>
}

/** Enters a person into the register; the same pivot identity again changes nothing. */
export const registerPerson = ({
  clock,
  stores,
  member,
  pseudonyms,
}: Needs): PlainRpc<RegisterPersonRequest, RegisterPersonResponse> => ({
  request: z.object({ pivot: completePivotField }),
  handle: async ({ pivot }) => {
    if (!pivot) throw new MeshError('REQUEST_INVALID', { facts: { field: 'pivot' } })
    const { wasKnown, person } = await stores.register.register(pivot, clock.nowMs())
    const entry = await livingEntry(stores.register, person)
    return { wasKnown, subject: pseudonyms.of(entry?.person ?? person, member) }
  },
})
