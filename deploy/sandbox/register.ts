import { readFileSync } from 'node:fs'
import type { ReadEvidenceRequest, ReadEvidenceResponse } from '@unefois/proto/gen/unefois/source/v1/source'
import { type SourceDoor, serveSource } from '../sources/serve-source.js'

/** What an agency's own register holds about one person, by that agency's pseudonym. */
export interface RegisterEntry {
  readonly subject: string
  readonly evidenceType: string
  readonly valueJson: string
  readonly version: number
  readonly asOfMs: number
  readonly related: readonly { readonly relation: string; readonly subject: string }[]
}

export interface RegisterConfig extends SourceDoor {
  /** By evidence type, a JSON file with a list of entries; read at each question, so that the agency may change it. */
  readonly entries: Readonly<Record<string, string>>
}

const entriesOf = ({ entries }: RegisterConfig, evidenceType: string): readonly RegisterEntry[] => {
  const path = Object.hasOwn(entries, evidenceType) ? entries[evidenceType] : undefined
  return path === undefined ? [] : JSON.parse(readFileSync(path, 'utf8'))
}

const answerOf = (entries: readonly RegisterEntry[], request: ReadEvidenceRequest): ReadEvidenceResponse => {
  const found = entries.find(
    (entry) => entry.subject === request.subject && entry.evidenceType === request.evidenceType,
  )
  if (!found) return { answer: { $case: 'absent', value: {} } }
  const { valueJson, version, asOfMs, related } = found
  return { answer: { $case: 'found', value: { valueJson, version, asOfMs, related: [...related] } } }
}

/** An agency's own register, kept in files. */
export const startRegister = async (config: RegisterConfig): Promise<{ stop(): Promise<void> }> =>
  serveSource(config, async (request) => answerOf(entriesOf(config, request.evidenceType), request))
