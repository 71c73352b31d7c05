import type { MemberId, SubjectId } from '@unefois/proto/ids'

/** Who is calling, as the doors and the tokens prove it; never what a request claims. */
export type Caller =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'system'; readonly clientId: string; readonly scopes: readonly string[] }
  | {
      readonly kind: 'person'
      readonly clientId: string
      readonly subject: SubjectId
      readonly acr: string
      readonly authTimeSeconds: number
      readonly loginHandle: string
    }
  | { readonly kind: 'neighbour'; readonly service: string }
  | { readonly kind: 'member'; readonly member: MemberId; readonly service: string }

/** Levels of assurance of FranceConnect, lowest first (eIDAS low, substantial, high). */
const assuranceLevels = ['eidas1', 'eidas2', 'eidas3']

/** Whether a login at `acr` reaches `minimum`; an unknown level reaches nothing, and nothing reaches one. */
export const reachesAssurance = (acr: string, minimum: string): boolean => {
  const least = assuranceLevels.indexOf(minimum)
  return least >= 0 && assuranceLevels.indexOf(acr) >= least
}

/** A short name for logs and idempotency keys; carries no pseudonym of a person in clear beyond its agency. */
export const callerName = (caller: Caller): string => {
  switch (caller.kind) {
    case 'anyone':
      return 'anyone'
    case 'system':
      return `system:${caller.clientId}`
    case 'person':
      return `person:${caller.subject}`
    case 'neighbour':
      return `neighbour:${caller.service}`
    case 'member':
      return `member:${caller.member}/${caller.service}`
  }
}
