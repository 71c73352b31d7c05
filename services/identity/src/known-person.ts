import { MeshError } from '@unefois/proto/reasons'
import type { PersonId } from './domain/person.js'
import { ownViewAcr, ownViewRefusal } from './domain/protection.js'
import { type Login, loginRefusal } from './domain/ticket-rule.js'
import { livingEntry } from './living-entry.js'
import type { Pseudonyms } from './pseudonyms.js'
import type { AuthorityStores } from './store/authority-stores.js'

export interface KnownPersonNeeds {
  readonly pseudonyms: Pseudonyms
  readonly stores: Pick<AuthorityStores, 'register' | 'logins'>
}

/** The living person whom a member knows by this pseudonym, after all merges. Throws SUBJECT_UNKNOWN, _SPLIT or _DECEASED. */
export const requirePerson = async (
  { pseudonyms, stores }: KnownPersonNeeds,
  subject: string,
  member: string,
): Promise<PersonId> => {
  const named = pseudonyms.open(subject, member)
  const entry = named && (await livingEntry(stores.register, named))
  if (!entry) throw new MeshError('SUBJECT_UNKNOWN')
  if (entry.isSplit) throw new MeshError('SUBJECT_SPLIT')
  if (entry.deceasedOn !== undefined) throw new MeshError('SUBJECT_DECEASED')
  return entry.person
}

/** The login behind a handle, which must be this person's at this member. Throws LOGIN_HANDLE_INVALID. */
export const requireLogin = async (
  { stores }: KnownPersonNeeds,
  handle: string,
  of: { readonly member: string; readonly person: PersonId; readonly nowSeconds: number },
): Promise<Login> => {
  const login = await stores.logins.find(handle)
  const refusal = loginRefusal(login, of)
  if (login === undefined || refusal !== undefined) throw new MeshError(refusal ?? 'LOGIN_HANDLE_INVALID')
  return login
}

/**
 * Of a protected person nothing is shown to whoever holds a weak login of theirs: neither what members hold and have used, nor
 * which members there are. Throws ASSURANCE_TOO_LOW, which names the level.
 */
export const requireOwnView = async (
  protections: Pick<AuthorityStores['protections'], 'standing'>,
  { person, acr }: Pick<Login, 'person' | 'acr'>,
  nowMs: number,
): Promise<void> => {
  const isProtected = (await protections.standing([person], nowMs)).has(person) ? 'protected' : 'not protected'
  const refusal = ownViewRefusal(isProtected, acr)
  if (refusal) throw new MeshError(refusal, { facts: { required_acr: ownViewAcr } })
}
