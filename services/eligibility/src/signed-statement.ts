import { nowSeconds } from '@unefois/chassis/clock'
import type { Runtime } from '@unefois/chassis/runtime'
import { decodeCanonical } from '@unefois/proto/base64url'
import { type DecisionStatement, decisionSignatureType } from '@unefois/proto/decision-statements'
import type { Delegation } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { registerPublicKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { parseJsonObject } from '@unefois/proto/strict-json'
import { checkToken } from '@unefois/proto/token'
import { longestPreparedSeconds } from './domain/decision-statement.js'

const invalid = (cause?: unknown): MeshError => new MeshError('DECISION_SIGNATURE_INVALID', { cause })

/** The bytes that a compact JWS says were signed. Error: DECISION_SIGNATURE_INVALID. */
export const payloadOf = (compact: string): Buffer => {
  try {
    return Buffer.from(decodeCanonical(compact.split('.')[1] ?? ''))
  } catch (cause) {
    throw invalid(cause)
  }
}

/** What a JWS claims to state, before anything of it is verified. Error: DECISION_SIGNATURE_INVALID. */
export const claimedStatement = (compact: string): DecisionStatement => {
  const payload = payloadOf(compact)
  try {
    const claimed = decisionSignatureType.readClaims(parseJsonObject(payload))
    if (claimed) return claimed
  } catch (cause) {
    throw invalid(cause)
  }
  throw invalid()
}

/** Verifies that the agent of a delegation signed a statement within the last 24 hours. Error: DECISION_SIGNATURE_INVALID. */
export const requireSignature = (
  { clock }: Pick<Runtime, 'clock'>,
  compact: string,
  { jwkJson }: Delegation,
): DecisionStatement => {
  const key = registerPublicKey(JSON.parse(jwkJson))
  const now = nowSeconds(clock)
  try {
    // Whichever kid the agent's own software writes: the key is the one that the delegation names.
    const signed = checkToken(compact, decisionSignatureType, {
      keyOf: (_issuer, kid) => ({ ...key, kid }),
      nowSeconds: now,
    })
    if (now - signed.iat <= longestPreparedSeconds) return signed
  } catch (cause) {
    if (cause instanceof MeshError) throw invalid(cause)
    throw cause
  }
  throw invalid()
}
