import type { Clock } from '@unefois/chassis/clock'
import type { EffectRpc } from '@unefois/chassis/rpc'
import type { DeclareEvidenceRequest, DeclareEvidenceResponse } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import type { Changes } from '../changes.js'
import type { Schemas } from '../schemas.js'
import type { EvidenceStore } from '../store/evidence.js'
import { evidenceType, instantMs, related, subject } from './fields.js'

interface Needs {
  readonly evidence: EvidenceStore
  readonly schemas: Schemas
  readonly clock: Clock
  readonly changes: Changes
}

export const declareEvidence = ({
  evidence,
  schemas,
  clock,
  changes,
}: Needs): EffectRpc<DeclareEvidenceRequest, DeclareEvidenceResponse> => ({
  request: z.object({
    subject,
    evidenceType,
    valueJson: z.string().min(2).max(100_000),
    asOfMs: instantMs,
    related,
    supersedesVersion: z.number().int().nonnegative(),
  }),
  effect: async (request, _call, tx) => {
    const nowMs = Math.floor(clock.nowMs())
    if (request.asOfMs > nowMs)
      throw new MeshError('REQUEST_INVALID', { detail: 'Field asOfMs: in the future.', facts: { field: 'asOfMs' } })
    const place = { subject: request.subject, evidenceType: request.evidenceType }
    const { asOfMs, related: relatedPeople } = request
    const after = { value: schemas.read(request.evidenceType, request.valueJson), asOfMs, related: relatedPeople }
    const changed = await changes.before(tx, place)
    const version = await evidence.declare(tx, place, {
      ...after,
      supersedes: request.supersedesVersion,
      declaredAtMs: nowMs,
    })
    if (version === undefined) throw new MeshError('EVIDENCE_SUPERSEDED')
    await changed({ ...after, version })
    return { version }
  },
})
