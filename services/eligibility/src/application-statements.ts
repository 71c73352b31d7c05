import { nowSeconds } from '@unefois/chassis/clock'
import {
  type ApplicationReceiptClaims,
  acceptanceAttestationType,
  applicationReceiptType,
} from '@unefois/proto/decision-statements'
import type {
  Application,
  ApplicationReceipt,
  RemedyOpen,
  SilenceClock,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Text } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { signToken } from '@unefois/proto/token'
import type { ApplicationNeeds } from './application-needs.js'
import { remedyClaims } from './domain/decision-statement.js'

type Signing = Pick<ApplicationNeeds, 'runtime' | 'decisionKey'>

const bilingual = (text: Text | undefined) => ({ fr: text?.fr ?? '', en: text?.en ?? '' })

const silenceClaims = (clock: SilenceClock | undefined): ApplicationReceiptClaims['silence'] => ({
  means: clock?.means === 'acceptance' || clock?.means === 'rejection' ? clock.means : 'none',
  ...(clock?.dueDay && { due_day: clock.dueDay }),
  is_waiting: clock?.isWaiting ?? false,
  reference: clock?.legalReference ?? '',
})

const remediesOf = (remedies: readonly RemedyOpen[]): ApplicationReceiptClaims['remedies'] =>
  remedyClaims(remedies).map((claims, at) => {
    const lastDay = remedies[at]?.lastDay
    return { ...claims, ...(lastDay && { last_day: lastDay }) }
  })

/** An acknowledgement with the agency's signature; it names no person. */
export const signReceipt = (
  { runtime, decisionKey }: Signing,
  { applicationId, procedure, procedureSha256 }: Application,
  receipt: ApplicationReceipt,
): ApplicationReceipt => ({
  ...receipt,
  jws: signToken(
    applicationReceiptType,
    {
      iss: runtime.member,
      application: applicationId,
      procedure,
      procedure_sha256: procedureSha256,
      received_at_ms: receipt.receivedAtMs,
      service: bilingual(receipt.service),
      address: receipt.address,
      telephone: receipt.telephone,
      silence: silenceClaims(receipt.clock),
      remedies: remediesOf(receipt.remedies),
      is_attestable: receipt.isAttestable,
      missing_fields: [...receipt.missingFields],
      ...(receipt.missingUntilDay && { missing_until_day: receipt.missingUntilDay }),
      iat: nowSeconds(runtime.clock),
    },
    decisionKey,
  ),
})

/** The attestation of an acceptance by silence (CRPA L232-3), with the agency's signature. */
export const signAttestation = (
  { runtime, decisionKey }: Signing,
  { applicationId, procedure, procedureSha256, depositedAtMs }: Application,
  { dueDay, legalReference }: SilenceClock,
  service: Text,
): string =>
  signToken(
    acceptanceAttestationType,
    {
      iss: runtime.member,
      application: applicationId,
      procedure,
      procedure_sha256: procedureSha256,
      accepted_day: dueDay,
      deposited_at_ms: depositedAtMs,
      service: bilingual(service),
      reference: legalReference,
      iat: nowSeconds(runtime.clock),
    },
    decisionKey,
  )
