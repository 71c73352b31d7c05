import type { Queryable } from '@unefois/chassis/postgres'
import { LruMap } from '@unefois/proto/lru'
import type { ProcedureData } from './domain/procedure.js'
import { readProcedure } from './read-procedure.js'
import type { PublishedProcedure, PublishedProcedures } from './store/published-procedures.js'

const mostRead = 256

/** The procedures of one agency as they were published, each read once. */
export class ProcedureBook {
  readonly #procedures: PublishedProcedures
  readonly #read = new LruMap<string, ProcedureData>(mostRead)

  constructor(procedures: PublishedProcedures) {
    this.#procedures = procedures
  }

  /** What a published procedure says. */
  open({ sha256, id, source }: PublishedProcedure): ProcedureData {
    const known = this.#read.get(sha256)
    if (known) return known
    const read = readProcedure(source)
    // It was checked when it was published, so that it fails now is a fault of this software.
    if (!('value' in read)) throw new Error(`procedure ${id} can no longer be read: ${JSON.stringify(read)}`)
    this.#read.set(sha256, read.value)
    return read.value
  }

  /** The procedure that an application was deposited under, in force or not. */
  async version(id: string, sha256: string, db?: Queryable): Promise<ProcedureData> {
    const known = this.#read.get(sha256)
    if (known) return known
    const published = await this.#procedures.version(id, sha256, db)
    if (!published)
      throw new Error(`procedure ${id} has no version ${sha256}, under which an application was deposited`)
    return this.open(published)
  }
}
