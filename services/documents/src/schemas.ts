import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FederationCache } from '@unefois/chassis/federation-cache'
import { canonicalJson } from '@unefois/proto/canonical-json'
import type { JsonObject } from '@unefois/proto/mask'
import { MeshError } from '@unefois/proto/reasons'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/** Schemas of evidence types, read from this instance's folder and held to the hash in the federation list. */
export class Schemas {
  readonly #folder: string
  readonly #federation: FederationCache
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor(folder: string, federation: FederationCache) {
    this.#folder = folder
    this.#federation = federation
  }

  /** JSON text as a value that the type's schema accepts. Errors: EVIDENCE_TYPE_UNKNOWN, EVIDENCE_INVALID. */
  read(evidenceType: string, valueJson: string): JsonObject {
    const validate = this.#validator(evidenceType)
    let value: unknown
    try {
      value = JSON.parse(valueJson)
    } catch {
      // The parser's own message quotes the text, and a cause is logged.
      throw new MeshError('EVIDENCE_INVALID', { detail: 'It is not JSON.' })
    }
    if (validate(value)) return value as JsonObject
    const error = validate.errors?.[0]
    const field = error?.instancePath ?? ''
    throw new MeshError('EVIDENCE_INVALID', { detail: `${field || '/'} ${error?.message ?? ''}.`, facts: { field } })
  }

  #validator(evidenceType: string): ValidateFunction {
    const { schemaSha256 } = this.#federation.current.evidenceType(evidenceType)
    const known = this.#compiled.get(schemaSha256)
    if (known) return known
    const schema = JSON.parse(readFileSync(join(this.#folder, `${evidenceType}.json`), 'utf8'))
    const hash = createHash('sha256').update(canonicalJson(schema)).digest('base64url')
    if (hash !== schemaSha256)
      throw new Error(`the schema of ${evidenceType} is not the one that the federation list names: fetch it again`)
    const ajv = new Ajv2020({ strict: true, allErrors: false })
    ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
    const validate = ajv.compile(schema)
    this.#compiled.set(schemaSha256, validate)
    return validate
  }
}
