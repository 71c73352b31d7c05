import { Channel } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { applicationIn, entriesOf } from '../rest/application-views.js'
import type { MissingView, ProcedureView } from '../rest/eligibility-views.js'
import { factOf } from '../simulation.js'
import { checkApplicationPage } from './application-check.js'
import { examine } from './application-examination.js'
import {
  type Applied,
  type ApplyFaults,
  applicationForm,
  appliedIn,
  applyPage,
  nothingApplied,
  statedIn,
} from './application-form.js'
import { type ApplicationPlan, planOf } from './application-plan.js'
import { publishedProcedure } from './guide-pages.js'
import type { PageDoor } from './page-door.js'
import type { Page, PageAnswer, PersonalVisit } from './visit.js'

const isFaulty = ({ fields, facts }: ApplyFaults): boolean => fields.length + facts.length > 0

/** A form that was read, for the procedure as it is now. */
interface Read {
  readonly procedure: ProcedureView
  readonly applied: Applied
  readonly stated: ReturnType<typeof statedIn>
}

/** An agency's own pages for applying: a form in which nothing is mandatory, a check, and the deposit. */
export const addApplicationDepositPages = (door: PageDoor): void => {
  const { applications } = door.context.neighbours

  const procedureOf = async (visit: PersonalVisit): Promise<ProcedureView> => {
    const procedure = await publishedProcedure(door, visit)
    if (!procedure.application) throw new MeshError('APPLICATION_NOT_TAKEN')
    return procedure
  }

  /** Undefined for a form of another version of the procedure, which may have asked for something else in these places. */
  const read = async (
    visit: PersonalVisit,
    sent: { readonly key: string; readonly version: string },
  ): Promise<Read | { readonly procedure: ProcedureView }> => {
    const procedure = await procedureOf(visit)
    if (sent.version !== procedure.sha256) return { procedure }
    const applied = appliedIn(procedure, sent)
    return { procedure, applied, stated: statedIn(applied) }
  }

  /** The form again, with all its questions. */
  const formAgain = async (
    visit: PersonalVisit,
    procedure: ProcedureView,
    applied: Applied,
    faults?: ApplyFaults,
  ): Promise<Page> => applyPage(visit, procedure, await planOf(door, visit, procedure), applied, faults)

  const checked = async (
    visit: PersonalVisit,
    { procedure, applied, stated }: Read,
  ): Promise<
    { readonly plan: ApplicationPlan; readonly questions: readonly MissingView[] } | { readonly again: Page }
  > => {
    const [all, plan] = await Promise.all([
      planOf(door, visit, procedure),
      planOf(door, visit, procedure, stated.facts),
    ])
    const faults = {
      fields: stated.faults.fields,
      facts: [...stated.faults.facts, ...(plan.faulty === '' ? [] : [plan.faulty])],
    }
    return isFaulty(faults)
      ? { again: applyPage(visit, procedure, all, applied, faults) }
      : { plan, questions: all.questions }
  }

  const deposit = async (visit: PersonalVisit, { procedure, applied, stated }: Read): Promise<PageAnswer> => {
    const { person, session, deadline, language } = visit
    const { applicationId } = applicationIn(
      await applications.submitApplication(
        {
          subject: person.subject,
          procedure: procedure.id,
          channel: Channel.CHANNEL_ONLINE,
          depositedAtMs: 0,
          entries: entriesOf(stated.entries),
          facts: [...stated.facts].map(([name, value]) => factOf(name, value)),
          language,
          appealedDecisionId: '',
          by: undefined,
        },
        { deadline, accessToken: session.accessToken, idempotencyKey: applied.key },
      ),
    )
    const examined = await examine(door, visit, { applicationId, procedure, stated: stated.facts, key: applied.key })
    return { redirectTo: `/applications/${applicationId}?deposited=${examined}` }
  }

  door.showPersonal('/apply/:id', async (visit) => formAgain(visit, await procedureOf(visit), nothingApplied()))

  door.submit('/apply/:id/check', applicationForm, async (visit, sent) => {
    const form = await read(visit, sent)
    if (!('applied' in form)) return formAgain(visit, form.procedure, nothingApplied())
    const found = await checked(visit, form)
    if ('again' in found) return found.again
    const { procedure, applied, stated } = form
    return checkApplicationPage(visit, procedure, found.plan, applied, stated.facts, found.questions)
  })

  door.submit('/apply/:id/edit', applicationForm, async (visit, sent) => {
    const form = await read(visit, sent)
    return formAgain(visit, form.procedure, 'applied' in form ? form.applied : nothingApplied())
  })

  door.submit('/apply/:id/deposit', applicationForm, async (visit, sent) => {
    const form = await read(visit, sent)
    if (!('applied' in form)) return formAgain(visit, form.procedure, nothingApplied())
    const { procedure, applied, stated } = form
    if (isFaulty(stated.faults)) return formAgain(visit, procedure, applied, stated.faults)
    try {
      return await deposit(visit, form)
    } catch (thrown) {
      const { reason, facts } = toMeshError(thrown)
      const field = facts.field ?? ''
      const isFact = stated.facts.has(field)
      if ((reason !== 'FACT_INVALID' && reason !== 'APPLICATION_INVALID') || !isFact) throw thrown
      return formAgain(visit, procedure, applied, { fields: [], facts: [field] })
    }
  })
}
