import type { Caller } from '@unefois/chassis/caller'
import { MeshError } from '@unefois/proto/reasons'

/** Whom a request is about: named by an agency's system, implied by a person's own token. Error: REQUEST_INVALID. */
export const concernedSubject = (named: string | undefined, caller: Caller): string => {
  if (named !== undefined) return named
  if (caller.kind === 'person') return caller.subject
  throw new MeshError('REQUEST_INVALID', { detail: 'A system names the subject.', facts: { field: 'subject' } })
}
