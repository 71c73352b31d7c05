import type { Deadline } from '@unefois/chassis/deadline'
import { connectGrpc, type GrpcClient, type GrpcConnection } from '@unefois/chassis/grpc-client'
import type { Log } from '@unefois/chassis/log'
import { EvidenceSourceServiceDefinition } from '@unefois/proto/gen/unefois/source/v1/source'
import { toMeshError } from '@unefois/proto/reasons'
import type { Holding } from './domain/evidence.js'
import type { Schemas } from './schemas.js'
import type { EvidenceStore } from './store/evidence.js'

interface Needs {
  readonly evidence: EvidenceStore
  readonly schemas: Schemas
  readonly log: Log
  /** Evidence types that stay in the agency's own register, by the address of its EvidenceSource. */
  readonly sources: Readonly<Record<string, { readonly address: string; readonly authority: string }>>
}
type Source = GrpcClient<typeof EvidenceSourceServiceDefinition>

/** Kept back from a register's time, so that its silence can still be put on record and answered. */
const answerReserveMs = 200

/** What this agency holds: declared into documents, or left in the agency's own register behind an EvidenceSource. */
export class Holdings {
  readonly #needs: Needs
  readonly #connections: GrpcConnection[] = []
  readonly #sources: ReadonlyMap<string, Source>

  constructor(needs: Needs) {
    this.#needs = needs
    this.#sources = new Map(
      Object.entries(needs.sources).map(([type, { address, authority }]) => {
        const connection = connectGrpc(address, authority)
        this.#connections.push(connection)
        return [type, connection.client(EvidenceSourceServiceDefinition)]
      }),
    )
  }

  /** Whether evidence of this type stays in the agency's own register. */
  isElsewhere(evidenceType: string): boolean {
    return this.#sources.has(evidenceType)
  }

  /** The newest evidence of one type about one person; a register that fails is never an error of the request. */
  async read(subject: string, evidenceType: string, deadline: Deadline): Promise<Holding> {
    const source = this.#sources.get(evidenceType)
    if (source) return this.#ask(source, subject, evidenceType, deadline)
    const evidence = await this.#needs.evidence.newest(subject, evidenceType)
    return evidence ? { kind: 'found', evidence } : { kind: 'absent' }
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  async #ask(source: Source, subject: string, evidenceType: string, deadline: Deadline): Promise<Holding> {
    try {
      return await this.#readSource(source, subject, evidenceType, deadline)
    } catch (thrown) {
      // Without the error itself: what a register writes into it may name the person.
      this.#needs.log.warn({ evidenceType, reason: toMeshError(thrown).reason }, 'a register gave no usable answer')
      return { kind: 'unreachable' }
    }
  }

  async #readSource(source: Source, subject: string, evidenceType: string, deadline: Deadline): Promise<Holding> {
    const leftMs = deadline.forNextHopMs()
    const deadlineMs = leftMs - Math.min(answerReserveMs, leftMs / 2)
    const { answer } = await source.readEvidence({ subject, evidenceType }, { deadlineMs })
    switch (answer?.$case) {
      case 'found': {
        const { valueJson, version, asOfMs, related } = answer.value
        const value = this.#needs.schemas.read(evidenceType, valueJson)
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
}
