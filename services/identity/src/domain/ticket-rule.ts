import type { Reason } from '@unefois/proto/reasons'
import type { PersonId } from './person.js'

/** A login that was opened for a member; instants in seconds. */
export interface Login {
  readonly member: string
  readonly person: PersonId
  readonly acr: string
  readonly authTimeSeconds: number
  readonly expiresAtSeconds: number
}

/** What the federation list says of the two sides of a ticket. */
export interface TicketSides {
  readonly isRequesterPortal: boolean
  readonly isOneSideConsentAuthority: boolean
  /** Whether an authorisation in force joins requester, provider and purpose. */
  readonly isJoined: boolean
}

/** Whether these two may speak of anybody at all for this purpose. */
export const sidesRefusal = (sides: TicketSides): Reason | undefined =>
  sides.isJoined || sides.isOneSideConsentAuthority || sides.isRequesterPortal ? undefined : 'PURPOSE_NOT_AUTHORISED'

/** Whether a login stands for this person at this member, now; undefined is a handle that nobody opened. */
export const loginRefusal = (
  login: Login | undefined,
  of: { readonly member: string; readonly person: PersonId; readonly nowSeconds: number },
): Reason | undefined =>
  login !== undefined &&
  login.member === of.member &&
  login.person === of.person &&
  of.nowSeconds < login.expiresAtSeconds
    ? undefined
    : 'LOGIN_HANDLE_INVALID'

/** The service of a member that opens a ticket. */
export const openerOf = (isConsentAuthority: boolean): string =>
  isConsentAuthority ? 'consent-authority' : 'documents'
