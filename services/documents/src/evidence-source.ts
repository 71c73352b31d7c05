import { setTimeout as pause } from 'node:timers/promises'
import type { Deadline } from '@unefois/chassis/deadline'
import { connectGrpc, type GrpcClient, type GrpcConnection } from '@unefois/chassis/grpc-client'
import { EvidenceSourceServiceDefinition, type ReadEvidenceResponse } from '@unefois/proto/gen/unefois/source/v1/source'
import { toMeshError } from '@unefois/proto/reasons'
import type { Holding } from './domain/evidence.js'
import type { Schemas } from './schemas.js'

/** Kept back from a register's time, so that its silence can still be put on record and answered. */
const answerReserveMs = 200
/** A register that is busy is asked again after so long, then after twice as long each time. */
const firstPauseMs = 50
const longestPauseMs = 2000

/** An agency's own register behind the EvidenceSource contract. */
export class EvidenceSource {
  readonly #schemas: Schemas
  readonly #connection: GrpcConnection
  readonly #client: GrpcClient<typeof EvidenceSourceServiceDefinition>

  constructor({ address, authority }: { readonly address: string; readonly authority: string }, schemas: Schemas) {
    this.#schemas = schemas
    this.#connection = connectGrpc(address, authority)
    this.#client = this.#connection.client(EvidenceSourceServiceDefinition)
  }

  /**
   * What the register holds now, asked again while it is UNAVAILABLE and time is left. Throws what a call throws, and
   * EVIDENCE_INVALID for a value that its type's schema does not accept.
   */
  async read(subject: string, evidenceType: string, deadline: Deadline): Promise<Holding> {
    const { answer } = await this.#ask(subject, evidenceType, deadline.keepingBack(answerReserveMs), firstPauseMs)
    switch (answer?.$case) {
      case 'found': {
        const { valueJson, version, asOfMs, related } = answer.value
        const value = this.#schemas.read(evidenceType, valueJson)
        return { kind: 'found', evidence: { value, version, asOfMs, related } }
      }
      case 'later':
        return { kind: 'later', retryAfterMs: answer.value.retryAfterMs }
      case 'absent':
        return { kind: 'absent' }
      case undefined:
        return { kind: 'unreachable' }
    }
  }

  close(): void {
    this.#connection.close()
  }

  async #ask(
    subject: string,
    evidenceType: string,
    deadline: Deadline,
    pauseMs: number,
  ): Promise<ReadEvidenceResponse> {
    try {
      return await this.#client.readEvidence({ subject, evidenceType }, { deadlineMs: deadline.forNextHopMs() })
    } catch (thrown) {
      const isWorthAsking = toMeshError(thrown).reason === 'UNAVAILABLE' && deadline.remainingMs() > pauseMs
      if (!isWorthAsking) throw thrown
    }
    await pause(pauseMs)
    return this.#ask(subject, evidenceType, deadline, Math.min(2 * pauseMs, longestPauseMs))
  }
}
