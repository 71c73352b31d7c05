import type { Federation } from '@unefois/proto/federation'

/** What the person is to see, and which request of theirs it belongs to. */
export interface PreviewOwed {
  readonly requester: string
  readonly provider: string
  readonly evidenceType: string
  readonly purpose: string
  readonly basisId: string
}

/** Where the person goes afterwards: an address registered for the requester, and what it is told besides. */
export interface WayBack {
  readonly returnUrl: string
  readonly state: string
}

/** The portal's page where a person sees what would be released and answers; undefined where the portal has no pages. */
export const previewAddress = (federation: Federation, owed: PreviewOwed, back?: WayBack): string | undefined => {
  const { origin } = federation.memberWithRole('portal')
  const { requester, provider, evidenceType, purpose, basisId } = owed
  const query = new URLSearchParams({
    requester,
    provider,
    type: evidenceType,
    purpose,
    basis: basisId,
    ...(back && { return: back.returnUrl, state: back.state }),
  })
  return origin === undefined ? undefined : `${origin}/preview?${query.toString()}`
}
