import type { Federation } from '@unefois/proto/federation'

/** The portal and the consent authority serve everybody and hold nobody's file, so nothing there makes an acquaintance. */
export const getsToKnow = (federation: Federation, member: string): boolean =>
  !federation.hasRole(member, 'portal') && !federation.hasRole(member, 'consent-authority')
