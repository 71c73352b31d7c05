import type { Caller } from '@unefois/chassis/caller'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'

/**
 * Who records or ends a protection: the authority's own system, or an agency's identity service for one of that agency's
 * systems. Throws CALLER_NOT_ALLOWED for any other caller, which the access rule has refused before.
 */
export const recorderOf = (
  caller: Caller,
  authority: MemberId,
): { readonly member: MemberId; readonly clientId: string } => {
  switch (caller.kind) {
    case 'system':
      return { member: authority, clientId: caller.clientId }
    case 'member':
      return { member: caller.member, clientId: caller.service }
    default:
      throw new MeshError('CALLER_NOT_ALLOWED')
  }
}
