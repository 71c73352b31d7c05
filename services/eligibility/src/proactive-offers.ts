import { nowSeconds } from '@unefois/chassis/clock'
import type { Authorisation } from '@unefois/proto/federation-list'
import { isCovered } from '@unefois/proto/mask'
import type { EligibilityContext } from './context.js'
import type { ProactiveOffer } from './domain/right-sought.js'

/** Whether an authorisation gives a field, or the answer to a predicate that needs no second person. Throws REQUEST_INVALID. */
const tells = ({ fields, predicates }: Pick<Authorisation, 'fields' | 'predicates'>, field: string): boolean =>
  isCovered(field, fields) || predicates.some(({ id, kind }) => id === field && kind !== 'related-subject')

/** The members that this one may ask about people who asked for nothing, for these purposes, by the federation list in force. */
export const proactiveOffers = (
  { runtime }: Pick<EligibilityContext, 'runtime'>,
  purposes: readonly string[],
): ProactiveOffer[] =>
  runtime.federation.current
    .authorisationsInForce(nowSeconds(runtime.clock))
    .filter(({ mode, requester }) => mode === 'proactive' && requester === runtime.member)
    .filter(({ purpose }) => purposes.includes(purpose))
    .map((one) => ({
      provider: one.provider,
      purpose: one.purpose,
      evidenceType: one.evidenceType,
      gives: (field: string) => tells(one, field),
    }))
