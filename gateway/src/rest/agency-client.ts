import type { Caller } from '@unefois/chassis/caller'
import { MeshError } from '@unefois/proto/reasons'

/** The scope by which an agency's system follows its agency's events. */
const eventsScope = 'events:read'

/** The client id of an agency's own system that may follow events. Error: CALLER_NOT_ALLOWED. */
export const requireEventsClient = (caller: Caller): string => {
  if (caller.kind !== 'system' || !caller.scopes.includes(eventsScope)) throw new MeshError('CALLER_NOT_ALLOWED')
  return caller.clientId
}
