import type { FieldFault } from '@unefois/proto/hand'
import { MeshError, type Reason } from '@unefois/proto/reasons'

const facts = ({ field, what }: FieldFault) => ({ detail: `${field} ${what}.`.trimStart(), facts: { field, what } })

/** What does not fit: its field, and what it should be; never a value. */
export const invalid = (fault: FieldFault): MeshError => new MeshError('APPOINTMENT_INVALID', facts(fault))

/** Error: what is wrong with a field, if anything is. */
export const requireSound = (fault: FieldFault | undefined): void => {
  if (fault) throw invalid(fault)
}

/** Error: the refusal, if there is one. */
export const requireNone = (refusal: Reason | undefined): void => {
  if (refusal) throw new MeshError(refusal)
}

export const preApplicationInvalid = (fault: FieldFault): MeshError =>
  new MeshError('PRE_APPLICATION_INVALID', facts(fault))

/** Error: VISIT_INVALID for what is wrong with a meeting of a visit, if anything is. */
export const requireSoundVisit = (fault: FieldFault | undefined): void => {
  if (fault) throw new MeshError('VISIT_INVALID', facts(fault))
}
