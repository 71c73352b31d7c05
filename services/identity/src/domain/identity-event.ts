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
  subjectProtected: 'identity.subject-protected.v1',
  subjectProtectionEnded: 'identity.subject-protection-ended.v1',
}

/** What tells that somebody is, or was, protected. */
export const protectionTypes: readonly string[] = [eventTypes.subjectProtected, eventTypes.subjectProtectionEnded]

/** The services of an agency that keep pseudonyms of their own, by their bus names. */
export const keepers = ['documents', 'consent', 'consent-authority', 'eligibility', 'appointments'] as const
export type Keeper = (typeof keepers)[number]

/** Who of the agency's own services hears a change too: those that must follow it in what they keep. */
export const heardBy: Readonly<Record<Change['$case'], readonly Keeper[]>> = {
  subjectMerged: keepers,
  subjectSplit: keepers,
  subjectDeceased: [],
  pivotCorrected: [],
  questionDecided: [],
  epochOpened: keepers,
  subjectProtected: ['documents', 'appointments'],
  subjectProtectionEnded: ['documents', 'appointments'],
}
