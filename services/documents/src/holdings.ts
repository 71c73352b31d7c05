import type { Deadline } from '@unefois/chassis/deadline'
import { connectGrpc, type GrpcClient, type GrpcConnection } from '@unefois/chassis/grpc-client'
import { EvidenceSourceServiceDefinition } from '@unefois/proto/gen/unefois/source/v1/source'
import type { Holding } from './domain/evidence.js'
import type { Schemas } from './schemas.js'
import type { EvidenceStore } from './store/evidence.js'

interface Source {
  readonly address: string
  readonly authority: string
}

/** What this agency holds: declared into documents, or left in the agency's own register behind an EvidenceSource. */
export class Holdings {
  readonly #evidence: EvidenceStore
  readonly #schemas: Schemas
  readonly #connections: GrpcConnection[] = []
  readonly #sources: ReadonlyMap<string, GrpcClient<typeof EvidenceSourceServiceDefinition>>

  constructor(evidence: EvidenceStore, schemas: Schemas, sources: Readonly<Record<string, Source>>) {
    this.#evidence = evidence
    this.#schemas = schemas
    this.#sources = new Map(
      Object.entries(sources).map(([type, { address, authority }]) => {
        const connection = connectGrpc(address, authority)
        this.#connections.push(connection)
        return [type, connection.client(EvidenceSourceServiceDefinition)]
      }),
    )
  }

  /** The newest evidence of one type about one person. Errors of a register: UNAVAILABLE, DEADLINE_EXCEEDED. */
  async read(subject: string, evidenceType: string, deadline: Deadline): Promise<Holding> {
    const source = this.#sources.get(evidenceType)
    if (source) return this.#readSource(source, subject, evidenceType, deadline)
    const evidence = await this.#evidence.newest(subject, evidenceType)
    return evidence ? { kind: 'found', evidence } : { kind: 'absent' }
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  async #readSource(
    source: GrpcClient<typeof EvidenceSourceServiceDefinition>,
    subject: string,
    evidenceType: string,
    deadline: Deadline,
  ): Promise<Holding> {
    const { answer } = await source.readEvidence({ subject, evidenceType }, { deadlineMs: deadline.forNextHopMs() })
    switch (answer?.$case) {
      case 'found': {
        const { valueJson, version, asOfMs, related } = answer.value
        return {
          kind: 'found',
          evidence: { value: this.#schemas.read(evidenceType, valueJson), version, asOfMs, related },
        }
      }
      case 'later':
        return { kind: 'later', retryAfterMs: answer.value.retryAfterMs }
      default:
        return { kind: 'absent' }
    }
  }
}
