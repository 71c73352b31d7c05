import type { Transaction } from '@unefois/chassis/postgres'
import { ConsentChanged } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { consentArtefactType } from '@unefois/proto/statements'
import { signToken } from '@unefois/proto/token'
import type { ConsentAuthorityContext } from './context.js'
import type { AnsweredState } from './domain/consent-state.js'
import type { Consent, ConsentCopy } from './store/consents.js'
import { drawPositions } from './store/feeds.js'
import type { PendingWithdrawal } from './store/withdrawals.js'

type Needs = Pick<ConsentAuthorityContext, 'member' | 'clock' | 'outbox' | 'statementKey'>

type Drawn = ConsentCopy & { readonly position: number; readonly leaseEndsAtMs: number | undefined }

/** Parties in one order for all callers, so that no two transactions wait for each other. */
const draw = async (tx: Transaction, requester: string, copies: readonly ConsentCopy[]): Promise<Drawn[]> => {
  const drawn: Drawn[] = []
  for (const party of [...new Set(copies.map((copy) => copy.party))].sort()) {
    const own = copies.filter((copy) => copy.party === party)
    const role = party === requester ? 'requester' : 'provider'
    const { first, leaseEndsAtMs } = await drawPositions(tx, party, own.length, role)
    drawn.push(...own.map((copy, index) => ({ ...copy, position: first + index, leaseEndsAtMs })))
  }
  return drawn
}

/**
 * Tells each party of a consent its state: one signed artefact for each copy, in the transaction of the change. The time of
 * the change is read once all feeds are locked, so every lease given before it is known and none can be given until the
 * commit. Answers that time, and what each provider must now apply.
 */
export const announce = async (
  tx: Transaction,
  { member, clock, outbox, statementKey }: Needs,
  consent: Omit<Consent, 'state' | 'record'>,
  copies: readonly ConsentCopy[],
  state: AnsweredState,
): Promise<{ readonly atMs: number; readonly providers: readonly PendingWithdrawal[] }> => {
  const drawn = await draw(tx, consent.requester, copies)
  const atMs = Math.floor(clock.nowMs())
  const events = drawn.map(({ party, basisId, provider, evidenceTypes, sealedSubject, position }) => {
    const artefact = signToken(
      consentArtefactType,
      {
        iss: member,
        aud: party,
        basis: basisId,
        requester: consent.requester,
        provider,
        ...(party === consent.requester && { request: consent.requestId }),
        purpose: consent.purpose,
        evidence_types: [...evidenceTypes],
        state,
        acr: consent.acr,
        auth_time: consent.authTimeSeconds,
        iat: Math.floor(atMs / 1000),
        valid_from: consent.validFromSeconds,
        valid_until: consent.validUntilSeconds,
        position,
        sealed_subject: sealedSubject,
      },
      statementKey,
    )
    return {
      receiver: `${party}/consent`,
      topic: 'consent-feed',
      type: 'consent.consent-changed.v1',
      data: ConsentChanged.encode({ artefact, subject: '', feedPosition: position }).finish(),
    }
  })
  await outbox.add(tx, events)
  return { atMs, providers: drawn.filter(({ party, provider }) => party === provider) }
}
