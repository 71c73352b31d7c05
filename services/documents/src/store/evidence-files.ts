import type { Transaction } from '@unefois/chassis/postgres'
import { canonicalJson } from '@unefois/proto/canonical-json'
import type { SubjectTable } from '@unefois/subjects/tables'
import { type EvidenceFile, unitedFiles } from '../domain/evidence-files.js'
import { evidenceContext } from './evidence.js'
import type { MovedKeys } from './moved-keys.js'
import { openPayload, sealPayload } from './subject-keys.js'

interface Row {
  readonly subject: string
  readonly evidence_type: string
  readonly version: number
  readonly branch: number
  readonly is_ambiguous: boolean
  readonly as_of_ms: number
  readonly declared_at_ms: number
  readonly content: Buffer
}

/** A version with what it says; undefined where that can no longer be read. */
interface Version {
  readonly row: Row
  readonly version: number
  readonly branch: number
  readonly isAmbiguous: boolean
  readonly plaintext: Buffer | undefined
}

const columns = 'subject, evidence_type, version, branch, is_ambiguous, as_of_ms, declared_at_ms, content'

const openVersion = (keys: MovedKeys, row: Row): Version => {
  const { subject, evidence_type: evidenceType, version, branch } = row
  const key = keys.of(subject)
  const plaintext = key && openPayload(key, row.content, evidenceContext({ subject, evidenceType }, version, branch))
  return { row, version, branch, isAmbiguous: row.is_ambiguous, plaintext }
}

const groupedBy = <T>(all: readonly T[], keyOf: (one: T) => string): T[][] => {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return [...groups.values()]
}

/** A withdrawn version has no content, which is a statement too. */
const saidBy = ({ row, plaintext }: Version): string | undefined => {
  if (row.content.length === 0) return 'withdrawn'
  if (!plaintext) return undefined
  const { value, related } = JSON.parse(plaintext.toString())
  return canonicalJson({
    value,
    related: related.map((one: object) => canonicalJson(one).toString()).sort(),
  }).toString()
}

const fileOf = (versions: readonly Version[]): EvidenceFile<Version> => {
  const going = versions.filter(({ branch }) => branch === 0)
  const newest = going.reduce((one, other) => (other.version > one.version ? other : one))
  return { versions, newest: saidBy(newest) }
}

/** Whom the evidence of others names; they are looked into during a move to another epoch, for nothing else here keeps them. */
const noteNamed = async (tx: Transaction, versions: readonly Version[]): Promise<void> => {
  const named = versions.flatMap(({ plaintext }): string[] =>
    plaintext ? JSON.parse(plaintext.toString()).related.map(({ subject }: { subject: string }) => subject) : [],
  )
  if (named.length === 0) return
  await tx.query(
    `INSERT INTO subject_stray SELECT DISTINCT named.subject
     FROM unnest($1::text[]) AS named (subject), subject_epoch AS epoch
     WHERE epoch.kept <> epoch.target AND split_part(named.subject, '.', 2) = epoch.kept::text
       AND NOT EXISTS (SELECT FROM subject_alias WHERE alias = named.subject)
       AND NOT EXISTS (SELECT FROM subject_stray AS stray WHERE stray.subject = named.subject)`,
    [named],
  )
}

/** Declared evidence, whose pseudonym is in the context of its ciphertext: it is opened and sealed again. */
export const evidenceFiles = (keysFor: (tx: Transaction) => MovedKeys): SubjectTable => ({
  name: 'evidence',
  move: async (tx, moves) => {
    const keys = keysFor(tx)
    const standing = new Map(moves.map(({ alias, subject }) => [alias, subject]))
    const { rows } = await tx.query<Row>(`SELECT ${columns} FROM evidence WHERE subject = ANY($1)`, [
      [...new Set([...standing.keys(), ...standing.values()])],
    ])
    if (!rows.some(({ subject }) => standing.has(subject))) return
    const versions = rows.map((row) => openVersion(keys, row))
    await noteNamed(tx, versions)
    const placeOf = ({ row }: Version) => `${standing.get(row.subject) ?? row.subject}\n${row.evidence_type}`
    const united = groupedBy(versions, placeOf)
      .filter((group) => group.some(({ row }) => standing.has(row.subject)))
      .flatMap((group) => unitedFiles(groupedBy(group, ({ row }) => row.subject).map(fileOf)))
    const moved = united.map(({ row, version, branch, isAmbiguous, plaintext }): Row => {
      const subject = standing.get(row.subject) ?? row.subject
      const key = keys.of(subject)
      const context = evidenceContext({ subject, evidenceType: row.evidence_type }, version, branch)
      // What can no longer be read stays so.
      const content = plaintext && key ? sealPayload(key, plaintext, context) : row.content
      return { ...row, subject, branch, is_ambiguous: isAmbiguous, content }
    })
    await replace(
      tx,
      united.map(({ row }) => row),
      moved,
    )
  },
})

const replace = async (tx: Transaction, gone: readonly Row[], rows: readonly Row[]): Promise<void> => {
  await tx.query(
    `DELETE FROM evidence AS kept USING unnest($1::text[], $2::text[]) AS gone (subject, evidence_type)
     WHERE kept.subject = gone.subject AND kept.evidence_type = gone.evidence_type`,
    [gone.map((row) => row.subject), gone.map((row) => row.evidence_type)],
  )
  await tx.query(
    `INSERT INTO evidence (${columns})
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::boolean[], $6::bigint[], $7::bigint[],
                          $8::bytea[])`,
    [
      rows.map((row) => row.subject),
      rows.map((row) => row.evidence_type),
      rows.map((row) => row.version),
      rows.map((row) => row.branch),
      rows.map((row) => row.is_ambiguous),
      rows.map((row) => row.as_of_ms),
      rows.map((row) => row.declared_at_ms),
      rows.map((row) => row.content),
    ],
  )
}
