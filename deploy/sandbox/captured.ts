import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectBus } from '@unefois/chassis/bus'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { createLog } from '@unefois/chassis/log'
import { neighbourClient } from '@unefois/chassis/neighbour'
import { ConsentServiceDefinition } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { ReleaseEvidenceRequest } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { IdentityServiceDefinition } from '@unefois/proto/gen/unefois/identity/v1/identity'
import type { MemberId } from '@unefois/proto/ids'
import type { Places } from './places.js'

const deadlineMs = 5000

/** The full name of the RPC by which a provider releases. */
export const releaseMethod = 'unefois.documents.v1.DocumentsService/ReleaseEvidence'

/** One exchange of a requester, as somebody with a hold on its documents service could lay hands on it. */
export interface Exchange {
  readonly requester: string
  readonly provider: string
  readonly subject: string
  readonly evidenceType: string
  readonly purpose: string
  readonly basisId: string
  readonly fields: readonly string[]
}

/** A release request exactly as the requester's documents service would send it, ticket and statement included. */
export const capturedRequest = async (places: Places, exchange: Exchange): Promise<ReleaseEvidenceRequest> => {
  const { requester, provider, subject, purpose, basisId } = exchange
  const config = JSON.parse(readFileSync(join(places.keys(requester).folder, 'documents.json'), 'utf8'))
  const log = createLog({ member: requester, service: 'captured' }, 'error')
  const bus = await connectBus(config.bus, requester as MemberId, 'documents', log)
  try {
    const call = { deadline: Deadline.after(deadlineMs, systemClock) }
    const { ticket } = await neighbourClient(bus, IdentityServiceDefinition).requestTicket(
      { subject, provider, purpose, basisId, loginHandle: '' },
      call,
    )
    const { statement } = await neighbourClient(bus, ConsentServiceDefinition).getBasis({ basisId }, call)
    return {
      evidenceType: exchange.evidenceType,
      purpose,
      procedure: purpose,
      basisId,
      statement,
      ticket,
      fields: [...exchange.fields],
      predicates: [],
      exchangeId: randomUUID(),
    }
  } finally {
    await bus.close()
  }
}

/** The bytes of a release request. */
export const encodeRelease = (request: ReleaseEvidenceRequest): Uint8Array =>
  ReleaseEvidenceRequest.encode(request).finish()
