import type { Deadline } from '@unefois/chassis/deadline'
import type { Log } from '@unefois/chassis/log'
import { toMeshError } from '@unefois/proto/reasons'
import type { Subjects } from '@unefois/subjects/subjects'
import { type Holding, heldUnderAny } from './domain/evidence.js'
import { EvidenceSource } from './evidence-source.js'
import type { Schemas } from './schemas.js'
import type { EvidenceStore } from './store/evidence.js'

interface Needs {
  readonly evidence: EvidenceStore
  readonly schemas: Schemas
  readonly log: Log
  readonly subjects: Pick<Subjects, 'spellings'>
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
    if (!source) return this.#needs.evidence.read(subject, evidenceType)
    const held = await this.#ask(source, subject, evidenceType, deadline)
    return held.kind === 'absent' ? this.#askByOtherNames(source, subject, evidenceType, deadline) : held
  }

  close(): void {
    for (const source of this.#sources.values()) source.close()
  }

  /** The register of an agency may still know somebody by a pseudonym that has changed; it is asked by each. */
  async #askByOtherNames(
    source: EvidenceSource,
    subject: string,
    evidenceType: string,
    deadline: Deadline,
  ): Promise<Holding> {
    const others = (await this.#needs.subjects.spellings(subject)).filter((each) => each !== subject)
    return heldUnderAny(await Promise.all(others.map((each) => this.#ask(source, each, evidenceType, deadline))))
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
