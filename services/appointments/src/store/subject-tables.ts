import { plainTable, type SubjectTable } from '@unefois/subjects/tables'

/** Every table of appointments that keeps people, in the order in which requests lock rows; each has a trigger of chassis 0002. */
export const subjectTables: readonly SubjectTable[] = [
  plainTable('appointment'),
  plainTable('booking_link'),
  plainTable('waiting'),
  plainTable('ticket'),
  plainTable('callback'),
  plainTable('visit'),
]
