import { plainTable, type SubjectTable, unitingTable } from '@unefois/subjects/tables'

/** Every table of a member's own consent that keeps people; each has a trigger of chassis 0002. */
export const agencySubjectTables: readonly SubjectTable[] = [
  plainTable('notice'),
  plainTable('basis_statement'),
  plainTable('consent_request'),
  plainTable('consent_artefact'),
  plainTable('contact'),
  unitingTable('opposition', { key: ['purpose'], others: { kept_until_ms: 'max' } }),
]

/** The same of the consent authority. The sealed subjects of its copies are for their parties alone, and stay as they are. */
export const authoritySubjectTables: readonly SubjectTable[] = [plainTable('consent_request'), plainTable('consent')]
