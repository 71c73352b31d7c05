import type { Deadline } from '@unefois/chassis/deadline'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type ApplicationView, applicationIn } from '../rest/application-views.js'
import { type DecisionView, decisionIn } from '../rest/decision-views.js'
import { type MissingView, type ProcedureView, procedureView } from '../rest/eligibility-views.js'
import { simulated } from '../simulation.js'
import type { PageDoor } from './page-door.js'
import type { PersonalVisit, Visit } from './visit.js'

/** An application with what its page knows of its procedure and decision; a page is shown without. */
export interface ShownApplication {
  readonly application: ApplicationView
  readonly procedure: ProcedureView | undefined
  readonly questions: ReadonlyMap<string, MissingView>
  readonly decision: DecisionView | undefined
}

/** With what a person's own request goes to a service. */
export const ownCall = ({ deadline, session }: PersonalVisit): { deadline: Deadline; accessToken: string } => ({
  deadline,
  accessToken: session.accessToken,
})

/** The application that the address names. Error: APPLICATION_UNKNOWN. */
export const applicationIdOf = ({ params }: Visit): string => {
  const read = z.uuid().safeParse(params.id)
  if (!read.success) throw new MeshError('APPLICATION_UNKNOWN')
  return read.data
}

/** The person's own application. Error: APPLICATION_UNKNOWN for one that is not theirs. */
export const readApplication = async ({ context }: PageDoor, visit: PersonalVisit): Promise<ApplicationView> =>
  applicationIn(
    await context.neighbours.applications.getApplication({ applicationId: applicationIdOf(visit) }, ownCall(visit)),
  )

/** Its decision. Error: DECISION_UNKNOWN where there is none yet. */
export const decisionIdOf = ({ decisionId }: ApplicationView): string => {
  if (decisionId === null) throw new MeshError('DECISION_UNKNOWN')
  return decisionId
}

/** A decision as it was issued. Error: DECISION_UNKNOWN. */
export const readDecision = async (
  { context }: PageDoor,
  visit: PersonalVisit,
  decisionId: string,
): Promise<DecisionView> => decisionIn(await context.neighbours.decisions.getDecision({ decisionId }, ownCall(visit)))

/** The procedure as it is published now; undefined where it is published no more. */
export const procedureNow = async (
  { context }: PageDoor,
  { deadline }: Visit,
  id: string,
): Promise<ProcedureView | undefined> => {
  try {
    const { procedure } = await context.neighbours.procedures.getProcedure({ id }, { deadline })
    return procedure && procedureView(procedure)
  } catch (thrown) {
    if (toMeshError(thrown).reason === 'PROCEDURE_UNKNOWN') return undefined
    throw thrown
  }
}

/** How the rule asks for each fact: for its words and units only, so nothing fails without. */
const questionsOf = async (
  { context }: PageDoor,
  { deadline, language }: Visit,
  benefit: string,
): Promise<ReadonlyMap<string, MissingView>> => {
  try {
    const found = await simulated(
      context.neighbours.eligibility,
      { benefit, day: '', language, facts: [] },
      deadline.keepingBack(deadline.remainingMs()),
    )
    return new Map('finding' in found ? found.finding.missing.map((one) => [one.name, one]) : [])
  } catch (thrown) {
    context.log.warn({ reason: toMeshError(thrown).reason }, 'the questions of a rule are not known')
    return new Map()
  }
}

/** An application and what is shown with it. */
export const readShown = async (
  door: PageDoor,
  visit: PersonalVisit,
  application: ApplicationView,
): Promise<ShownApplication> => {
  const { decisionId } = application
  const [procedure, decision] = await Promise.all([
    procedureNow(door, visit, application.procedure),
    decisionId === null ? undefined : readDecision(door, visit, decisionId),
  ])
  const benefit = procedure?.benefit ?? null
  const questions = benefit === null ? new Map() : await questionsOf(door, visit, benefit)
  return { application, procedure, questions, decision }
}
