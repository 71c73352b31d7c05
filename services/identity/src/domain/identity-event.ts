import type { IdentityChange } from '@unefois/proto/gen/unefois/identity/v1/identity'

type Change = NonNullable<IdentityChange['change']>

/** CloudEvents type of each change that the identity authority tells a member. */
export const eventTypes: Readonly<Record<Change['$case'], string>> = {
  subjectMerged: 'identity.subject-merged.v1',
  subjectSplit: 'identity.subject-split.v1',
  subjectDeceased: 'identity.subject-deceased.v1',
  pivotCorrected: 'identity.pivot-corrected.v1',
  questionDecided: 'identity.question-decided.v1',
  epochOpened: 'identity.epoch-opened.v1',
}
