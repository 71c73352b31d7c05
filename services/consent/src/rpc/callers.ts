import type { Caller } from '@unefois/chassis/caller'
import type { MemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'

export type Person = Extract<Caller, { kind: 'person' }>

/** The logged-in person. Error: CALLER_NOT_ALLOWED. */
export const requirePerson = (caller: Caller): Person => {
  if (caller.kind !== 'person') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller
}

/** The calling member. Error: CALLER_NOT_ALLOWED. */
export const requireMember = (caller: Caller): MemberId => {
  if (caller.kind !== 'member') throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.member
}

/** A person names nobody but themselves; the agency's own system may name anyone it knows. Error: CALLER_NOT_ALLOWED. */
export const requireMayName = (caller: Caller, subject: string): void => {
  if (caller.kind === 'person' ? caller.subject !== subject : caller.kind !== 'system')
    throw new MeshError('CALLER_NOT_ALLOWED')
}
