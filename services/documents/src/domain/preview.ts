import type { Authorisation } from '@unefois/proto/federation-list'
import type { Reason } from '@unefois/proto/reasons'
import type { AskedPredicate } from './evidence.js'
import type { Release } from './release.js'

/** How long an answer to a preview counts; one hour. */
export const answerValidityMs = 3_600_000

/** For whom and for what a preview was shown. */
export interface PreviewedUse {
  readonly subject: string
  readonly requester: string
  readonly purpose: string
  readonly evidenceType: string
  /** Of the request that the preview was for. */
  readonly basisId: string
}

/** What the person answered to what they saw. */
export interface PreviewAnswer {
  readonly answer: 'confirmed' | 'declined'
  readonly evidenceVersion: number
  /** Id of the authorisation whose fields were shown. */
  readonly authorisation: string
  readonly validUntilMs: number
}

/** All that a release could contain: a question about a second person cannot be shown before that person is named. */
export const previewed = ({
  mode,
  fields,
  predicates,
}: Authorisation): { readonly fields: readonly string[]; readonly predicates: readonly AskedPredicate[] } =>
  mode === 'explicit-request'
    ? {
        fields,
        predicates: predicates
          .filter(({ kind }) => kind !== 'related-subject')
          .map(({ id }) => ({ id, argument: undefined })),
      }
    : { fields: [], predicates: [] }

/**
 * In explicit-request mode: the person has seen exactly this and confirmed it (Regulation (EU) 2018/1724, article 14). Where
 * nothing is released there is nothing to preview.
 */
export const previewRefusal = (
  authorisation: Pick<Authorisation, 'id'>,
  release: Release,
  answer: PreviewAnswer | undefined,
  nowMs: number,
): Reason | undefined => {
  if (release.kind !== 'released') return undefined
  if (!answer || nowMs >= answer.validUntilMs) return 'PREVIEW_REQUIRED'
  if (answer.answer === 'declined') return 'PREVIEW_DECLINED'
  const isWhatWasShown = answer.evidenceVersion === release.version && answer.authorisation === authorisation.id
  return isWhatWasShown ? undefined : 'PREVIEW_REQUIRED'
}
