import { type SubjectTable, unitingTable } from '@unefois/subjects/tables'

const united = unitingTable('opposition', {
  key: ['purpose'],
  others: { opposed_at_ms: 'min', kept_until_ms: 'max' },
})

/** Oppositions unite. Comes after what was collected: an opposition that one pseudonym brings is one to what the other has. */
export const movedOppositions: SubjectTable = {
  name: united.name,
  move: async (tx, moves) => {
    await united.move(tx, moves)
    await tx.query(
      `DELETE FROM received_evidence USING proactive_collection AS collected, opposition AS opposed
       WHERE received_evidence.exchange_id = collected.exchange_id AND collected.subject = opposed.subject
         AND collected.purpose = opposed.purpose AND opposed.subject = ANY($1)`,
      [moves.map(({ subject }) => subject)],
    )
  },
}
