import type { Deadline } from '@unefois/chassis/deadline'
import type { Log } from '@unefois/chassis/log'
import { toMeshError } from '@unefois/proto/reasons'
import type { Holding } from './domain/evidence.js'
import { EvidenceSource } from './evidence-source.js'
import type { Schemas } from './schemas.js'
import type { EvidenceStore } from './store/evidence.js'

interface Needs {
  readonly evidence: EvidenceStore
  readonly schemas: Schemas
  readonly log: Log
  /** Evidence types that stay in the agency's own register, by the address of its EvidenceSource. */
  readonly sources: Readonly<Record<string, { readonly address: string; readonly authority: string }>>
}

/** What this agency holds: declared into documents, or left in the agency's own register behind an EvidenceSource. */
export class Holdings {
  readonly #needs: Needs
  readonly #sources: ReadonlyMap<string, EvidenceSource>

  constructor(needs: Needs) {
    this.#needs = needs
    const { sources, schemas } = needs
    this.#sources = new Map(
      Object.entries(sources).map(([type, source]) => [type, new EvidenceSource(source, schemas)]),
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
    for (const source of this.#sources.values()) source.close()
  }

  async #ask(source: EvidenceSource, subject: string, evidenceType: string, deadline: Deadline): Promise<Holding> {
    try {
      return await source.read(subject, evidenceType, deadline)
    } catch (thrown) {
      // Without the error itself: what a register writes into it may name the person.
      this.#needs.log.warn({ evidenceType, reason: toMeshError(thrown).reason }, 'a register gave no usable answer')
      return { kind: 'unreachable' }
    }
  }
}
