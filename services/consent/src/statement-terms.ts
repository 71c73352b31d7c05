import type { Federation } from '@unefois/proto/federation'
import type { Mode, Purpose } from '@unefois/proto/federation-list'
import { MeshError } from '@unefois/proto/reasons'

/** What a statement of this member is about to say. */
export interface StatedExchange {
  readonly provider: string
  readonly purpose: string
  readonly evidenceTypes: readonly string[]
}

/**
 * The purpose of a statement, where the federation lets this member make it. Errors: MEMBER_UNKNOWN, EVIDENCE_TYPE_UNKNOWN,
 * PURPOSE_NOT_AUTHORISED.
 */
export const requireStatable = (
  federation: Federation,
  requester: string,
  { provider, purpose, evidenceTypes }: StatedExchange,
  of: { readonly mode: Mode; readonly nowSeconds: number },
): Purpose => {
  federation.member(provider, of.nowSeconds)
  const declared = federation.purpose(purpose)
  for (const evidenceType of evidenceTypes) {
    federation.evidenceType(evidenceType)
    const { mode } = federation.authorisation({ requester, provider, evidenceType, purpose }, of.nowSeconds)
    if (mode !== of.mode) throw new MeshError('PURPOSE_NOT_AUTHORISED')
  }
  return declared
}

/** A purpose for which this member may search for rights. Error: PURPOSE_NOT_AUTHORISED. */
export const requireProactivePurpose = (
  federation: Federation,
  requester: string,
  purpose: string,
  nowSeconds: number,
): Purpose => {
  const declared = federation.purpose(purpose)
  const isProactive = federation
    .authorisationsInForce(nowSeconds)
    .some((one) => one.requester === requester && one.purpose === purpose && one.mode === 'proactive')
  if (!isProactive) throw new MeshError('PURPOSE_NOT_AUTHORISED')
  return declared
}

/** Error: REQUEST_INVALID when the text that was shown is not the one in force. */
export const requireTextInForce = ({ textVersion }: Purpose, shown: string): void => {
  if (shown !== textVersion)
    throw new MeshError('REQUEST_INVALID', {
      detail: 'The text told is not the version in force.',
      facts: { field: 'textVersion' },
    })
}
