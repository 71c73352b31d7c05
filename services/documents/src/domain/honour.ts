import type { Authorisation, EvidenceType } from '@unefois/proto/federation-list'
import { isCovered } from '@unefois/proto/mask'
import type { Reason } from '@unefois/proto/reasons'
import type { ExchangeRecord } from './exchange-record.js'

/** Whether the federation's data names a statement on honour among the ways on for this evidence type. */
export const isStatable = ({ routes }: Pick<EvidenceType, 'routes'>): boolean =>
  routes.some(({ kind }) => kind === 'statement-on-honour')

/**
 * A person states on their honour only what no source confirmed (CRPA L113-12: what another body has given is not asked
 * again), and no more than this member is authorised to know. `last` is the latest record of the exchange.
 */
export const honourRefusal = (
  authorisation: Pick<Authorisation, 'fields'>,
  last: Pick<ExchangeRecord, 'outcome'>,
  fields: readonly string[],
): Reason | undefined => {
  if (last.outcome === 'released') return 'EVIDENCE_OBTAINED'
  return fields.every((field) => isCovered(field, authorisation.fields)) ? undefined : 'FIELD_NOT_AUTHORISED'
}
