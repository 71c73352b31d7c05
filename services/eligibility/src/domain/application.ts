import type { ApplicationFile } from '@unefois/proto/gen/unefois/eligibility/v1/application_file'
import type {
  Application,
  ApplicationState,
  Correction,
  Entry,
  Message,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import type { Fact, FactUsed, NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { Reason } from '@unefois/proto/reasons'
import { stateNamed } from './application-state.js'
import { withEntries } from './pieces.js'

/** An application as it is kept, with what did not come yet of what was asked; clock and open thread are computed when it is read. */
export interface KeptApplication extends ApplicationFile {
  readonly application: Application
}

/** As many may one person, or a helper for them, deposit within 24 hours: enough for every mistake, too little to fill a store. */
export const mostApplicationsPerDay = 10
export const applicationDayMs = 86_400_000
/** A thread and a list that grow without end would no longer fit into an answer. */
export const mostMessages = 200
export const mostCorrections = 50

/** Whether somebody can still do something about it: it waits for the person, or for the agency. */
export const isOpen = ({ state }: Pick<Application, 'state'>): boolean =>
  state === stateNamed.incomplete || state === stateNamed['in-review']

/** What became of an application, or why nothing may. */
export type Change = KeptApplication | { readonly refusal: Extract<Reason, 'APPLICATION_ENDED'> }

const changed = (
  { application, awaited, ...rest }: KeptApplication,
  change: Partial<Application>,
  stillAwaited: ApplicationFile['awaited'] = awaited,
): KeptApplication => ({
  ...rest,
  application: { ...application, ...change, revision: application.revision + 1 },
  awaited: stillAwaited,
})

const whileOpen = (kept: KeptApplication, change: () => KeptApplication): Change =>
  isOpen(kept.application) ? change() : { refusal: 'APPLICATION_ENDED' }

const stateFor = (corrections: readonly Correction[]): ApplicationState =>
  corrections.some(({ resolvedAtMs }) => resolvedAtMs === 0) ? stateNamed.incomplete : stateNamed['in-review']

/** The application that begins with what was deposited; what is missing of it is asked at once, and refuses nothing. */
export const deposited = (given: Application, missing: Correction | undefined): KeptApplication => {
  const corrections = missing ? [missing] : []
  return {
    application: { ...given, corrections, state: stateFor(corrections), revision: 1 },
    awaited: corrections.map(({ correctionId, fields }) => ({ correctionId, fields: [...fields] })),
  }
}

/** Something more was asked of the person. */
export const asked = (kept: KeptApplication, correction: Correction): Change =>
  whileOpen(kept, () => {
    const corrections = [...kept.application.corrections, correction]
    const { correctionId, fields } = correction
    return changed(kept, { corrections, state: stateFor(corrections) }, [
      ...kept.awaited,
      { correctionId, fields: [...fields] },
    ])
  })

/** The person gave something; what was asked is answered once all of its fields came after the asking. */
export const piecesAdded = (
  kept: KeptApplication,
  { entries, facts }: { readonly entries: readonly Entry[]; readonly facts: readonly Fact[] },
  atMs: number,
): Change =>
  whileOpen(kept, () => {
    const { application } = kept
    const came = new Set(entries.map(({ field }) => field))
    const rest = kept.awaited.map((each) => ({ ...each, fields: each.fields.filter((field) => !came.has(field)) }))
    const answered = new Set(rest.flatMap(({ correctionId, fields }) => (fields.length === 0 ? [correctionId] : [])))
    const corrections = application.corrections.map((each) =>
      each.resolvedAtMs === 0 && answered.has(each.correctionId) ? { ...each, resolvedAtMs: atMs } : each,
    )
    const stated = new Map([...application.facts, ...facts].map((fact) => [fact.name, fact]))
    return changed(
      kept,
      {
        entries: withEntries(application.entries, entries),
        facts: [...stated.values()],
        corrections,
        state: stateFor(corrections),
      },
      rest.filter(({ correctionId }) => !answered.has(correctionId)),
    )
  })

const withMessage = (kept: KeptApplication, message: Message): KeptApplication =>
  changed(kept, { messages: [...kept.application.messages, message] })

/** Whether the person was asked for their observations in a review that lasts, so that they can answer in their thread. */
export const isHeard = ({ heardInReview }: Pick<KeptApplication, 'heardInReview'>): boolean =>
  heardInReview !== undefined

/** The thread is open as long as the application is, and again while the person is heard in a review of its decision. */
export const messageSent = (kept: KeptApplication, message: Message): Change =>
  isHeard(kept) ? withMessage(kept, message) : whileOpen(kept, () => withMessage(kept, message))

/** The person is asked for their observations in a review of the decision. */
export const askedForObservations = (kept: KeptApplication, message: Message, reviewId: string): KeptApplication => ({
  ...withMessage(kept, message),
  heardInReview: reviewId,
})

/** The review of the decision ended with it standing, and the person is told. */
export const toldUpheld = (kept: KeptApplication, message: Message): KeptApplication => ({
  ...withMessage(kept, message),
  heardInReview: undefined,
})

/**
 * Evidence in the file is no longer right: it is unknown until somebody examines the file again, and a decision that was prepared
 * on it has to be prepared anew.
 */
export const evidenceOutdated = (kept: KeptApplication, isOutdated: (used: FactUsed) => boolean): Change =>
  whileOpen(kept, () => changed(kept, { used: kept.application.used.filter((each) => !isOutdated(each)) }))

export const withdrawn = (kept: KeptApplication): Change =>
  whileOpen(kept, () => changed(kept, { state: stateNamed.withdrawn }, []))

/** What an examination was told; the latest replaces the one before. */
export const examined = (
  kept: KeptApplication,
  { used, notObtained }: { readonly used: readonly FactUsed[]; readonly notObtained: readonly NotObtained[] },
): Change => whileOpen(kept, () => changed(kept, { used: [...used], notObtained: [...notObtained] }))

/** Silence spoke. */
export const silenceSpoke = (kept: KeptApplication, means: 'acceptance' | 'rejection'): Change =>
  whileOpen(kept, () =>
    changed(kept, {
      state: means === 'acceptance' ? stateNamed['accepted-by-silence'] : stateNamed['rejected-by-silence'],
    }),
  )

/** A decision was issued; an implied rejection does not stand in its way. */
export const decided = (kept: KeptApplication, state: ApplicationState, decisionId: string): Change => {
  const { application } = kept
  return isOpen(application) || application.state === stateNamed['rejected-by-silence']
    ? changed(kept, { state, decisionId }, [])
    : { refusal: 'APPLICATION_ENDED' }
}

/** Another decision was issued in the place of the one that ended it, and the review with it. */
export const decidedAnew = (
  kept: KeptApplication,
  state: ApplicationState,
  decisionId: string,
  replaces: string,
): Change =>
  kept.application.decisionId === replaces
    ? { ...changed(kept, { state, decisionId }, []), heardInReview: undefined }
    : { refusal: 'APPLICATION_ENDED' }
