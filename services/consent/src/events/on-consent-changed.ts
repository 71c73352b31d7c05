import { nowSeconds } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { ConsentChanged } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError } from '@unefois/proto/reasons'
import { type ConsentArtefactClaims, consentArtefactType } from '@unefois/proto/statements'
import { checkToken } from '@unefois/proto/token'
import type { ConsentContext } from '../context.js'
import { putArtefact, readArtefact } from '../store/artefacts.js'

type Needs = Pick<ConsentContext, 'member' | 'clock' | 'federation' | 'tickets' | 'outbox' | 'subjects'>

/** To look into a pseudonym of another epoch. */
const lookIntoMs = 5000

const readClaims = (needs: Needs, sender: string, event: ConsentChanged): ConsentArtefactClaims => {
  const claims = checkToken(event.artefact, consentArtefactType, {
    audience: needs.member,
    keyOf: needs.federation.current.keyOf('statement'),
    nowSeconds: nowSeconds(needs.clock),
  })
  // Every member has a statement key; only the authority that sends may speak of consent.
  if (`${claims.iss}/consent-authority` !== sender) throw new MeshError('TOKEN_KEY_UNKNOWN')
  if (claims.position !== event.feedPosition)
    throw new MeshError('TOKEN_CLAIMS_INVALID', { facts: { claim: 'position' } })
  if (claims.requester !== needs.member && claims.provider !== needs.member) throw new MeshError('CONSENT_MISMATCH')
  return claims
}

/** The person behind an artefact, by this member's own pseudonym. */
const openSubject = ({ tickets }: Needs, { basis, sealed_subject }: ConsentArtefactClaims): string => {
  const sealed = tickets.openSubject(sealed_subject)
  if (sealed.basis !== basis) throw new MeshError('TICKET_MISUSED')
  return sealed.sub
}

/**
 * Takes in what the consent authority says of a consent that this member is a party of; a provider's copy goes on to its
 * documents. A basis keeps its person, so a withdrawal is applied even when the seal key has changed since the consent.
 */
export const onConsentChanged = (needs: Needs): Consumer => ({
  isSender: (caller) =>
    caller.kind === 'member' &&
    caller.service === 'consent-authority' &&
    needs.federation.current.hasRole(caller.member, 'consent-authority'),
  apply: async (received, tx) => {
    const event = readEvent(ConsentChanged, received)
    const claims = readClaims(needs, received.sender, event)
    const known = await readArtefact(tx, claims.basis)
    const subject = known?.subject ?? openSubject(needs, claims)
    if (!known) await needs.subjects.ready([subject], Deadline.after(lookIntoMs, needs.clock), 'keep')
    await putArtefact(tx, claims, subject, event.artefact)
    if (claims.provider !== needs.member) return
    const { artefact, feedPosition } = event
    await needs.outbox.add(tx, [
      {
        receiver: 'documents',
        topic: 'consent-feed',
        type: 'consent.consent-changed.v1',
        data: ConsentChanged.encode({ artefact, subject, feedPosition }).finish(),
      },
    ])
  },
})
