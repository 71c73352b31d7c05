import type { Clock } from '@unefois/chassis/clock'
import type { PlainRpc } from '@unefois/chassis/rpc'
import type { RegisterPersonRequest, RegisterPersonResponse } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { completePivotField } from '../request-fields.js'
import type { AuthorityStores } from '../store/authority-stores.js'

interface Needs {
  readonly clock: Clock
  readonly stores: Pick<AuthorityStores, 'register'>
}

/** Enters a person into the register; the same pivot identity again changes nothing. */
export const registerPerson = ({ clock, stores }: Needs): PlainRpc<RegisterPersonRequest, RegisterPersonResponse> => ({
  request: z.object({ pivot: completePivotField }),
  handle: async ({ pivot }) => {
    if (!pivot) throw new MeshError('REQUEST_INVALID', { facts: { field: 'pivot' } })
    return stores.register.register(pivot, clock.nowMs())
  },
})
