import { nowSeconds } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import type { Transaction } from '@unefois/chassis/postgres'
import { ChangeApplied, ConsentChanged } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { type ConsentArtefactClaims, consentArtefactType } from '@unefois/proto/statements'
import { checkToken } from '@unefois/proto/token'
import type { DocumentsContext } from '../context.js'
import type { ConsentState } from '../domain/basis.js'
import { longestIdleMs } from '../domain/lease.js'
import { putConsent, putFeedPosition, updateConsent } from '../store/consents.js'
import { endSubscriber } from '../tell-changes.js'

/** To look into a pseudonym of another epoch. */
const lookIntoMs = 5000

type Needs = Pick<DocumentsContext, 'runtime' | 'changes' | 'exchangeLog' | 'subjects'>

const stateOf = (artefact: ConsentArtefactClaims, subject: string): Omit<ConsentState, 'aliases'> => ({
  basisId: artefact.basis,
  subject,
  requester: artefact.requester,
  purpose: artefact.purpose,
  evidenceTypes: artefact.evidence_types,
  validFromSeconds: artefact.valid_from,
  validUntilSeconds: artefact.valid_until,
  revokedAtSeconds: artefact.state === 'given' ? null : artefact.iat,
})

/** Every member has a statement key; only the consent authority may speak of consent. */
const readArtefact = ({ runtime }: Needs, { artefact, feedPosition }: ConsentChanged): ConsentArtefactClaims => {
  const federation = runtime.federation.current
  const authority = federation.memberWithRole('consent-authority').id
  const claims = checkToken(artefact, consentArtefactType, {
    audience: runtime.member,
    keyOf: (issuer, kid) => (issuer === authority ? federation.keyOf('statement')(issuer, kid) : undefined),
    nowSeconds: nowSeconds(runtime.clock),
  })
  if (claims.position !== feedPosition) throw new MeshError('TOKEN_CLAIMS_INVALID', { facts: { claim: 'position' } })
  return claims
}

/** A withdrawal waits for nobody: only whom a new consent is about may have to be looked into. */
const keepConsent = async (
  { runtime, subjects }: Needs,
  tx: Transaction,
  consent: Omit<ConsentState, 'aliases'>,
): Promise<void> => {
  if (await updateConsent(tx, consent)) return
  await subjects.ready([consent.subject], Deadline.after(lookIntoMs, runtime.clock), 'keep')
  await putConsent(tx, consent)
}

/**
 * Applies a consent or its withdrawal to this provider's copy; what was subscribed to on it ends with it. The confirmation leaves in the same transaction: it says that
 * no release can rest any more on the old state.
 */
export const onConsentChanged = (needs: Needs): Consumer => ({
  isSender: (caller) => caller.kind === 'neighbour' && caller.service === 'consent',
  apply: async (received, tx) => {
    const { runtime } = needs
    const event = readEvent(ConsentChanged, received)
    const claims = readArtefact(needs, event)
    // Releases wait for the row that changes here: a process that is stopped now must not hold it for long.
    await tx.query(`SET LOCAL idle_in_transaction_session_timeout = ${longestIdleMs}`)
    if (claims.provider === runtime.member) await keepConsent(needs, tx, stateOf(claims, event.subject))
    if (claims.provider === runtime.member && claims.state !== 'given')
      for (const subscriber of await needs.changes.subscribers.onBasis(tx, claims.basis))
        await endSubscriber(needs, tx, subscriber)
    await putFeedPosition(tx, claims.iss, claims.position)
    await runtime.outbox.add(tx, [
      {
        receiver: 'consent',
        topic: 'consent-feed',
        type: 'consent.change-applied.v1',
        data: ChangeApplied.encode({ feedPosition: claims.position }).finish(),
      },
    ])
  },
})
