import type { Operation } from './operation.js'

// What may be kept of the answers of this door: decided here, for each operation that reads.

/**
 * Answers with values of evidence, of declarations or of applications, with a person's own words about them, or with where
 * somebody will be: nobody keeps them, so they have no ETag. Free slots are old at once.
 */
const neverKept = new Set([
  'getExchange',
  'previewEvidence',
  'listHoldings',
  'listOwnContests',
  'listContests',
  'getStatementOnHonour',
  'listOwnDeclarations',
  'listDeclarations',
  'listApplications',
  'getApplication',
  'getDecision',
  'explainDecision',
  'listReviews',
  'readFeed',
  'searchSlots',
  'listAppointments',
  'getAppointment',
  'getCalendarFile',
  'listWaiting',
  'getVisit',
  'listTickets',
  'listCallbacks',
])

/** Answers about a person or an agency without any value: kept by who asked, and asked again each time (ETag). */
const keptPrivately = new Set([
  'getMe',
  'listAccesses',
  'getAccessProof',
  'listConsents',
  'getConsentOutcome',
  'listCorrections',
  'getCorrectionReport',
  'listReAsks',
  'listDeclarationReceivers',
  'listEvents',
  'listWebhooks',
  'listSubscriptions',
  'getSubscription',
  'attestAcceptance',
  'listDelegations',
  'getCalendar',
  'findCommunes',
  'listVisitOffers',
])

/** `public` is the same for everybody; `undecided` is not kept either, and a test refuses it. */
export type Caching = 'public' | 'private' | 'never' | 'undecided'

/** What may be kept of an operation's answers. */
export const cachingOf = ({ id, method, isPublic }: Pick<Operation, 'id' | 'method' | 'isPublic'>): Caching => {
  if (method !== 'GET' || neverKept.has(id)) return 'never'
  if (keptPrivately.has(id)) return 'private'
  return isPublic ? 'public' : 'undecided'
}

/** The headers that say so. A private answer depends on who asks. */
export const cachingHeaders: Readonly<Record<Caching, Readonly<Record<string, string>>>> = {
  public: { 'cache-control': 'public, max-age=60' },
  private: { 'cache-control': 'private, no-cache', vary: 'Authorization' },
  never: { 'cache-control': 'no-store' },
  undecided: { 'cache-control': 'no-store' },
}

/** Whether answers have a validator. */
export const hasEtag = (caching: Caching): boolean => caching === 'public' || caching === 'private'
