import type { Caller } from '@unefois/chassis/caller'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'

/** The member that calls. Throws CALLER_NOT_ALLOWED for any other caller, which the access rule has refused before. */
export const requireMember = (caller: Caller): MemberId => {
  if (caller.kind !== 'member') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.member
}

/** The client id of the system that calls. Throws CALLER_NOT_ALLOWED for any other caller. */
export const requireSystem = (caller: Caller): string => {
  if (caller.kind !== 'system') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.clientId
}
