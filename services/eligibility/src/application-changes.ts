import type { Caller } from '@unefois/chassis/caller'
import { parisDay } from '@unefois/chassis/clock'
import type { Queryable, Transaction } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import { Application, type Hand } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type FieldFault, handOf, type NamedHand } from '@unefois/proto/hand'
import { MeshError } from '@unefois/proto/reasons'
import type { ApplicationNeeds } from './application-needs.js'
import { type Change, isHeard, isOpen, type KeptApplication } from './domain/application.js'
import { clockOf, datesOf, silenceSpeaks } from './domain/application-clock.js'
import { shownToPerson } from './domain/hand.js'
import type { ProcedureData } from './domain/procedure.js'

type Reading = Pick<ApplicationNeeds, 'runtime' | 'applications' | 'procedureBook' | 'subjects'>

/** The day in Europe/Paris of a moment. */
export const dayAt = (ms: number): string => parisDay({ nowMs: () => ms, monotonicMs: () => 0 })

/** What does not fit: its field, and what it should be; never a value. */
export const invalid = ({ field, what }: FieldFault): MeshError =>
  new MeshError('APPLICATION_INVALID', { detail: `${field} ${what}.`.trimStart(), facts: { field, what } })

/** Whose hand it was. Error: APPLICATION_INVALID naming what is missing of the name. */
export const handBehind = ({ caller }: Call, by: Hand | undefined, allowed: readonly NamedHand[]): Hand => {
  const hand = handOf(caller.kind === 'person' ? 'person' : 'system', by, allowed)
  if ('field' in hand) throw invalid(hand)
  return hand
}

/** A person acts for themselves alone; of another's application they do not even hear that there is one. */
const requireOwn = async (
  { subjects }: Reading,
  caller: Caller,
  kept: KeptApplication | undefined,
  db?: Queryable,
): Promise<KeptApplication> => {
  const isOwn =
    kept && (caller.kind !== 'person' || (await subjects.areSame(kept.application.subject, caller.subject, db)))
  if (!isOwn) throw new MeshError('APPLICATION_UNKNOWN')
  return kept
}

export const procedureOf = (
  { procedureBook }: Pick<Reading, 'procedureBook'>,
  { application: { procedure, procedureSha256 } }: KeptApplication,
  db?: Queryable,
): Promise<ProcedureData> => procedureBook.version(procedure, procedureSha256, db)

/** An application that the caller may read. Error: APPLICATION_UNKNOWN, also for another person's. */
export const applicationFor = async (
  needs: Reading,
  { caller }: Pick<Call, 'caller'>,
  applicationId: string,
): Promise<KeptApplication> => requireOwn(needs, caller, await needs.applications.get(applicationId))

/** Error: APPLICATION_ENDED, also from the moment at which silence has spoken, before the chore keeps it. */
export const requireOpen = (needs: Reading, { application }: KeptApplication, procedure: ProcedureData): void => {
  const today = parisDay(needs.runtime.clock)
  if (!isOpen(application) || silenceSpeaks(application, procedure, today, dayAt))
    throw new MeshError('APPLICATION_ENDED')
}

/** An application as its reader sees it, with its clock as of now. */
export const applicationView = (
  { runtime }: Pick<Reading, 'runtime'>,
  kept: KeptApplication,
  procedure: ProcedureData,
  { caller }: Pick<Call, 'caller'>,
): Application => {
  const { application } = kept
  const today = parisDay(runtime.clock)
  const clock = clockOf(application, procedure, today, dayAt)
  const isUndecided = isOpen(application) && !silenceSpeaks(application, procedure, today, dayAt)
  const whole = { ...application, clock, takesMessages: isUndecided || isHeard(kept) }
  return caller.kind === 'person' ? shownToPerson(whole) : whole
}

/** What fits, sealed and encoded, into one message of 256 kB with room to spare. */
const mostBytes = 160_000

/** Error: APPLICATION_INVALID for a file that has grown so large that nobody could read it at once. */
export const requireFits = ({ application }: KeptApplication): void => {
  if (Application.encode(application).finish().length > mostBytes)
    throw invalid({ field: '', what: 'The file is full: go on by the service in charge' })
}

/** Keeps a change of a locked application. Error: the refusal of the change. */
export const keepChange = async (
  { runtime, applications }: Pick<Reading, 'runtime' | 'applications'>,
  tx: Transaction,
  before: KeptApplication,
  after: Change,
  procedure: ProcedureData,
): Promise<KeptApplication> => {
  if ('refusal' in after) throw new MeshError(after.refusal)
  return applications.save(tx, before, after, datesOf(after, procedure, parisDay(runtime.clock), dayAt))
}

const change = async (
  needs: Reading,
  tx: Transaction,
  { caller }: Pick<Call, 'caller'>,
  applicationId: string,
  make: (kept: KeptApplication, procedure: ProcedureData) => Change | Promise<Change>,
): Promise<{ readonly kept: KeptApplication; readonly procedure: ProcedureData }> => {
  const before = await requireOwn(needs, caller, await needs.applications.lock(tx, applicationId), tx)
  const procedure = await procedureOf(needs, before, tx)
  const kept = await keepChange(needs, tx, before, await make(before, procedure), procedure)
  return { kept, procedure }
}

/**
 * Changes one open application under its lock. Errors: APPLICATION_UNKNOWN, APPLICATION_ENDED, and what `make` refuses with.
 */
export const changeApplication: typeof change = (needs, tx, call, applicationId, make) =>
  change(needs, tx, call, applicationId, (kept, procedure) => {
    requireOpen(needs, kept, procedure)
    return make(kept, procedure)
  })

/** The same for its thread, which is open again while the person is heard in a review. */
export const changeThread: typeof change = (needs, tx, call, applicationId, make) =>
  change(needs, tx, call, applicationId, (kept, procedure) => {
    if (!isHeard(kept)) requireOpen(needs, kept, procedure)
    return make(kept, procedure)
  })
