import type { Release } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import type { RuleBook } from '../rule-book.js'
import type { StoredRelease } from '../store/rule-releases.js'

/** A published release as others see it. */
export const releaseView = (book: RuleBook, stored: StoredRelease): Release => {
  const release = book.describe(stored)
  return {
    sha256: stored.sha256,
    benefit: stored.benefit,
    title: release.title,
    validFrom: stored.validity.from,
    validTo: stored.validity.to ?? '',
    author: release.author,
    reviewer: release.reviewer,
    legalReferences: Object.values(release.references).map(({ citation, checked, source = '' }) => ({
      citation,
      checked,
      source,
    })),
    scope: [...release.scope],
    publishedAtMs: stored.publishedAtMs,
    replacedBy: stored.replacedBy ?? '',
  }
}
