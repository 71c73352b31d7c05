import { parisDay } from '@unefois/chassis/clock'
import type { RuntimeOverrides } from '@unefois/chassis/runtime'
import { type RunningService, served, startService } from '@unefois/chassis/service'
import { EligibilityServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { ProcedureServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { RuleServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { subjectConsumers } from '@unefois/subjects/consumers'
import { everybodyReady } from '@unefois/subjects/subjects'
import { afterExamination, isAppealable } from './after-examination.js'
import { forgetEnded, letSilenceSpeak } from './application-chores.js'
import { applicationService } from './application-service.js'
import type { EligibilityConfig } from './config.js'
import { type EligibilityContext, fromConfig } from './context.js'
import { decidedApplications } from './decided-applications.js'
import { decisionService } from './decision-service.js'
import { reviewConsumers, reviewService } from './review-service.js'
import { rightsService } from './rights-service.js'
import { assess } from './rpc/assess.js'
import { getProcedure } from './rpc/get-procedure.js'
import { getRelease } from './rpc/get-release.js'
import { listProcedures } from './rpc/list-procedures.js'
import { listReleases } from './rpc/list-releases.js'
import { planAssessment } from './rpc/plan-assessment.js'
import { publishProcedure } from './rpc/publish-procedure.js'
import { publishRelease } from './rpc/publish-release.js'
import { simulate } from './rpc/simulate.js'
import { Decisions } from './store/decisions.js'
import { Delegations } from './store/delegations.js'

/** Silence speaks at the beginning of a day; so often it is looked for. */
const silenceMs = 60_000
const retentionMs = 60_000
/** How often a part of a move to another epoch of pseudonyms is made, while one is under way. */
const moveMs = 1000

/** What applications, the decisions on them, and the reviews of those need of each other. */
const openFiles = (context: EligibilityContext) => {
  const deciding = {
    ...context,
    delegations: new Delegations(context.runtime.postgres),
    decisions: new Decisions({ postgres: context.runtime.postgres, fileKeys: context.fileKeys }),
    applications: decidedApplications(context),
  }
  const applying = {
    ...context,
    isAppealable: isAppealable(deciding),
    afterExamination: afterExamination(deciding, context),
  }
  const reviewing = { ...context, decisions: deciding.decisions }
  return { applying, deciding, reviewing }
}

/** Starts one eligibility instance of one member. */
export const startEligibility = async (
  config: EligibilityConfig,
  overrides: RuntimeOverrides = {},
): Promise<RunningService> => {
  const context = await fromConfig(config, overrides)
  const { applying, deciding, reviewing } = openFiles(context)
  return startService(context.runtime, config, {
    definition: EligibilityServiceDefinition,
    implementation: {
      simulate: simulate(context),
      planAssessment: planAssessment(context),
      assess: assess(context),
    },
    further: [
      served(RuleServiceDefinition, {
        publishRelease: publishRelease(context),
        listReleases: listReleases(context),
        getRelease: getRelease(context),
      }),
      served(ProcedureServiceDefinition, {
        publishProcedure: publishProcedure(context),
        listProcedures: listProcedures(context),
        getProcedure: getProcedure(context),
      }),
      applicationService(applying),
      decisionService(deciding),
      rightsService(deciding),
      reviewService(reviewing),
    ],
    consumers: { ...subjectConsumers(context.subjects, context.runtime.clock), ...reviewConsumers(reviewing) },
    prepare: everybodyReady(context.subjects, () => undefined),
    chores: [
      { everyMs: moveMs, run: () => context.subjects.moveOn() },
      { everyMs: silenceMs, run: () => letSilenceSpeak(context) },
      { everyMs: retentionMs, run: () => forgetEnded(context) },
      {
        everyMs: retentionMs,
        run: async () => void (await deciding.decisions.deleteEnded(parisDay(context.runtime.clock))),
      },
    ],
  })
}
