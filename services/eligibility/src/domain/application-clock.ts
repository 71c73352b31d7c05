import type {
  Application,
  ApplicationState,
  SilenceClock,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { isOpen, type KeptApplication } from './application.js'
import { stateNamed } from './application-state.js'
import type { ProcedureData, Term } from './procedure.js'
import { type ClockInput, dayOfSilence, silenceClock } from './silence-clock.js'
import { dayAfterTerm, daysLater } from './term.js'

type Procedure = Pick<ProcedureData, 'silence' | 'references' | 'application'>

/** The day in Europe/Paris of a moment, YYYY-MM-DD. */
export type DayOf = (ms: number) => string

interface Silence {
  readonly means: 'acceptance' | 'rejection' | 'none'
  readonly after: Term | undefined
  readonly reference: string
}

/**
 * What silence means for an application. On an appeal it rejects, whatever it means for a first application, and after two months
 * where the procedure does not itself reject (CRPA L231-4, 2°, and L231-6).
 */
const silenceOf = ({ silence, references }: Procedure, { appealedDecisionId }: Application): Silence => {
  const { means, after, reference } = silence
  const own = { means, after, reference: references[reference]?.citation ?? '' }
  if (appealedDecisionId === '' || (means === 'rejection' && after)) return own
  return { means: 'rejection', after: { count: 2, unit: 'months' }, reference: 'CRPA, article L231-4, 2°' }
}

const inputOf = (
  { corrections, depositedAtMs }: Application,
  { means, after }: Silence,
  dayOf: DayOf,
): Omit<ClockInput, 'today'> | undefined =>
  means === 'none' || !after
    ? undefined
    : {
        depositDay: dayOf(depositedAtMs),
        period: after,
        regime: means,
        resume: 'continue',
        corrections: corrections.map(({ askedAtMs, resolvedAtMs, untilDay, isIncomplete }) => ({
          askedDay: dayOf(askedAtMs),
          resolvedDay: resolvedAtMs === 0 ? undefined : dayOf(resolvedAtMs),
          untilDay,
          isIncomplete,
        })),
      }

const spoke: readonly ApplicationState[] = [stateNamed['accepted-by-silence'], stateNamed['rejected-by-silence']]

/** When silence speaks of an application, or when it spoke; without a day once somebody decided or withdrew it. */
export const clockOf = (application: Application, procedure: Procedure, today: string, dayOf: DayOf): SilenceClock => {
  const silence = silenceOf(procedure, application)
  const input = inputOf(application, silence, dayOf)
  const told = { means: silence.means, legalReference: silence.reference }
  if (!input || !(isOpen(application) || spoke.includes(application.state)))
    return { ...told, dueDay: '', isWaiting: false }
  return { ...told, ...silenceClock({ ...input, today }) }
}

/** Whether silence has spoken of an open application on a day, and what it said. */
export const silenceSpeaks = (
  application: Application,
  procedure: Procedure,
  today: string,
  dayOf: DayOf,
): 'acceptance' | 'rejection' | undefined => {
  const { means, dueDay, isWaiting } = clockOf(application, procedure, today, dayOf)
  if (!isOpen(application) || isWaiting || dueDay === '' || dueDay > today) return undefined
  return means === 'acceptance' || means === 'rejection' ? means : undefined
}

/** Months for which an application is kept whose procedure does not say. */
const usualRetention: Term = { count: 60, unit: 'months' }

/** Until when a file is to be looked at again, and until when it is kept. */
export interface ApplicationDates {
  /** The day (Europe/Paris) on which silence speaks if nobody does anything more. */
  readonly dueDay: string | undefined
  /** Milliseconds since the epoch; absent while it is open. */
  readonly deleteAfterMs: number | undefined
}

/** What stands beside a file: an open one is never deleted, an ended one after the retention of its procedure. */
export const datesOf = (
  { application }: KeptApplication,
  procedure: Procedure,
  today: string,
  dayOf: DayOf,
): ApplicationDates => {
  const input = inputOf(application, silenceOf(procedure, application), dayOf)
  if (isOpen(application)) return { dueDay: input && dayOfSilence(input), deleteAfterMs: undefined }
  const lastDay = dayAfterTerm(today, procedure.application?.retention.after ?? usualRetention)
  return { dueDay: undefined, deleteAfterMs: Date.parse(`${daysLater(lastDay, 1)}T00:00:00Z`) }
}
