import type { Consumer } from '@unefois/chassis/inbox'
import { ChangeApplied, ConsentChanged } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type ConsentArtefactClaims, consentArtefactType } from '@unefois/proto/statements'
import { checkToken } from '@unefois/proto/token'
import type { DocumentsContext } from '../context.js'
import type { ConsentState } from '../domain/basis.js'
import { putConsent, putFeedPosition } from '../store/consents.js'

type Needs = Pick<DocumentsContext, 'runtime'>

const stateOf = (artefact: ConsentArtefactClaims, subject: string): ConsentState => ({
  basisId: artefact.basis,
  subject,
  requester: artefact.requester,
  purpose: artefact.purpose,
  evidenceTypes: artefact.evidence_types,
  validFromSeconds: artefact.valid_from,
  validUntilSeconds: artefact.valid_until,
  revokedAtSeconds: artefact.state === 'given' ? null : artefact.iat,
})

/**
 * Applies a consent or its withdrawal to this provider's copy. The confirmation leaves in the same transaction: it says that
 * no release can rest on the old state any more.
 */
export const onConsentChanged = ({ runtime }: Needs): Consumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'consent',
  apply: async ({ data }, tx) => {
    const { artefact, subject, feedPosition } = ConsentChanged.decode(data)
    const federation = runtime.federation.current
    const claims = checkToken(artefact, consentArtefactType, {
      audience: runtime.member,
      keyOf: federation.keyOf('statement'),
      nowSeconds: Math.floor(runtime.clock.nowMs() / 1000),
    })
    if (claims.provider === runtime.member) await putConsent(tx, stateOf(claims, subject))
    await putFeedPosition(tx, claims.iss, feedPosition)
    await runtime.outbox.add(tx, [
      {
        receiver: 'consent',
        topic: 'consent-feed',
        type: 'consent.change-applied.v1',
        data: ChangeApplied.encode({ feedPosition }).finish(),
      },
    ])
  },
})
