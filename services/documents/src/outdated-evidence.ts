import type { Transaction } from '@unefois/chassis/postgres'
import type { Runtime } from '@unefois/chassis/runtime'
import { EvidenceOutdated } from '@unefois/proto/gen/unefois/documents/v1/outdated'

type Received = Pick<EvidenceOutdated, 'subject' | 'provider' | 'evidenceType' | 'reference'>

/** What this agency received, and why it is no longer right. */
export type Outdated =
  | (Received & { readonly kind: 'changed' })
  | (Received & Pick<EvidenceOutdated, 'exchangeId' | 'wrongVersion'> & { readonly kind: 'corrected' })

/** Tells the agency's own eligibility service, which knows what was decided on it; an agency that runs none decides nothing here. */
export const tellOutdated = async (
  { bus, outbox, clock }: Pick<Runtime, 'bus' | 'outbox' | 'clock'>,
  tx: Transaction,
  outdated: Outdated,
): Promise<void> => {
  if (!Object.values(bus.neighbours).includes('eligibility')) return
  const atMs = Math.floor(clock.nowMs())
  await outbox.add(tx, [
    {
      receiver: 'eligibility',
      // Corrections and changes in one order: what is told last was heard last.
      topic: 'outdated-evidence',
      type: 'documents.evidence-outdated.v1',
      data: EvidenceOutdated.encode({ exchangeId: '', wrongVersion: 0, ...outdated, atMs }).finish(),
    },
  ])
}
