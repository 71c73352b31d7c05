import type {
  Application,
  ApplicationReceipt,
  SilenceClock,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Text } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import type { ProcedureData } from './procedure.js'
import { remediesOpen } from './remedies.js'

/** The service in charge, as statements name it. */
export const serviceOf = ({ service }: Pick<ProcedureData, 'service'>): Text => ({
  fr: service.name.fr,
  en: service.name.en,
})

/**
 * The acknowledgement of an application (CRPA L112-11, R112-5, R112-11-1), not yet signed: the service in charge, when silence
 * speaks, and either that an attestation can be had or what can be done against a rejection.
 */
export const receiptOf = (
  { depositedAtMs, corrections, appealedDecisionId }: Application,
  procedure: ProcedureData,
  clock: SilenceClock,
): ApplicationReceipt => {
  const [missing] = corrections
  return {
    receivedAtMs: depositedAtMs,
    service: serviceOf(procedure),
    address: procedure.service.address,
    telephone: procedure.service.telephone,
    clock,
    remedies:
      clock.means === 'rejection'
        ? remediesOpen(procedure, { day: undefined, isAppeal: appealedDecisionId !== '' })
        : [],
    isAttestable: clock.means === 'acceptance',
    missingFields: [...(missing?.fields ?? [])],
    missingUntilDay: missing?.untilDay ?? '',
    jws: '',
  }
}

const lists = { fr: 'Il manque : ', en: 'Still missing: ' } as const

/** What is missing, in the language of the application and by the titles of the procedure. */
export const missingInWords = (
  { fields }: Pick<ProcedureData, 'fields'>,
  missing: readonly string[],
  language: 'fr' | 'en',
): string => `${lists[language]}${missing.map((id) => fields[id]?.title[language] ?? id).join(', ')}.`
